// What a request is about (RFC 9112 §3.2): its target in each of the four forms, as a path and a
// query.

import Bytes

/// A request target, understood. Ranges are places in the bytes that it was read from.
struct RequestTarget: Sendable {
    /// Begins with `/`; or is `*`, or the authority of a CONNECT. Empty where an absolute target
    /// has none.
    var path: Range<Int>
    /// The path in other words than it was sent: without its dot segments, or `/` where it is
    /// empty.
    var normalizedPath: String?
    /// What follows `?`, as sent.
    var query: Range<Int>?
    /// Whether it is an https URI: on a plain connection that is some proxy's mistake, and must not
    /// be answered as if it were ours (RFC 9110 §7.4).
    var isMisdirected = false
    /// The host and port of an absolute target; they replace the Host field (RFC 9112 §3.2.2).
    var authority: Range<Int>?

    /// Reads a target.
    ///
    /// - Throws: 400 for a form that does not go with the method, for characters that a URI has
    ///   not, and for other schemes than http and https.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>, method: Method) throws(Rejection) {
        if method == .connect {
            // Host and port, neither empty (RFC 9110 §9.3.6). We tunnel nothing, so that even those
            // are only carried to the refusal.
            guard Authority.isValid(bytes, range), Authority.hasPort(bytes, range) else {
                throw .malformed("The target of CONNECT is not a host and a port.")
            }
            path = range
            return
        }
        if range.count == 1, bytes[range.lowerBound] == UInt8(ascii: "*") {
            guard method == .options else {
                throw .malformed("The target * goes with OPTIONS only.")
            }
            path = range
            return
        }
        var start = range.lowerBound
        if bytes[start] != Byte.slash {
            let isSecure = RequestTarget.begins(bytes, range, "https://")
            guard isSecure || RequestTarget.begins(bytes, range, "http://") else {
                throw .malformed("The target is neither a path nor an http URI.")
            }
            isMisdirected = isSecure
            let authorityStart = range.lowerBound + (isSecure ? 8 : 7)
            let found = try RequestTarget.authority(bytes, authorityStart..<range.upperBound)
            authority = found
            start = found.upperBound
        }
        let question = try RequestTarget.firstQuestionMark(bytes, start..<range.upperBound)
        path = start..<(question ?? range.upperBound)
        if path.isEmpty {
            // An absolute target without a path means the root (RFC 9110 §4.2.3).
            normalizedPath = "/"
        } else if DotSegments.mayOccur(bytes, path) {
            normalizedPath = DotSegments.removed(bytes, path)
        }
        query = question.map { $0 + 1..<range.upperBound }
    }

    /// Checks every character (RFC 3986 §3.3, §3.4) and finds where the query begins.
    private static func firstQuestionMark(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(Rejection) -> Int? {
        let allowed = ByteSet.target
        var question: Int?
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            guard allowed.contains(byte) else {
                throw .malformed("The target has a character that must be percent-encoded.")
            }
            if byte == Byte.percent {
                guard index + 2 < range.upperBound, bytes[index + 1].hexValue != nil,
                    bytes[index + 2].hexValue != nil
                else { throw .malformed("The target has a % without two hexadecimal digits.") }
                index += 2
            } else if byte == UInt8(ascii: "?"), question == nil {
                question = index
            }
            index += 1
        }
        return question
    }

    /// Whether a target has a scheme, in any case (RFC 3986 §3.1).
    private static func begins(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ scheme: StaticString
    ) -> Bool {
        range.count >= scheme.utf8CodeUnitCount
            && scheme.withUTF8Buffer { wanted in
                (0..<wanted.count).allSatisfy {
                    bytes[range.lowerBound + $0].lowercased == wanted[$0]
                }
            }
    }

    /// Where the authority lies in what follows the scheme.
    private static func authority(
        _ bytes: Span<UInt8>, _ rest: Range<Int>
    ) throws(Rejection) -> Range<Int> {
        var end = rest.lowerBound
        while end < rest.upperBound, bytes[end] != Byte.slash, bytes[end] != UInt8(ascii: "?") {
            end += 1
        }
        // User information in an http URI is an attack or a mistake (RFC 9110 §4.2.4); the check
        // of the host refuses its @.
        guard Authority.isValid(bytes, rest.lowerBound..<end) else {
            throw .malformed("The target's host is invalid.")
        }
        return rest.lowerBound..<end
    }
}

/// RFC 3986 §5.2.4, on a path whose characters have been checked. `%2e` is a dot: a handler that
/// decodes once must not meet one (§6.2.2.2).
enum DotSegments {
    /// Whether a segment begins with a dot: only then is there anything to remove.
    static func mayOccur(_ bytes: Span<UInt8>, _ path: Range<Int>) -> Bool {
        // Most paths have neither.
        guard
            ByteScan.first(Byte.dot, in: bytes, path) < path.upperBound
                || ByteScan.first(Byte.percent, in: bytes, path) < path.upperBound
        else { return false }
        for index in path where bytes[index] == Byte.slash && index + 1 < path.upperBound {
            if bytes[index + 1] == Byte.dot || bytes[index + 1] == Byte.percent { return true }
        }
        return false
    }

    /// The path without them.
    static func removed(_ bytes: Span<UInt8>, _ path: Range<Int>) -> String {
        var kept: [Range<Int>] = []
        var index = path.lowerBound
        var endsInSlash = false
        while index < path.upperBound {
            let start = index + 1
            var end = start
            while end < path.upperBound, bytes[end] != Byte.slash { end += 1 }
            let dots = dotCount(bytes, start..<end)
            if dots == 2 { _ = kept.popLast() }
            if dots == nil { kept.append(start..<end) }
            endsInSlash = dots != nil
            index = end
        }
        if endsInSlash { kept.append(path.upperBound..<path.upperBound) }
        var result: [UInt8] = []
        result.reserveCapacity(path.count)
        for segment in kept {
            result.append(Byte.slash)
            for index in segment { result.append(bytes[index]) }
        }
        return result.isEmpty ? "/" : String(decoding: result, as: UTF8.self)
    }

    /// 1 or 2 for a segment that is `.` or `..` in any spelling, else `nil`.
    private static func dotCount(_ bytes: Span<UInt8>, _ segment: Range<Int>) -> Int? {
        var index = segment.lowerBound
        var count = 0
        while index < segment.upperBound {
            if bytes[index] == Byte.dot {
                index += 1
            } else if bytes[index] == Byte.percent, bytes[index + 1] == UInt8(ascii: "2"),
                bytes[index + 2].lowercased == UInt8(ascii: "e")
            {
                index += 3
            } else {
                return nil
            }
            count += 1
        }
        return count == 1 || count == 2 ? count : nil
    }
}
