// Why bytes are no acceptable gzip. It must not know where they came from.

/// What is wrong with a gzip file.
package enum GzipError: Error, Hashable, Sendable {
    /// The first bytes are not those of a gzip member (RFC 1952 §2.3.1: ID1 ID2 CM).
    case notGzip
    /// The header breaks RFC 1952, or the deflate stream breaks RFC 1951, at about this compressed
    /// byte.
    case damaged(offset: Int64)
    /// Everything inflated, and CRC-32 or ISIZE in the trailer says it is not what was compressed.
    case checksumWrong
    /// The bytes end before the trailer does.
    case truncated
    /// After the last trailer come bytes, from this offset on, that begin no further member.
    case trailingBytes(offset: Int64)
    /// Members follow each other that expand to next to nothing; so much has been taken of them.
    case hollow(compressedBytes: Int64)
    /// More came out than ``GzipLimits`` allow: a decompression bomb, or a limit set too low.
    case tooLarge(expandedBytes: Int64)
}
