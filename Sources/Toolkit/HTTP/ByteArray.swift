// Text into arrays of bytes, without the detour over other strings.

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
}
