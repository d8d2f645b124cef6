// Between our JSON shapes and bytes. The only place that knows who does the decoding, so that
// another decoder can take its place.

import FoundationEssentials

/// A shape that can be written as JSON, its members in a fixed order.
package protocol JSONWritable {
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

    /// The shape as JSON for people: indented, one member per line.
    package static func encodePretty(_ shape: some JSONWritable) -> String {
        var writer = JSONWriter(pretty: true)
        writer.write(shape.json)
        return String(decoding: writer.bytes, as: UTF8.self)
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
