// JSON values to bytes, whole or as a long list in pieces. FoundationEssentials' encoder sorts
// members alphabetically or not at all; the predecessor's clients expect them in the order of the
// wire format. Only decoding uses Foundation.

import Bytes
import FoundationEssentials

/// A type with a JSON form, its members in a fixed order.
package protocol JSONWritable {
    /// Its JSON form as a tree.
    var json: JSONValue { get }
}

extension JSONValue: JSONWritable {
    package var json: JSONValue { self }
}

/// Writes and reads JSON.
package enum JSONCoding {
    /// The value as compact UTF-8 JSON, members in their declared order, absent ones as `null`.
    package static func encode(_ shape: some JSONWritable) -> [UInt8] {
        var writer = JSONWriter()
        writer.write(shape.json)
        return writer.bytes
    }

    /// Reads a type; unknown members are ignored.
    ///
    /// - Throws: `DecodingError` if the bytes are not JSON of this type.
    package static func decode<Shape: Decodable>(
        _ shape: Shape.Type, from bytes: [UInt8]
    ) throws -> Shape {
        try JSONDecoder().decode(shape, from: Data(bytes))
    }
}

/// Writes an object whose first member is a list, element by element, so that the caller can limit
/// its size or send it in pieces.
package struct JSONListWriter {
    private var writer = JSONWriter()
    private let bytesMax: Int
    private var count = 0

    /// - Parameters:
    ///   - name: of the list, without characters that need an escape.
    ///   - bytesMax: of the list; the first element is written at any length.
    package init(beginning name: String, bytesMax: Int = .max) {
        self.bytesMax = bytesMax
        writer.writeRaw("{\"\(name)\":[")
    }

    /// Adds an element.
    ///
    /// - Returns: whether it was added, because it fits.
    package mutating func add(_ element: some JSONWritable) -> Bool {
        let before = writer.bytes.count
        if count > 0 { writer.writeRaw(",") }
        writer.write(element.json)
        guard count == 0 || writer.bytes.count <= bytesMax else {
            writer.cut(to: before)
            return false
        }
        count += 1
        return true
    }

    /// The bytes written since the last call.
    package mutating func take() -> [UInt8] { writer.take() }

    /// Ends the list.
    ///
    /// - Parameter rest: an object of the members that follow, at least one.
    /// - Returns: the bytes that were not taken.
    package mutating func finish(_ rest: JSONValue) -> [UInt8] {
        writer.writeRaw("],")
        var members = JSONCoding.encode(rest)
        members.removeFirst()
        return writer.take() + members
    }
}

/// Writes JSON values as compact UTF-8: the same value always gives the same bytes.
struct JSONWriter {
    /// The bytes written so far.
    private(set) var bytes: [UInt8] = []

    init() {
        // Enough for most responses about one job.
        bytes.reserveCapacity(512)
    }

    /// Adds JSON text.
    mutating func writeRaw(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Removes the bytes after the first `count`.
    mutating func cut(to count: Int) {
        bytes.removeLast(bytes.count - count)
    }

    /// Returns the bytes written so far, and starts again.
    mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    /// Adds a value at the end.
    mutating func write(_ value: JSONValue) {
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

    /// A string in quotes, with only the escapes that RFC 8259 §7 demands.
    private mutating func write(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { content in
            // Most texts need no escape, and are copied whole.
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
