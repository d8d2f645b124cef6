// The header of a gzip member (RFC 1952 §2.3), byte by byte, wherever the input is cut. ISA-L's own
// header reader is safe for whole headers only: it forgets the flags between calls.

/// Parses one header, byte by byte.
struct GzipHeaderParser {
    /// The state after one byte.
    enum Progress {
        case needsMore
        case complete
        /// ID1, ID2 or CM is wrong.
        case notGzip
        /// Reserved flags, a wrong header CRC, or a header beyond its limit.
        case damaged
    }

    /// Whether a byte was read: before the first one, the end of the input is no truncation.
    private(set) var hasBegun = false
    private var field = Field.fixed
    private var flags: UInt8 = 0
    /// Bytes read of the current field.
    private var count = 0
    private var extraLength = 0
    private var headerCRC: UInt16 = 0
    private var crc = CRC32()
    private var totalBytes = 0

    /// The format does not limit names and comments; 256 KiB is far beyond any in use.
    private static let totalBytesMax = 256 * 1024

    private enum Field {
        case fixed, extraLength, extra, name, comment, headerCRC
    }

    private enum Flag {
        static let headerCRC: UInt8 = 1 << 1
        static let extra: UInt8 = 1 << 2
        static let name: UInt8 = 1 << 3
        static let comment: UInt8 = 1 << 4
        /// RFC 1952 §2.3.1.2: a decoder must refuse what it does not know.
        static let reserved: UInt8 = 0b1110_0000
    }

    mutating func parse(_ byte: UInt8) -> Progress {
        hasBegun = true
        totalBytes += 1
        guard totalBytes <= Self.totalBytesMax else { return .damaged }
        if field != .headerCRC { crc.update(byte) }
        switch field {
        case .fixed: return parseFixed(byte)
        case .extraLength:
            extraLength |= Int(byte) << (8 * count)
            count += 1
            guard count == 2 else { return .needsMore }
            return extraLength == 0 ? enter(after: .extra) : enter(.extra)
        case .extra:
            count += 1
            return count == extraLength ? enter(after: .extra) : .needsMore
        case .name: return byte == 0 ? enter(after: .name) : .needsMore
        case .comment: return byte == 0 ? enter(after: .comment) : .needsMore
        case .headerCRC:
            headerCRC |= UInt16(byte) << (8 * UInt16(count))
            count += 1
            guard count == 2 else { return .needsMore }
            return headerCRC == UInt16(truncatingIfNeeded: crc.value) ? .complete : .damaged
        }
    }

    /// ID1 ID2 CM FLG, then four bytes of time, XFL and OS, which say nothing about the content.
    private mutating func parseFixed(_ byte: UInt8) -> Progress {
        count += 1
        switch count {
        case 1 where byte != 0x1f, 2 where byte != 0x8b, 3 where byte != 8: return .notGzip
        case 4:
            flags = byte
            return flags & Flag.reserved == 0 ? .needsMore : .damaged
        case 10: return enter(after: .fixed)
        default: return .needsMore
        }
    }

    private mutating func enter(_ next: Field) -> Progress {
        field = next
        count = 0
        return .needsMore
    }

    /// Goes to the next field that the flags announce.
    private mutating func enter(after done: Field) -> Progress {
        switch done {
        case .fixed:
            return flags & Flag.extra != 0 ? enter(.extraLength) : enter(after: .extra)
        case .extraLength, .extra:
            return flags & Flag.name != 0 ? enter(.name) : enter(after: .name)
        case .name:
            return flags & Flag.comment != 0 ? enter(.comment) : enter(after: .comment)
        case .comment:
            return flags & Flag.headerCRC != 0 ? enter(.headerCRC) : .complete
        case .headerCRC: return .complete
        }
    }
}

/// CRC-32 of RFC 1952 §8, a bit at a time: headers are a few bytes long.
private struct CRC32 {
    private var register: UInt32 = 0xffff_ffff
    var value: UInt32 { ~register }

    mutating func update(_ byte: UInt8) {
        register ^= UInt32(byte)
        for _ in 0..<8 {
            register = register & 1 == 0 ? register >> 1 : register >> 1 ^ 0xedb8_8320
        }
    }
}
