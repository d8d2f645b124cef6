// GET /openapi.json: the API described for machines.

import APITypes
import HTTP
import JSON

/// Gives away the OpenAPI document.
struct OpenAPIDocument: Endpoint {
    static let operation = Operation(
        method: .get, path: PathTemplate("/openapi.json"), identifier: "openapi",
        summary: "OpenAPI document", details: "This description, for machines.", isOpen: true,
        ownAnswers: [.init(status: .ok, details: "The document.", content: .openAPI)])

    private let content: [UInt8]

    init(_ document: JSONValue) {
        content = JSONCoding.encode(document)
    }

    var operation: Operation { OpenAPIDocument.operation }

    func answer(_ call: RequestContext) async throws -> Response {
        .json(.ok, content)
    }
}
