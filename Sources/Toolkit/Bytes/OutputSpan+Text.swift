// Text and numbers as bytes, into memory whose room was reckoned beforehand.
//
// A line made of twenty pieces would check the same array for room, and for other owners, twenty
// times. The writer of a line therefore makes room once (`Array.append(addingCapacity:)`) and
// writes the pieces behind one another.

extension OutputSpan<UInt8> {
    /// Digits of the largest number that ``append(decimal:)`` writes.
    package static var decimalDigitsMax: Int { 19 }

    /// Adds bytes as they are; there must be room for them.
    @inlinable
    package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(bytes.count <= freeCapacity, "the room was reckoned too small")
        guard let source = bytes.baseAddress else { return }
        withUnsafeMutableBufferPointer { memory, count in
            guard let start = memory.baseAddress else { return }
            (start + count).initialize(from: source, count: bytes.count)
            count += bytes.count
        }
    }

    /// Adds bytes as they are; there must be room for them.
    @inlinable
    package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append($0) }
    }

    /// Adds a part of an array; there must be room for it.
    @inlinable
    package mutating func append(_ bytes: [UInt8], _ range: Range<Int>) {
        bytes.withUnsafeBufferPointer { append(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// Adds the UTF-8 of a text; there must be room for it.
    @inlinable
    package mutating func append(text: String) {
        // Not `withUTF8` at once, which changes a copy of the text.
        if text.utf8.withContiguousStorageIfAvailable({ append($0) }) == nil {
            var text = text
            text.withUTF8 { append($0) }
        }
    }

    /// Adds the UTF-8 of a text; there must be room for it.
    @inlinable
    package mutating func append(text: StaticString) {
        text.withUTF8Buffer { append($0) }
    }

    /// Adds a number that is not negative in so many decimal digits, zeros in front included; there
    /// must be room for them.
    package mutating func append(decimal number: Int, digits: Int) {
        precondition(number >= 0, "lengths, codes and counts are not negative")
        precondition(digits <= freeCapacity, "the room was reckoned too small")
        withUnsafeMutableBufferPointer { memory, count in
            guard let start = memory.baseAddress else { return }
            var rest = UInt(number)
            var place = start + count + digits
            for _ in 0..<digits {
                place -= 1
                let tens = rest / 10
                place.initialize(to: 0x30 &+ UInt8(truncatingIfNeeded: rest &- tens &* 10))
                rest = tens
            }
            count += digits
        }
    }

    /// Adds a number that is not negative in decimal digits, ``decimalDigitsMax`` at most; there
    /// must be room for them.
    package mutating func append(decimal number: Int) {
        precondition(number >= 0, "lengths, codes and counts are not negative")
        var digits = 1
        var bound = 10
        while number >= bound {
            digits += 1
            let (next, isBeyond) = bound.multipliedReportingOverflow(by: 10)
            if isBeyond { break }
            bound = next
        }
        append(decimal: number, digits: digits)
    }
}
