// JSON values to bytes. FoundationEssentials' encoder sorts members alphabetically or not at all;
// the predecessor's clients expect them in the order of the wire format.

import Bytes

/// Writes JSON values as compact UTF-8: the same value always gives the same bytes.
package struct JSONWriter {
    /// What has been written.
    private(set) var bytes: [UInt8] = []

    init() {
        // Room for most answers about one job.
        bytes.reserveCapacity(512)
    }

    /// Adds text that is JSON already.
    mutating func writeRaw(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Takes back what was added since there were so many bytes.
    mutating func cut(to count: Int) {
        bytes.removeLast(bytes.count - count)
    }

    /// Hands over what has been written, and begins anew.
    mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    /// Adds a value at the end.
    package mutating func write(_ value: JSONValue) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let digits): bytes.append(contentsOf: digits.utf8)
        case .string(let text): write(text)
        case .array(let elements):
            list("[", "]", of: elements) { $0.write($1) }
        case .object(let members):
            list("{", "}", of: members) { writer, member in
                writer.write(member.name)
                writer.bytes.append(UInt8(ascii: ":"))
                writer.write(member.value)
            }
        }
    }

    private mutating func list<Item>(
        _ opening: Character, _ closing: Character, of items: [Item],
        _ writeItem: (inout JSONWriter, Item) -> Void
    ) {
        bytes.append(contentsOf: opening.utf8)
        for (position, item) in items.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            writeItem(&self, item)
        }
        bytes.append(contentsOf: closing.utf8)
    }

    /// A string in quotes, with nothing escaped but what RFC 8259 §7 demands.
    private mutating func write(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { content in
            // Most texts have nothing to escape, and are copied whole.
            for (position, byte) in content.enumerated() where !JSONWriter.isPlain(byte) {
                bytes.append(contentsOf: content[..<position])
                for byte in content[position...] { writeEscaped(byte) }
                return
            }
            bytes.append(contentsOf: content)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private mutating func writeEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
        case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
        case 0x08: bytes.append(contentsOf: #"\b"#.utf8)
        case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
        case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
        case 0x0C: bytes.append(contentsOf: #"\f"#.utf8)
        case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
        case 0x00..<0x20:
            bytes.append(contentsOf: #"\u00"#.utf8)
            bytes.append(contentsOf: Hexadecimal.text([byte]).utf8)
        default: bytes.append(byte)
        }
    }
}
