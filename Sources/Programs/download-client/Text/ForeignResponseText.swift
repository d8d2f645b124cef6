// What to do about answers that are not the service's: of proxies, web servers and other programs,
// and of addresses with a page behind them.

import APIClient

/// Explains foreign answers.
enum ForeignResponseText {
    private static let setURL = "Set --url or DOWNLOAD_SERVICE_URL to"
    private static let checkURL = "Check --url and DOWNLOAD_SERVICE_URL."

    /// What happened, then what to do.
    static func lines(_ answer: ForeignResponse, _ failure: ServiceFailure) -> [String] {
        let address = failure.address
        let between = "What stands before the service at \(address)"
        guard let status = answer.status else {
            return ["What answers at \(address) is not the download service (no HTTP). \(checkURL)"]
                + tlsHint(address)
        }
        switch status {
        case 300..<400:
            return redirect(answer, status, failure)
        case 401:
            let scheme = answer.challenge.map { ", \($0)" } ?? ""
            return [
                "\(between) asks for a password of its own (401\(scheme)), which API_TOKEN is not.",
                "Ask its operator for an address of the service without one.",
            ]
        case 407:
            return [
                "A proxy on the way to \(address) asks for a user and a password (407).",
                "Write them into http_proxy or https_proxy, or the machine into no_proxy.",
            ]
        case 429:
            return ["\(between) refuses further requests for now (429). Try again in a moment."]
        case 403:
            return [
                "\(between) refuses the request (403); the service has not seen it.",
                "Ask its operator, or \(checkURL.lowercasedFirst)",
            ]
        case 404, 405:
            return noRoute(status, failure)
        case 413:
            return [
                "\(between) refuses a request of this size (413).",
                "Ask for fewer symbols in one job. Its operator can allow more (nginx: "
                    + "client_max_body_size).",
            ]
        case 502...504:
            return [
                "Something in front of the service at \(address) answers with status \(status). "
                    + "Is the service running behind it? Try again in a moment."
            ]
        default:
            let what = answer.isPage ? "a page for browsers, status \(status)" : "status \(status)"
            return ["What answers at \(address) is not the download service (\(what)). \(checkURL)"]
                + (status == 400 ? tlsHint(address) : [])
        }
    }

    /// For what a TLS port answers to a request without TLS.
    private static func tlsHint(_ address: ServiceAddress) -> [String] {
        guard let scheme = address.url.firstRange(of: "http://"),
            scheme.lowerBound == address.url.startIndex
        else { return [] }
        let url = "https://\(address.url[scheme.upperBound...])"
        return ["Where it speaks TLS, \(setURL.lowercasedFirst) \(url)"]
    }

    /// For a missing route: the address holds the name of a page, or the service is an older one.
    static func noRoute(_ status: Int, _ failure: ServiceFailure) -> [String] {
        let first = "There is no such route at \(failure.address) (\(status))."
        guard let base = withoutPage(failure.address) else {
            return [
                first, "The service is older than this program, or another program. \(checkURL)",
            ]
        }
        return [
            first, "The address goes without the name of a page. \(setURL) \(base)",
        ]
    }

    /// The address without a route of the service at its end, else without its whole path; `nil`
    /// where it has none.
    private static func withoutPage(_ address: ServiceAddress) -> String? {
        guard let origin = address.origin else { return nil }
        let pages = ["docs", "redoc", "openapi.json", "health", "jobs", "download", "events"]
        let path = address.url.dropFirst(origin.count)
        guard let slash = path.lastIndex(of: "/"),
            pages.contains(path[path.index(after: slash)...].lowercased())
        else { return origin }
        return origin + path[..<slash]
    }

    private static func redirect(
        _ answer: ForeignResponse, _ status: Int, _ failure: ServiceFailure
    ) -> [String] {
        if var url = answer.movedTo {
            let address = failure.address
            if url.hasPrefix("/") { url = (address.origin ?? address.url) + url }
            return [
                "The service at \(failure.address) sends every request to \(url) (\(status)).",
                "\(setURL) \(url)",
            ]
        }
        let target = answer.location.map { " to \($0)" } ?? " elsewhere"
        return [
            "What answers at \(failure.address) sends\(target) (\(status)), as a login page does.",
            "Ask its operator for an address of the service that programs can use. \(checkURL)",
        ]
    }
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
