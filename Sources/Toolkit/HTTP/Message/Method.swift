// Request methods (RFC 9110 §9): case-sensitive tokens. Every request carries one from hand to
// hand, so that it is a number here, and not a text.

/// A request method, such as `GET`.
package enum Method: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
    case patch = "PATCH"
    case options = "OPTIONS"
    case trace = "TRACE"
    /// Not for origin servers (RFC 9110 §9.3.6).
    case connect = "CONNECT"
    /// Safe like GET, with a body.
    case query = "QUERY"
    /// One that this server has never heard of; ``Request/methodName`` tells which.
    case unknown = "-"

    /// - Parameter token: as it stands in a request line.
    package init(token: String) {
        self = Method(rawValue: token) ?? .unknown
    }

    /// Reads the bytes of a token. Case matters (RFC 9110 §9.1). The usual methods come first, and
    /// without making a string.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        switch range.count {
        case 3 where equals(bytes, range, "GET"): self = .get
        case 4 where equals(bytes, range, "HEAD"): self = .head
        case 4 where equals(bytes, range, "POST"): self = .post
        default: self.init(token: text(bytes, range))
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
