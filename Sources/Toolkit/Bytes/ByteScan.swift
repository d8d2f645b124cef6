// Looking at eight bytes at once: most bytes that a server sees are of no interest, and looking at
// them one by one is what reading costs.

/// Questions about eight bytes, asked in a few instructions (after Mycroft's test for a zero byte).
package enum ByteScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The first place of a byte.
    ///
    /// - Returns: the end of the range where there is none.
    package static func first(_ byte: UInt8, in bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0, "callers scan what they hold")
        precondition(range.upperBound <= bytes.count, "callers scan what they hold")
        let raw = bytes.bytes
        let pattern = ones &* UInt64(byte)
        var index = range.lowerBound
        while index + 8 <= range.upperBound {
            let word = raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
            let found = zeros(word ^ pattern)
            if found != 0 { return index + UInt64(littleEndian: found).trailingZeroBitCount / 8 }
            index += 8
        }
        while index < range.upperBound, bytes[index] != byte { index += 1 }
        return index
    }

    /// Whether all bytes are printable ASCII, and none is a quotation mark or a backslash: what
    /// JSON, and any log, can take as it is.
    package static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(bytes)
        guard raw.count >= 8 else { return bytes.allSatisfy(isPlain) }
        var index = 0
        while index + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if suspects(word) != 0 { return false }
            index += 8
        }
        // The last eight: some of them for the second time.
        let last = raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self)
        return suspects(last) == 0
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte <= 0x7E && byte != 0x22 && byte != 0x5C
    }

    /// Whether one of the bytes is a control character, the tab excepted.
    package static func hasControl(in bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0, "callers scan what they hold")
        precondition(range.upperBound <= bytes.count, "callers scan what they hold")
        let raw = bytes.bytes
        var index = range.lowerBound
        while index + 8 <= range.upperBound {
            let word = raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
            // A tab, too, is suspected: suspects are decided byte by byte.
            if controls(word) != 0, hasControlOneByOne(bytes, index..<index + 8) { return true }
            index += 8
        }
        return hasControlOneByOne(bytes, index..<range.upperBound)
    }

    private static func hasControlOneByOne(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range {
            let byte = bytes[index]
            if byte < 0x20 && byte != 0x09 || byte == 0x7F { return true }
        }
        return false
    }

    /// Marks zero bytes. Beyond the first one, marks may be wrong.
    private static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }

    /// Marks what is below the space, and DEL; beyond the first one, marks may be wrong.
    private static func controls(_ word: UInt64) -> UInt64 {
        ((word &- ones &* 0x20) & ~word | zeros(word ^ ones &* 0x7F)) & highs
    }

    /// Marks what is not plain; beyond the first one, marks may be wrong.
    private static func suspects(_ word: UInt64) -> UInt64 {
        let quotes = zeros(word ^ ones &* 0x22) | zeros(word ^ ones &* 0x5C)
        return controls(word) | quotes | word & highs
    }
}
