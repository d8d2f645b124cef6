// The content of a request as a JSON value, taken for JSON when FastAPI would take it for JSON. It
// must not know which members there should be.

import APITypes
import HTTP
import JSON

/// Reads the content of requests.
enum RequestBody {
    /// The members of the object that the content is.
    ///
    /// - Throws: ``APIError/encodedBody`` for compressed content, ``APIError/foreignBody`` for a
    ///   browser's that is not declared as JSON, ``APIError/unreadableBody`` for
    ///   bytes that are not UTF-8, and ``APIError/invalid(_:)`` for anything but a JSON object.
    static func object(of request: Request) throws(APIError) -> JSONValue {
        guard isAsItIs(request.headers["Content-Encoding"]) else { throw .encodedBody }
        if !request.body.isEmpty { try checkOrigin(of: request) }
        guard !request.body.isEmpty else { throw .invalid([.missing(["body"], from: nil)]) }
        guard let text = String(validating: request.body, as: UTF8.self) else {
            throw .unreadableBody
        }
        guard isJSON(request.headers["Content-Type"]) else {
            throw .invalid([.notObject(["body"], input: .string(text))])
        }
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONReader.read(request.body)
        } catch {
            throw .invalid([.notJSON(error)])
        }
        switch value {
        case .object: return value
        case .null: throw .invalid([.missing(["body"], from: nil)])
        default: throw .invalid([.notObject(["body"], input: value)])
        }
    }

    /// The same where there is content; `nil` where there is none.
    ///
    /// - Throws: as ``object(of:)``.
    static func objectIfAny(of request: Request) throws(APIError) -> JSONValue? {
        request.body.isEmpty ? nil : try object(of: request)
    }

    /// A page of a stranger's site can have a browser send a body of a few other types without
    /// asking first, and never one that is declared as JSON.
    ///
    /// - Throws: ``APIError/foreignBody`` where a browser sent content that is not declared as JSON.
    private static func checkOrigin(of request: Request) throws(APIError) {
        guard request.value(of: originName) != nil else { return }
        guard let type = request.headers["Content-Type"], !type.isEmpty, isJSON(type) else {
            throw .foreignBody
        }
    }

    private static let originName = FieldName("Origin")

    /// Whether content with this coding is to be read as it came (RFC 9110 §8.4).
    private static func isAsItIs(_ coding: String?) -> Bool {
        guard let coding, !coding.isEmpty else { return true }
        return coding.lowercased() == "identity"
    }

    /// Whether content of this type is JSON: `application/json`, `application/…+json`, and content
    /// without a type or with an empty one, as it was with FastAPI 0.104.
    private static func isJSON(_ contentType: String?) -> Bool {
        // Nearly always this; taking a type to pieces costs as much as the object behind it.
        if contentType == "application/json" { return true }
        guard let contentType, !contentType.isEmpty else { return true }
        let type = contentType.split(separator: ";", omittingEmptySubsequences: false)[0]
        let sides = type.lowercased().split(separator: "/", omittingEmptySubsequences: false)
        guard sides.count == 2, sides[0].drop(while: isBlank) == "application" else { return false }
        let subtype = sides[1].prefix { !isBlank($0) }
        guard sides[1].dropFirst(subtype.count).allSatisfy(isBlank) else { return false }
        return subtype == "json" || subtype.hasSuffix("+json")
    }

    private static func isBlank(_ character: Character) -> Bool {
        character == " " || character == "\t"
    }
}
