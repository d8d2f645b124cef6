// Request methods (RFC 9110 §9): an open set of case-sensitive tokens.

/// A request method, such as `GET`.
package struct Method: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let get = Method(rawValue: "GET")
    package static let head = Method(rawValue: "HEAD")
    package static let post = Method(rawValue: "POST")
    package static let put = Method(rawValue: "PUT")
    package static let delete = Method(rawValue: "DELETE")
    package static let patch = Method(rawValue: "PATCH")
    package static let options = Method(rawValue: "OPTIONS")
    package static let trace = Method(rawValue: "TRACE")
    package static let connect = Method(rawValue: "CONNECT")
    /// Safe like GET, with a body.
    package static let query = Method(rawValue: "QUERY")

    /// Whether this server has ever heard of the method. Others, and CONNECT, which is not for
    /// origin servers, are answered 501 (RFC 9110 §9.1, §9.3.6).
    var isKnown: Bool {
        switch self {
        case .get, .head, .post, .put, .delete, .patch, .options, .trace, .query: true
        default: false
        }
    }

    package var description: String { rawValue }
}
