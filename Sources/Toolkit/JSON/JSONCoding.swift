// JSON text to and from Swift types. The only file of the module that uses Foundation's coders.

import FoundationEssentials

/// A shape that can be written as JSON, its members in a fixed order.
package protocol JSONWritable {
    /// Its values as a tree.
    var json: JSONValue { get }
}

extension JSONValue: JSONWritable {
    package var json: JSONValue { self }
}

/// Writes and reads JSON.
package enum JSONCoding {
    /// The shape as compact UTF-8 JSON, members in their declared order, absent ones as `null`.
    package static func encode(_ shape: some JSONWritable) -> [UInt8] {
        var writer = JSONWriter()
        writer.write(shape.json)
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
