// The Range field (RFC 9110 §14): which bytes of a representation are asked for.

/// What a Range field asks of a representation of a certain length.
enum RangeSelection: Hashable, Sendable {
    /// All of it: the field is not understood, or better ignored.
    case whole
    case part(Range<Int>)
    /// Nothing of it: 416.
    case unsatisfiable

    /// - Parameters:
    ///   - field: the value of the Range field.
    ///   - length: of the whole, in bytes.
    init(_ field: String, length: Int) {
        // Nothing can be a part of nothing; a server may ignore the field then (§14.2).
        guard length > 0, let ranges = ByteRanges(field) else {
            self = .whole
            return
        }
        let parts = ranges.specs.lazy.compactMap { $0.part(of: length) }.prefix(2)
        switch (parts.first, parts.count) {
        case (nil, _): self = .unsatisfiable
        case (let part?, 1): self = .part(part)
        // Several would need a multipart answer, which no client that we know of can do without
        // the whole, and which invites requests for a thousand overlapping parts (§17.15).
        default: self = .whole
        }
    }
}

/// A valid ranges-specifier in bytes.
private struct ByteRanges {
    /// One range of several.
    enum Spec {
        /// `first-last`, or `first-` up to the end.
        case from(Int, through: Int?)
        /// `-length`: that many bytes at the end.
        case suffix(Int)

        /// Which bytes it means, `nil` if none (§14.1.2).
        func part(of length: Int) -> Range<Int>? {
            switch self {
            case .from(let first, let last):
                first < length ? first..<min(length, (last ?? .max - 1) + 1) : nil
            case .suffix(let count):
                count > 0 ? max(0, length - count)..<length : nil
            }
        }
    }

    private(set) var specs: [Spec] = []

    /// `nil` for another unit, and if any of the ranges is invalid (§14.1.1): such a field is to be
    /// ignored.
    init?(_ field: String) {
        let bytes = Array(field.utf8)
        guard let equals = bytes.firstIndex(of: Byte.equals),
            bytes[..<equals].elementsEqual("bytes".utf8, by: { $0.lowercased == $1 })
        else { return nil }
        for element in bytes[(equals + 1)...].split(separator: Byte.comma) {
            let text = element.drop(while: \.isBlank)
            // Empty elements are to be ignored (§5.6.1.2).
            guard let end = text.lastIndex(where: { !$0.isBlank }) else { continue }
            guard let spec = ByteRanges.spec(text[...end]) else { return nil }
            specs.append(spec)
        }
        if specs.isEmpty { return nil }
    }

    private static func spec(_ text: ArraySlice<UInt8>) -> Spec? {
        guard let hyphen = text.firstIndex(of: UInt8(ascii: "-")) else { return nil }
        let left = text[..<hyphen]
        let right = text[(hyphen + 1)...]
        if left.isEmpty { return number(right).map(Spec.suffix) }
        guard let first = number(left) else { return nil }
        if right.isEmpty { return .from(first, through: nil) }
        guard let last = number(right), last >= first else { return nil }
        return .from(first, through: last)
    }

    /// A number that is too large for us is larger than every file, and stays so (§14.1.2 asks for
    /// care with large numerals); one less than the largest, so that adding one is safe.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.allSatisfy(\.isDigit) else { return nil }
        var number = 0
        for digit in digits {
            let (tenfold, overflow) = number.multipliedReportingOverflow(by: 10)
            if overflow || tenfold > Int.max - 10 { return Int.max - 1 }
            number = tenfold + Int(digit &- 0x30)
        }
        return number
    }
}
