// Lists of strings as the predecessor stores them: JSON text as Python writes it.

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

/// Reads an array of scalars, or one string (RFC 8259).
struct StringListReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The whole text as an array, `nil` where it is none.
    mutating func array() -> [String]? {
        skipSpace()
        guard take("[") else { return nil }
        var elements: [String] = []
        skipSpace()
        if take("]") { return isAtEnd() ? elements : nil }
        while true {
            skipSpace()
            guard let element = string() ?? word() else { return nil }
            elements.append(element)
            skipSpace()
            if take("]") { return isAtEnd() ? elements : nil }
            guard take(",") else { return nil }
        }
    }

    /// The whole text as one string, `nil` where it is none.
    mutating func onlyString() -> String? {
        skipSpace()
        guard let string = string(), isAtEnd() else { return nil }
        return string
    }

    private mutating func string() -> String? {
        let start = position
        guard take("\"") else { return nil }
        // UTF-16, because that is what \u escapes are made of.
        var units: [UInt16] = []
        var plainStart = position
        func plain(to end: Int) -> String.UTF16View {
            String(decoding: bytes[plainStart..<end], as: UTF8.self).utf16
        }
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                // Nearly always: nothing was escaped.
                if plainStart == start + 1 {
                    position += 1
                    return String(decoding: bytes[plainStart..<position - 1], as: UTF8.self)
                }
                units += plain(to: position)
                position += 1
                return String(decoding: units, as: UTF16.self)
            }
            if byte == UInt8(ascii: "\\") {
                units += plain(to: position)
                guard let unit = escape() else { break }
                units.append(unit)
                plainStart = position
            } else {
                position += 1
            }
        }
        position = start
        return nil
    }

    /// The code unit that an escape sequence stands for; the position is at its backslash.
    private mutating func escape() -> UInt16? {
        guard position + 1 < bytes.count else { return nil }
        let name = bytes[position + 1]
        position += 2
        switch name {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt16(name)
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "u"):
            guard position + 4 <= bytes.count else { return nil }
            let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
            position += 4
            return UInt16(digits, radix: 16)
        default: return nil
        }
    }

    /// A number, `true`, `false` or `null`, as it is written.
    private mutating func word() -> String? {
        let start = position
        while position < bytes.count, StringListReader.isWordByte(bytes[position]) { position += 1 }
        return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            return false
        }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
            position += 1
        }
    }

    private mutating func isAtEnd() -> Bool {
        skipSpace()
        return position == bytes.count
    }
}
