// The base URL of a service, checked before anything is sent to it.

import Curl

/// The base URL of a service, such as `http://localhost:8000` or `https://data.example/tardis`.
package struct ServiceAddress: Hashable, Sendable, CustomStringConvertible {
    /// The URL without a slash at its end.
    package let url: String
    /// Whether it names this machine, which no proxy can reach.
    package let isLoopback: Bool

    /// - Throws: ``ServiceAddressError``, in words for users.
    package init(_ text: String) throws(ServiceAddressError) {
        guard let schemeEnd = text.firstRange(of: "://"),
            ["http", "https"].contains(text[..<schemeEnd.lowerBound].lowercased())
        else { throw .noScheme(text) }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .strangeCharacters }
        guard !text.contains("?"), !text.contains("#") else { throw .hasQuery }
        let authority = text[schemeEnd.upperBound...].prefix { $0 != "/" }
        guard !authority.contains("@") else { throw .hasCredentials }
        guard !authority.isEmpty, !authority.hasPrefix(":") else { throw .noHost }
        var url = text
        while url.hasSuffix("/") { url.removeLast() }
        self.url = url
        isLoopback = LoopbackHost.contains(ServiceAddress.host(of: authority))
    }

    package var description: String { url }

    /// The URL without its path; `nil` where it has none.
    package var origin: String? {
        guard let scheme = url.firstRange(of: "://"),
            let slash = url[scheme.upperBound...].firstIndex(of: "/")
        else { return nil }
        return String(url[..<slash])
    }

    /// The authority without a port.
    private static func host(of authority: Substring) -> Substring {
        if authority.hasPrefix("[") { return authority.prefix { $0 != "]" } + "]" }
        return authority.prefix { $0 != ":" }
    }
}

/// What is wrong with a base URL.
package enum ServiceAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    case noScheme(String)
    case strangeCharacters
    case hasQuery
    case hasCredentials
    case noHost

    package var description: String {
        switch self {
        case .noScheme(let text):
            // Nothing is repeated that may hold a password.
            text.contains("@") || text.contains("://")
                ? "the URL must begin with http:// or https://"
                : "the URL must begin with http:// or https://, such as http://\(text)"
        case .strangeCharacters: "the URL holds blanks or characters that no URL has"
        case .hasQuery: "the URL must end before any ? or #"
        case .hasCredentials:
            "the URL must not hold a user or a password; the service asks for a token instead"
        case .noHost: "the URL names no machine"
        }
    }
}
