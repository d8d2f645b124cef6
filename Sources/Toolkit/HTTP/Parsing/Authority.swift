// Host and port, as in the Host field and in absolute targets (RFC 9110 §7.2, RFC 3986 §3.2.2).

/// The grammar of `uri-host [ ":" port ]`.
///
/// RFC 9112 §3.2 wants any other Host refused; a proxy in front that reads an odd one differently
/// would route by another host than we see.
enum Authority {
    static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        let hostEnd: Int
        if bytes[range.lowerBound] == UInt8(ascii: "[") {
            guard let bracket = range.first(where: { bytes[$0] == UInt8(ascii: "]") }),
                isValidLiteral(bytes, range.lowerBound + 1..<bracket)
            else { return false }
            hostEnd = bracket + 1
        } else {
            guard let end = registeredNameEnd(bytes, range), end > range.lowerBound else {
                return false
            }
            hostEnd = end
        }
        guard hostEnd < range.upperBound else { return true }
        guard bytes[hostEnd] == Byte.colon else { return false }
        return (hostEnd + 1..<range.upperBound).allSatisfy { bytes[$0].isDigit }
    }

    /// Whether a valid authority ends in a port that is not empty.
    static func hasPort(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var index = range.upperBound
        while index > range.lowerBound, bytes[index - 1].isDigit { index -= 1 }
        return index < range.upperBound && index > range.lowerBound
            && bytes[index - 1] == Byte.colon
    }

    /// Where a reg-name ends; `nil` after a malformed percent-encoding.
    private static func registeredNameEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        let allowed = ByteSet.registeredName
        var index = range.lowerBound
        while index < range.upperBound {
            if bytes[index] == Byte.percent {
                guard index + 2 < range.upperBound, bytes[index + 1].hexValue != nil,
                    bytes[index + 2].hexValue != nil
                else { return nil }
                index += 3
            } else if allowed.contains(bytes[index]) {
                index += 1
            } else {
                break
            }
        }
        return index
    }

    private static func isValidLiteral(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard let first = range.first else { return false }
        return bytes[first].lowercased == UInt8(ascii: "v")
            ? isFutureAddress(bytes, range) : isIPv6(bytes, range)
    }

    /// IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
    private static func isFutureAddress(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard let dot = range.first(where: { bytes[$0] == Byte.dot }) else { return false }
        let version = range.lowerBound + 1..<dot
        let rest = dot + 1..<range.upperBound
        let allowed = ByteSet.registeredName
        return !version.isEmpty && version.allSatisfy { bytes[$0].hexValue != nil }
            && !rest.isEmpty
            && rest.allSatisfy { allowed.contains(bytes[$0]) || bytes[$0] == Byte.colon }
    }

    /// IPv6address: eight groups, fewer around one `::`, the last two perhaps as IPv4.
    private static func isIPv6(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var groups = 0
        var hasGap = false
        var index = range.lowerBound
        if range.count >= 2, bytes[index] == Byte.colon {
            guard bytes[index + 1] == Byte.colon else { return false }
            hasGap = true
            index += 2
        }
        while index < range.upperBound {
            var end = index
            while end < range.upperBound, bytes[end].hexValue != nil { end += 1 }
            if end < range.upperBound, bytes[end] == Byte.dot {
                guard isIPv4(bytes, index..<range.upperBound) else { return false }
                groups += 2
                break
            }
            guard (1...4).contains(end - index) else { return false }
            groups += 1
            index = end
            if index == range.upperBound { break }
            guard bytes[index] == Byte.colon, index + 1 < range.upperBound else { return false }
            index += 1
            if bytes[index] == Byte.colon {
                guard !hasGap else { return false }
                hasGap = true
                index += 1
            }
        }
        return hasGap ? groups <= 7 : groups == 8
    }

    /// Four numbers of at most 255 without leading zeros.
    private static func isIPv4(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var parts = 0
        var index = range.lowerBound
        while true {
            let start = index
            var number = 0
            while index < range.upperBound, bytes[index].isDigit, index - start < 3 {
                number = number * 10 + Int(bytes[index] &- 0x30)
                index += 1
            }
            let length = index - start
            guard length > 0, number <= 255, length == 1 || bytes[start] != 0x30 else {
                return false
            }
            parts += 1
            if index == range.upperBound { return parts == 4 }
            guard bytes[index] == Byte.dot, parts < 4 else { return false }
            index += 1
        }
    }
}
