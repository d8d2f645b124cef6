// Between our JSON shapes and bytes. The only file of the API that needs Foundation's coders, so
// that another decoder can take their place.

import FoundationEssentials

/// A shape that can be written as JSON, its members in a fixed order.
package protocol JSONWritable {
    /// Its values as a tree.
    var json: JSONValue { get }

    /// Writes what ``json`` would be written as; for shapes that are written so often that making
    /// the tree would be felt.
    func write(to writer: inout JSONWriter)
}

extension JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.write(json) }
}

extension JSONValue: JSONWritable {
    package var json: JSONValue { self }
}

/// Writes and reads JSON.
package enum JSONCoding {
    /// The shape as compact UTF-8 JSON, members in their declared order, absent ones as `null`.
    package static func encode(_ shape: some JSONWritable) -> [UInt8] {
        var writer = JSONWriter()
        shape.write(to: &writer)
        return writer.bytes
    }

    /// Reads a shape; members that it does not know are passed over.
    ///
    /// - Throws: `DecodingError` when the bytes are not JSON, or not of this shape.
    package static func decode<Shape: Decodable>(
        _ shape: Shape.Type, from bytes: [UInt8]
    ) throws -> Shape {
        try JSONDecoder().decode(shape, from: Data(bytes))
    }
}

/// How the shapes of this target read whole numbers: the compiler prefers these to the library's,
/// also in what it makes of `Decodable`.
///
/// A number beyond those that every JSON reader keeps exactly (±(2^53 - 1), RFC 7493 §2.2) is read
/// as the nearest of them. So sums of a thousand numbers from a service never overflow.
extension KeyedDecodingContainer {
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try exact(type, key) }

    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try exact(type, key) }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try contains(key) && !decodeNil(forKey: key) ? exact(type, key) : nil
    }

    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        try contains(key) && !decodeNil(forKey: key) ? exact(type, key) : nil
    }

    private func exact<Number: FixedWidthInteger & SignedInteger & Decodable>(
        _ type: Number.Type, _ key: Key
    ) throws -> Number {
        let largest = Number((1 << 53) - 1)
        return min(max(try decode(type, forKey: key), -largest), largest)
    }
}
