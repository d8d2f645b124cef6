// Lists of texts as the predecessor kept them: JSON text as Python writes it. It must not know what
// the texts are.

/// Reads and writes a JSON array of strings.
enum StringList {
    /// `["BTC-USDT", "ETH-USDT"]`: as Python's `json.dumps` writes it, everything outside ASCII
    /// escaped, so that equal lists are equal text.
    static func text(of elements: [String]) -> String {
        var text = "["
        for (index, element) in elements.enumerated() {
            if index > 0 { text += ", " }
            text += "\""
            if element.utf8.allSatisfy(isPlain) {
                text += element
            } else {
                for unit in element.utf16 { append(unit, to: &text) }
            }
            text += "\""
        }
        return text + "]"
    }

    /// The elements of a JSON array; elements that are no strings are shown as they are written.
    /// Text that is no JSON array is taken for the only element; `null` and nothing for no element.
    static func elements(of text: String) -> [String] {
        var reader = StringListReader(text)
        if let elements = reader.array() { return elements }
        reader = StringListReader(text)
        if let string = reader.onlyString() { return [string] }
        return text.isEmpty || text == "null" ? [] : [text]
    }

    /// The first elements of a JSON array, and how many it has: as ``elements(of:)``, at the cost
    /// of one look at each byte.
    static func beginning(
        of text: UnsafeBufferPointer<UInt8>, atMost limit: Int
    ) -> (elements: [String], total: Int) {
        if text.count > shortBytesMax, let (end, total) = scan(text, elements: limit) {
            let bytes = UnsafeBufferPointer(rebasing: text[..<end])
            let beginning = String(decoding: bytes, as: UTF8.self)
            var reader = StringListReader(beginning + "]")
            if let elements = reader.array() { return (elements, total) }
        }
        let all = elements(of: String(decoding: text, as: UTF8.self))
        return (Array(all.prefix(limit)), all.count)
    }

    /// Reading so much whole takes some microseconds.
    private static let shortBytesMax = 1_024

    /// Where the first elements of an array of scalars end, and how many it has; `nil` for anything
    /// else.
    private static func scan(
        _ text: UnsafeBufferPointer<UInt8>, elements limit: Int
    ) -> (end: Int, total: Int)? {
        guard text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") else { return nil }
        var (end, commas, index) = (text.count - 1, 0, 1)
        while index < text.count - 1 {
            switch text[index] {
            case UInt8(ascii: "\""):
                index += 1
                while index < text.count - 1, text[index] != UInt8(ascii: "\"") {
                    index += text[index] == UInt8(ascii: "\\") ? 2 : 1
                }
            case UInt8(ascii: ","):
                commas += 1
                if commas == limit { end = index }
            case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"): return nil
            default: break
            }
            index += 1
        }
        return (end, commas + 1)
    }

    /// Whether a byte stands for itself in JSON text that is all ASCII.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func append(_ unit: UInt16, to text: inout String) {
        switch unit {
        case 0x22: text += "\\\""
        case 0x5C: text += "\\\\"
        case 0x0A: text += "\\n"
        case 0x0D: text += "\\r"
        case 0x09: text += "\\t"
        case 0x08: text += "\\b"
        case 0x0C: text += "\\f"
        case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
        default:
            let digits = String(unit, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }
}
