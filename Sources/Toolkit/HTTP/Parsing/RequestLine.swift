// The first line of a request (RFC 9112 §3): method, target, version.

/// A request line whose grammar is right.
struct RequestLine: Sendable {
    var method: Method
    /// Where the method ends; it begins the line.
    var methodEnd: Int
    /// Where the target lies in the line.
    var target: Range<Int>
    /// HTTP/1.x's x, as far as we speak it: 0 or 1.
    var minorVersion: Int

    /// Reads a line, given without its CRLF. Exactly one space separates the parts: RFC 9112 §3
    /// lets a server be lenient about whitespace, and §3's own warning says what comes of it.
    ///
    /// - Throws: 400; 505 for a well-formed version other than HTTP/1.x (RFC 9110 §15.6.6).
    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(Rejection) {
        let token = ByteSet.token
        var index = line.lowerBound
        while index < line.upperBound, token.contains(bytes[index]) { index += 1 }
        methodEnd = index
        guard methodEnd > line.lowerBound, index < line.upperBound, bytes[index] == Byte.space
        else { throw .malformed("The request line has no valid method.") }
        index += 1
        let targetStart = index
        while index < line.upperBound, bytes[index] > Byte.space, bytes[index] != Byte.delete {
            index += 1
        }
        guard index > targetStart, index < line.upperBound, bytes[index] == Byte.space else {
            throw .malformed("The request line has no valid target.")
        }
        target = targetStart..<index
        minorVersion = try RequestLine.version(bytes, index + 1..<line.upperBound)
        method = Method(bytes, line.lowerBound..<methodEnd)
    }

    /// The same line in a buffer whose indexes are moved.
    func shifted(by offset: Int) -> RequestLine {
        var shifted = self
        shifted.methodEnd += offset
        shifted.target = target.lowerBound + offset..<target.upperBound + offset
        return shifted
    }

    /// A higher minor version is answered as 1.1 (RFC 9110 §2.5).
    private static func version(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(Rejection) -> Int {
        let start = range.lowerBound
        guard range.count == 8, bytes[start] == UInt8(ascii: "H"),
            bytes[start + 1] == UInt8(ascii: "T"), bytes[start + 2] == UInt8(ascii: "T"),
            bytes[start + 3] == UInt8(ascii: "P"), bytes[start + 4] == Byte.slash,
            bytes[start + 5].isDigit, bytes[start + 6] == Byte.dot, bytes[start + 7].isDigit
        else { throw .malformed("The request line does not end in an HTTP version.") }
        guard bytes[start + 5] == UInt8(ascii: "1") else {
            throw Rejection(.versionNotSupported, "This server speaks HTTP/1.1 and HTTP/1.0.")
        }
        return bytes[start + 7] == UInt8(ascii: "0") ? 0 : 1
    }
}

/// The bytes as a string; what is not UTF-8 becomes U+FFFD.
func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
    bytes.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
}
