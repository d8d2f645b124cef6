// Text and numbers into arrays of bytes, without the detour over other strings.

extension [UInt8] {
    /// Adds the UTF-8 of a text.
    mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(contentsOf: $0) }
    }

    /// Adds the UTF-8 of a text.
    mutating func append(text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// Adds a number that is not negative, in decimal digits.
    mutating func append(decimal number: Int) {
        precondition(number >= 0, "lengths and codes are not negative")
        if number >= 10 { append(decimal: number / 10) }
        append(0x30 + UInt8(number % 10))
    }
}
