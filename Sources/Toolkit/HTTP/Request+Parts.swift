// A request's path and query, taken apart and percent-decoded, once. It must not know which routes
// exist.

extension Request {
    /// The path's segments, percent-decoded once: `/jobs/7` is `jobs`, `7`; `/` is none; a slash
    /// at the end leaves an empty one.
    ///
    /// `nil` when a segment decodes to something that is not UTF-8, or to a NUL or a slash, which
    /// could mean one thing here and another in a file name; and for `*`.
    package var pathSegments: [String]? {
        guard path.utf8.first == Byte.slash else { return nil }
        if path.utf8.count == 1 { return [] }
        var segments: [String] = []
        for part in path.utf8.dropFirst().split(
            separator: Byte.slash, omittingEmptySubsequences: false)
        {
            guard let segment = percentDecoded(part), !segment.utf8.contains(0),
                !segment.utf8.contains(Byte.slash)
            else { return nil }
            segments.append(segment)
        }
        return segments
    }

    /// The query's names and values in order, decoded as HTML forms encode them (WHATWG URL §5.1):
    /// `+` is a space. None without a query; a name without `=` has an empty value.
    ///
    /// `nil` when a `%` is not followed by two hexadecimal digits, or something decodes to a NUL
    /// or to what is not UTF-8.
    package var queryItems: [(name: String, value: String)]? {
        guard let query else { return [] }
        var items: [(name: String, value: String)] = []
        for part in query.utf8.split(separator: UInt8(ascii: "&")) {
            let pieces = part.split(
                separator: Byte.equals, maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecoded(pieces[0], plusIsSpace: true),
                let value = pieces.count == 2
                    ? percentDecoded(pieces[1], plusIsSpace: true) : "",
                !name.utf8.contains(0), !value.utf8.contains(0)
            else { return nil }
            items.append((name, value))
        }
        return items
    }
}

/// Decodes RFC 3986 §2.1 once; `nil` for a malformed encoding or for what is not UTF-8.
private func percentDecoded(_ part: Substring.UTF8View, plusIsSpace: Bool = false) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(part.count)
    var rest = part.makeIterator()
    while let byte = rest.next() {
        if byte == Byte.percent {
            guard let high = rest.next()?.hexValue, let low = rest.next()?.hexValue else {
                return nil
            }
            bytes.append(high << 4 | low)
        } else {
            bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? Byte.space : byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}
