// A response that is not the service's: of a proxy that redirects or asks for a password, or of
// another program.

import Curl

/// What is known of a response that is not the service's.
package struct ForeignResponse: Hashable, Sendable {
    /// The HTTP status; `nil` for what is not even HTTP.
    package var status: Int?
    /// The base URL that the service has moved to: a redirect that changes nothing but that. A path
    /// alone, such as `/tardis`, where the machine stays.
    package var movedTo: String?
    /// The target of any other redirect, without its query.
    package var location: String?
    /// The scheme of the challenge, such as `Basic`.
    package var challenge: String?
    /// Whether it is a page for a browser.
    package var isPage = false
}

extension ForeignResponse {
    /// - Parameter path: the path of the request, behind the base URL.
    init(_ head: ResponseHead, path: String) {
        self.init(
            status: head.status, challenge: ForeignResponse.challenge(head),
            isPage: head["Content-Type"]?.lowercased().hasPrefix("text/html") ?? false)
        guard (300..<400).contains(head.status), let text = head["Location"] else { return }
        let target = String(text.prefix { $0 != "?" && $0 != "#" })
        let route = path.prefix { $0 != "?" }
        let hasRoute = !route.isEmpty && target.hasSuffix(route)
        let base = hasRoute ? String(target.dropLast(route.count)) : ""
        if let address = try? ServiceAddress(base) {
            movedTo = address.url
        } else if base.hasPrefix("/"), !base.hasPrefix("//") {
            movedTo = base
        } else if [301, 308].contains(head.status), let address = try? ServiceAddress(target),
            address.origin == nil
        {
            // A permanent redirect to the root of another machine, as `return 301 https://HOST/;`.
            movedTo = address.url
        } else if !target.contains("@") {
            location = target
        }
    }

    /// Whether a proxy or web server asks for the password: the challenge of the service has a
    /// scheme of its own.
    static func wantsOtherPassword(_ head: ResponseHead) -> Bool {
        head.status == 401 && challenge(head).map { $0.lowercased() != "apikey" } ?? false
    }

    private static func challenge(_ head: ResponseHead) -> String? {
        guard let text = head["WWW-Authenticate"] ?? head["Proxy-Authenticate"] else { return nil }
        return text.split(separator: " ").first.map { String($0.prefix(32)) }
    }
}
