// The chunked transfer coding (RFC 9112 §7.1), decoded as it arrives.

/// The grammar of a chunk's first line, `chunk-size [ chunk-ext ]`.
enum ChunkLine {
    /// Some clients write all 16 digits of every size.
    private static let digitsUsualMax = 16

    /// Reads a line, given without its CRLF.
    ///
    /// - Returns: the chunk's size, `Int.max` for one beyond all bounds, and how much of the line
    ///   says nothing: extensions, and zeros before the size.
    /// - Throws: 400. Unknown extensions are ignored, but only well-formed ones: a reader that
    ///   skips what it does not understand may skip to another line end than we see.
    static func parse(
        _ bytes: Span<UInt8>, _ line: Range<Int>
    ) throws(Rejection) -> (size: Int, idleBytes: Int) {
        var index = line.lowerBound
        var size = 0
        var isHuge = false
        while index < line.upperBound, let digit = bytes[index].hexValue {
            // Any 15 hexadecimal digits fit into an Int.
            if size >> 56 != 0 { isHuge = true } else { size = size << 4 | Int(digit) }
            index += 1
        }
        guard index > line.lowerBound else {
            throw .malformed("A chunk has no hexadecimal size.")
        }
        let zeros = max(0, index - line.lowerBound - digitsUsualMax)
        let extensionBytes = line.upperBound - index
        if extensionBytes > 0 { try checkExtensions(bytes, index..<line.upperBound) }
        return (isHuge ? Int.max : size, zeros + extensionBytes)
    }

    /// chunk-ext = *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )
    private static func checkExtensions(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(Rejection) {
        var cursor = Cursor(index: range.lowerBound, end: range.upperBound)
        while cursor.index < cursor.end {
            cursor.skipBlanks(bytes)
            guard cursor.take(Byte.semicolon, bytes) else { throw malformedExtension }
            cursor.skipBlanks(bytes)
            guard cursor.takeToken(bytes) else { throw malformedExtension }
            let afterName = cursor.index
            cursor.skipBlanks(bytes)
            guard cursor.take(Byte.equals, bytes) else {
                cursor.index = afterName
                continue
            }
            cursor.skipBlanks(bytes)
            guard cursor.takeToken(bytes) || cursor.takeQuoted(bytes) else {
                throw malformedExtension
            }
        }
    }

    private static let malformedExtension = Rejection.malformed("A chunk extension is malformed.")

    /// A position in a line.
    private struct Cursor {
        var index: Int
        let end: Int

        mutating func skipBlanks(_ bytes: Span<UInt8>) {
            while index < end, bytes[index].isBlank { index += 1 }
        }

        mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
            guard index < end, bytes[index] == byte else { return false }
            index += 1
            return true
        }

        mutating func takeToken(_ bytes: Span<UInt8>) -> Bool {
            let start = index
            let token = ByteSet.token
            while index < end, token.contains(bytes[index]) { index += 1 }
            return index > start
        }

        /// RFC 9110 §5.6.4.
        mutating func takeQuoted(_ bytes: Span<UInt8>) -> Bool {
            guard take(Byte.quote, bytes) else { return false }
            while index < end, bytes[index] != Byte.quote {
                if bytes[index] == Byte.backslash { index += 1 }
                guard index < end, !bytes[index].isForbiddenInValue else { return false }
                index += 1
            }
            return take(Byte.quote, bytes)
        }
    }
}
