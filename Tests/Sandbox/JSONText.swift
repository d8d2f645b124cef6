// JSON to and from bytes, and answers made of it. The only file of the stand-in that needs
// Foundation's coders.

import FoundationEssentials
import HTTP

/// Reads and writes JSON.
enum JSONText {
    /// - Throws: `DecodingError` when the bytes are not JSON of this shape.
    static func decode<Shape: Decodable>(_ shape: Shape.Type, from bytes: [UInt8]) throws -> Shape {
        try JSONDecoder().decode(shape, from: Data(bytes))
    }

    /// The value as compact JSON with sorted members.
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            preconditionFailure("a value without floating point always has a JSON form: \(error)")
        }
    }

    /// What is wrong with the JSON, in the decoder's words, with the place.
    static func complaint(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let (context, extra): (DecodingError.Context, String) =
            switch error {
            case .dataCorrupted(let context): (context, "")
            case .keyNotFound(let key, let context): (context, " (\(key.stringValue))")
            case .typeMismatch(_, let context), .valueNotFound(_, let context): (context, "")
            @unknown default: (.init(codingPath: [], debugDescription: "\(error)"), "")
            }
        let place = context.codingPath.map(\.stringValue).joined(separator: ".")
        return "\(place.isEmpty ? "" : place + ": ")\(context.debugDescription)\(extra)"
    }
}

extension Response {
    /// An answer that is JSON.
    static func json(
        _ value: some Encodable, status: Status = .ok, headers: Headers = Headers()
    ) -> Response {
        var headers = headers
        headers.set("Content-Type", "application/json; charset=utf-8")
        return Response(status: status, headers: headers, body: .bytes(JSONText.encode(value)))
    }
}
