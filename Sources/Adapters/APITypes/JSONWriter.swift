// JSON values to bytes: the same value always gives the same bytes. It must not know what the
// values mean.

/// Writes JSON values as UTF-8.
package struct JSONWriter {
    /// What has been written.
    package private(set) var bytes: [UInt8] = []
    private let isPretty: Bool

    /// - Parameter pretty: one member or element per line, two spaces deeper than what holds it.
    package init(pretty: Bool = false) {
        isPretty = pretty
    }

    /// Adds a value at the end.
    package mutating func write(_ value: JSONValue) {
        write(value, depth: 0)
    }

    private mutating func write(_ value: JSONValue, depth: Int) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let digits): bytes.append(contentsOf: digits.utf8)
        case .string(let text): write(text)
        case .array(let elements):
            list("[", "]", of: elements, depth: depth) { $0.write($1, depth: depth + 1) }
        case .object(let members):
            list("{", "}", of: members, depth: depth) { writer, member in
                writer.write(member.name)
                writer.bytes.append(contentsOf: (writer.isPretty ? ": " : ":").utf8)
                writer.write(member.value, depth: depth + 1)
            }
        }
    }

    private mutating func list<Item>(
        _ opening: Character, _ closing: Character, of items: [Item], depth: Int,
        _ writeItem: (inout JSONWriter, Item) -> Void
    ) {
        bytes.append(contentsOf: opening.utf8)
        for (position, item) in items.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            if isPretty { startLine(depth: depth + 1) }
            writeItem(&self, item)
        }
        if isPretty, !items.isEmpty { startLine(depth: depth) }
        bytes.append(contentsOf: closing.utf8)
    }

    private mutating func startLine(depth: Int) {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }

    /// A string in quotes, with nothing escaped but what RFC 8259 §7 demands.
    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
            case 0x08: bytes.append(contentsOf: #"\b"#.utf8)
            case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
            case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
            case 0x0C: bytes.append(contentsOf: #"\f"#.utf8)
            case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
            case 0x00..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: #"\u00"#.utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
