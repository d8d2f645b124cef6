// JSON to and from bytes by Foundation's coders, and responses made of it.

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

    /// The decoder's message, with the path in the JSON.
    static func message(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let (context, extra): (DecodingError.Context, String) =
            switch error {
            case .dataCorrupted(let context): (context, "")
            case .keyNotFound(let key, let context): (context, " (\(key.stringValue))")
            case .typeMismatch(_, let context), .valueNotFound(_, let context): (context, "")
            @unknown default: (.init(codingPath: [], debugDescription: "\(error)"), "")
            }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return "\(path.isEmpty ? "" : path + ": ")\(context.debugDescription)\(extra)"
    }
}

extension Response {
    /// A response of JSON.
    static func json(
        _ value: some Encodable, status: Status = .ok, headers: Headers = Headers()
    ) -> Response {
        var headers = headers
        headers.set("Content-Type", "application/json; charset=utf-8")
        return Response(status: status, headers: headers, body: .bytes(JSONText.encode(value)))
    }
}
