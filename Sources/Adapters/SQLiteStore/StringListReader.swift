// The little JSON that a list of texts needs, read leniently: what the predecessor let into its
// rows is shown, not refused. It must not know what the texts are.

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
