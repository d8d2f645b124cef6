// The content of a request as a JSON value, taken for JSON when FastAPI would take it for JSON. It
// must not know which members there should be.

import APITypes
import HTTP

/// Reads the content of requests.
enum RequestBody {
    /// The members of the object that the content is.
    ///
    /// - Throws: ``Refusal/unreadableBody`` for bytes that are not UTF-8, and
    ///   ``Refusal/invalid(_:)`` for anything but a JSON object.
    static func object(of request: Request) throws(Refusal) -> JSONValue {
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

    /// Whether content of this type is JSON: `application/json`, `application/…+json`, and content
    /// without a type or with an empty one, as it was with FastAPI 0.104.
    private static func isJSON(_ contentType: String?) -> Bool {
        // Nearly always this; taking a type to pieces costs as much as the object behind it.
        if contentType == "application/json" { return true }
        guard let contentType, !contentType.isEmpty else { return true }
        let type = contentType.split(separator: ";", omittingEmptySubsequences: false)[0]
            .lowercased().filter { $0 != " " && $0 != "\t" }
        guard type.hasPrefix("application/") else { return false }
        return type == "application/json" || type.hasSuffix("+json")
    }
}
