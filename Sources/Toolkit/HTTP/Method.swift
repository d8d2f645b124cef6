// Request methods (RFC 9110 §9): an open set of case-sensitive tokens.

/// A request method, such as `GET`.
package enum Method: Hashable, Sendable, CustomStringConvertible {
    case get
    case head
    case post
    case put
    case delete
    case patch
    case options
    case trace
    /// Not for origin servers (RFC 9110 §9.3.6).
    case connect
    /// Safe like GET, with a body.
    case query
    /// One that this server has never heard of.
    case other(String)

    private static let known: [Method] = [
        .get, .head, .post, .put, .delete, .patch, .options, .trace, .connect, .query,
    ]

    /// - Parameter rawValue: the token, as it stands in a request line.
    package init(rawValue: String) {
        self = Method.known.first { $0.rawValue == rawValue } ?? .other(rawValue)
    }

    /// The token, as it stands in a request line.
    package var rawValue: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .connect: "CONNECT"
        case .query: "QUERY"
        case .other(let name): name
        }
    }

    /// Reads the bytes of a token. Case matters (RFC 9110 §9.1). The usual methods come first, and
    /// without making a string.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        switch range.count {
        case 3 where equals(bytes, range, "GET"): self = .get
        case 4 where equals(bytes, range, "HEAD"): self = .head
        case 4 where equals(bytes, range, "POST"): self = .post
        default: self.init(rawValue: text(bytes, range))
        }
    }

    /// Whether this server implements the method somewhere; others are answered 501 (RFC 9110
    /// §9.1).
    var isImplemented: Bool {
        switch self {
        case .get, .head, .post, .put, .delete, .patch, .options, .trace, .query: true
        case .connect, .other: false
        }
    }

    package var description: String { rawValue }
}

/// Whether bytes spell a word, case and all.
private func equals(_ bytes: Span<UInt8>, _ range: Range<Int>, _ word: StaticString) -> Bool {
    word.withUTF8Buffer { wanted in
        for index in 0..<wanted.count where bytes[range.lowerBound + index] != wanted[index] {
            return false
        }
        return true
    }
}
