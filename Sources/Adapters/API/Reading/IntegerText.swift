// Whole numbers in paths and queries, in every spelling that the predecessor took (pydantic 2.5):
// `7`, `+7`, `007`, `1_000`, `7.0`. It must not know what they count.

/// A whole number of any size, as text.
struct IntegerText: Hashable, CustomStringConvertible {
    /// Digits without leading zeros, after a `-` where it is negative.
    let description: String

    /// The number, where it fits.
    var value: Int64? { Int64(description) }
    /// The number, or the nearest one that fits.
    var clamped: Int64 { value ?? (description.first == "-" ? .min : .max) }

    /// `nil` where the text spells no whole number.
    init?(_ text: String) {
        // Nearly every number is spelled plainly.
        if let number = Int64(text), number > 0, String(number) == text {
            description = text
            return
        }
        var rest = Array(text.utf8)[...]
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        let isSigned = rest.count < text.utf8.count
        guard let digits = IntegerText.digits(of: rest, mayBeginWithUnderscore: isSigned) else {
            return nil
        }
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        let number = significant.isEmpty ? "0" : String(decoding: significant, as: UTF8.self)
        description = isNegative && number != "0" ? "-" + number : number
    }

    /// The digits in front of `.000`; single underscores between digits are left out.
    private static func digits(
        of text: ArraySlice<UInt8>, mayBeginWithUnderscore: Bool
    ) -> [UInt8]? {
        let parts = text.split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, let last = whole.last, isDigit(last) else { return nil }
        let hasUnderscores = whole.contains(UInt8(ascii: "_"))
        if parts.count == 2 {
            guard !hasUnderscores, parts[1].allSatisfy({ $0 == UInt8(ascii: "0") }) else {
                return nil
            }
        }
        var digits: [UInt8] = []
        var previous = mayBeginWithUnderscore ? UInt8(ascii: "0") : UInt8(ascii: "_")
        for byte in whole {
            if byte == UInt8(ascii: "_") {
                guard previous != byte else { return nil }
            } else {
                guard isDigit(byte) else { return nil }
                digits.append(byte)
            }
            previous = byte
        }
        return digits
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
