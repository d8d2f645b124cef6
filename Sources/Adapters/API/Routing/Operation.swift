// What an endpoint declares about itself: the only source of the OpenAPI document.

import APITypes
import HTTP
import JSON

/// One method of one path, declared.
struct Operation: Sendable {
    var method: Method
    var path: PathTemplate
    /// Unique, in snake case: the name of a function in generated clients.
    var identifier: String
    /// A few words.
    var summary: String
    /// A few sentences.
    var details: String
    /// Whether it needs neither a name nor a token.
    var isOpen = false
    var parameters: [Parameter] = []
    /// The schema of its body; `nil` where it takes none.
    var requestBody: String?
    /// Whether the body may be left out.
    var mayOmitBody = false
    /// What it responds with beyond ``sharedResponses``.
    var responses: [DeclaredResponse]

    /// All that it may respond with, in the order of the status codes.
    var allResponses: [DeclaredResponse] {
        (responses + sharedResponses).sorted { $0.status.code < $1.status.code }
    }

    private var sharedResponses: [DeclaredResponse] {
        var shared = [DeclaredResponse.internalError]
        if requestBody != nil {
            shared += [.contentTooLarge, .encodedBody]
        } else if method != .get {
            shared.append(.foreignBody)
        }
        if !isOpen { shared += [.badRequest, .unauthorized, .forbidden, .unavailable, .tooMany] }
        // The operation's own declaration of a status takes the place of the shared one.
        return shared.filter { response in
            !responses.contains { $0.status == response.status }
        }
    }

    /// A parameter in path, query or header.
    struct Parameter: Sendable {
        enum Location: String, Sendable {
            case path
            case query
            case header
        }

        var name: String
        var location: Location
        var details: String
        var schema: JSONValue = ["type": "string"]

        /// The most elements on a page.
        static func limit(_ details: String, max: Int, default preset: Int) -> Parameter {
            Parameter(
                name: "limit", location: .query, details: details,
                schema: [
                    "type": "integer", "minimum": 1, "maximum": .integer(max),
                    "default": .integer(preset),
                ])
        }

        /// How many elements precede a page.
        static func offset(_ details: String) -> Parameter {
            Parameter(
                name: "offset", location: .query, details: details,
                schema: ["type": "integer", "minimum": 0, "default": 0])
        }
    }

    /// A field of a response.
    struct Header: Sendable {
        var name: String
        var details: String
        var schema: JSONValue = ["type": "string"]
        /// Whether every response with the status has it.
        var isAlwaysThere = true
    }
}

/// A response that an operation may give.
struct DeclaredResponse: Sendable {
    var status: Status
    var details: String
    /// Media type and schema of the content.
    var content: Content
    /// An alternative to that content.
    var otherContent: Content?
    var headers: [Operation.Header] = []

    enum Content: Sendable {
        case json(schema: String)
        case html
        case text
        case openAPI
        case nothing
    }

    /// A response with JSON of a schema.
    static func json(
        _ status: Status, _ schema: String, _ details: String, headers: [Operation.Header] = []
    ) -> DeclaredResponse {
        DeclaredResponse(
            status: status, details: details, content: .json(schema: schema), headers: headers)
    }

    /// A response with an error's sentence.
    static func error(
        _ status: Status, _ details: String, headers: [Operation.Header] = []
    ) -> DeclaredResponse {
        json(status, "Error", details, headers: headers)
    }
}

extension Operation.Header {
    static let retryAfter = Operation.Header(
        name: "Retry-After", details: "Seconds after which another try makes sense.",
        schema: ["type": "integer", "minimum": 0])
    static let allow = Operation.Header(
        name: "Allow", details: "The methods that the path takes.")
    static let entityTag = Operation.Header(
        name: "ETag", details: "Names this very version of the job (RFC 9110 §8.8.3).")
    static let preferenceApplied = Operation.Header(
        name: "Preference-Applied",
        details: "How long the answer would have waited for a change (RFC 7240).",
        isAlwaysThere: false)
    static let nextPage = Operation.Header(
        name: "Link", details: "The next page, where there is one: `<…>; rel=\"next\"`.",
        isAlwaysThere: false)
    static let replayed = Operation.Header(
        name: "Idempotency-Replayed",
        details: "`true` where the request was answered before, and this says the same.",
        isAlwaysThere: false)
    static let location = Operation.Header(
        name: "Location", details: "The path of the job, relative to the request's.",
        schema: ["type": "string", "format": "uri-reference"])
    static let acceptEncoding = Operation.Header(
        name: "Accept-Encoding", details: "`identity`: only bodies as they are.",
        isAlwaysThere: false)
    static let accept = Operation.Header(
        name: "Accept", details: "`application/json`: what a body has to be.",
        isAlwaysThere: false)
    /// As ``retryAfter``, where waiting helps.
    static let retryAfterIfAny = {
        var header = Operation.Header.retryAfter
        header.isAlwaysThere = false
        return header
    }()
    static let authenticate = Operation.Header(
        name: "WWW-Authenticate", details: "The challenge, naming the header for the token.")
}

extension DeclaredResponse {
    static let badRequest = DeclaredResponse.error(
        .badRequest, "A header is missing or not what it should be, or the body is not UTF-8 text.")
    static let unauthorized = DeclaredResponse.error(
        .unauthorized, "The API token is missing or wrong.", headers: [.authenticate])
    static let forbidden = DeclaredResponse.error(
        .forbidden,
        "The user is not on the service's list, or is no administrator and asks for what "
            + "only they may.")
    static let unknownJob = DeclaredResponse.error(.notFound, "There is no such job.")
    static let conflict = DeclaredResponse.error(
        .conflict, "Not possible in the state that the job is in.")
    static let anotherVersion = DeclaredResponse.error(
        .preconditionFailed,
        "If-Match or If-None-Match is about another version than there is. Nothing was "
            + "done.")
    static let contentTooLarge = DeclaredResponse.error(
        .contentTooLarge, "The body is larger than any request is.")
    static let encodedBody = DeclaredResponse.error(
        .unsupportedMediaType,
        "The body has a Content-Encoding, or was sent by a browser and is not declared as "
            + "JSON.", headers: [.acceptEncoding, .accept])
    /// Of operations without a body: what it says is ignored, but a hostile page may have sent it.
    static let foreignBody = DeclaredResponse.error(
        .unsupportedMediaType, "A browser sent a body, and did not declare it as JSON.",
        headers: [.accept])
    static let tooMany = DeclaredResponse.error(
        .tooManyRequests, "Too many wrong tokens came from the address, or the user does too much.",
        headers: [.retryAfterIfAny])
    static let invalid = DeclaredResponse.json(
        .unprocessableContent, "HTTPValidationError",
        "The request is not valid; every problem is listed.")
    static let internalError = DeclaredResponse.error(
        .internalServerError, "A fault of the service; its log knows more.")
    static let unavailable = DeclaredResponse.error(
        .serviceUnavailable, "The service is stopping, or its store does not answer; try again.",
        headers: [.retryAfter])
}
