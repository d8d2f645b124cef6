// A request's path and query, taken apart and percent-decoded once.

extension Request {
    /// The segments of a path, percent-decoded once: `/jobs/7` is `jobs`, `7`; `/` is none; a slash
    /// at the end leaves an empty one.
    ///
    /// `nil` for `*`, and when a segment decodes to a slash or a NUL, which could mean one thing
    /// here and another in a file name.
    package static func segments(of path: String) -> [String]? {
        guard path.utf8.first == Byte.slash else { return nil }
        if path.utf8.count == 1 { return [] }
        var segments: [String] = []
        segments.reserveCapacity(4)
        var path = path
        let isFit = path.withUTF8 { bytes in
            var start = 1
            while start <= bytes.count {
                var end = start
                var hasPercent = false
                while end < bytes.count, bytes[end] != Byte.slash {
                    if bytes[end] == Byte.percent { hasPercent = true }
                    end += 1
                }
                let part = String(
                    decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
                start = end + 1
                // Nearly every segment stands for itself, and cannot have what it must not.
                guard hasPercent else {
                    segments.append(part)
                    continue
                }
                let segment = PercentDecoding.decode(part)
                guard !segment.utf8.contains(0), !segment.utf8.contains(Byte.slash) else {
                    return false
                }
                segments.append(segment)
            }
            return true
        }
        return isFit ? segments : nil
    }

    /// The query's names and values; none without a query.
    package var queryItems: QueryItems { QueryItems(query ?? "") }
}

/// Undoes percent-encoding.
package enum PercentDecoding {
    /// The text that a part of a path, query or form stands for, as the WHATWG URL standard
    /// decodes it: `%XX` is a byte, a `%` without two digits is itself, and what is not UTF-8
    /// becomes U+FFFD.
    ///
    /// - Parameter plusIsSpace: as in queries and forms.
    package static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            if byte == Byte.percent, let high = rest.first?.hexValue,
                let low = rest.dropFirst().first?.hexValue
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? Byte.space : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A query taken apart as HTML forms are encoded (WHATWG URL §5.1).
package struct QueryItems: Sendable {
    /// In order; a name without `=` has an empty value.
    package let items: [(name: String, value: String)]

    /// - Parameter text: what follows the `?`, or a body of type
    ///   `application/x-www-form-urlencoded`, as sent.
    package init(_ text: String) {
        items = text.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                PercentDecoding.decode(sides[0], plusIsSpace: true),
                sides.count > 1 ? PercentDecoding.decode(sides[1], plusIsSpace: true) : ""
            )
        }
    }

    /// The last value with this name, `nil` without one.
    package subscript(name: String) -> String? {
        items.last { $0.name == name }?.value
    }
}
