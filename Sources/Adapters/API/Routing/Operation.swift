// What an endpoint declares about itself: the only source of the OpenAPI document.

import APITypes
import HTTP
import JSON

/// One method of one path, declared.
struct Operation: Sendable {
    var method: Method
    var path: PathTemplate
    /// Unique, in snake case: names of functions in generated clients.
    var identifier: String
    /// A few words.
    var summary: String
    /// A few sentences.
    var details: String
    /// Whether it answers everybody.
    var isOpen = false
    var parameters: [Parameter] = []
    /// The schema of the body it takes.
    var requestBody: String?
    /// Whether the body may be left out.
    var mayOmitBody = false
    /// What it answers beyond ``sharedAnswers``.
    var ownAnswers: [Answer]

    /// A parameter in path, query or header.
    struct Parameter: Sendable {
        enum Place: String, Sendable {
            case path
            case query
            case header
        }

        var name: String
        var place: Place
        var details: String
        var schema: JSONValue

        /// How many of something a page has at most.
        static func limit(_ details: String, max: Int, default preset: Int) -> Parameter {
            Parameter(
                name: "limit", place: .query, details: details,
                schema: [
                    "type": "integer", "minimum": 1, "maximum": .integer(max),
                    "default": .integer(preset),
                ])
        }

        /// How many of something come before a page.
        static func offset(_ details: String) -> Parameter {
            Parameter(
                name: "offset", place: .query, details: details,
                schema: ["type": "integer", "minimum": 0, "default": 0])
        }
    }

    /// An answer it may give.
    struct Answer: Sendable {
        var status: Status
        var details: String
        /// Media type and schema of the content.
        var content: Content
        /// What it may have in place of that.
        var otherContent: Content?
        var headers: [Header] = []

        enum Content: Sendable {
            case json(schema: String)
            case html
            case text
            case openAPI
            case nothing
        }
    }

    /// A field of an answer.
    struct Header: Sendable {
        var name: String
        var details: String
        var schema: JSONValue = ["type": "string"]
        /// Whether every answer with the status has it.
        var isAlwaysThere = true
    }

    /// All that it may answer, in the order of the status codes.
    var answers: [Answer] {
        (ownAnswers + sharedAnswers).sorted { $0.status.code < $1.status.code }
    }

    private var sharedAnswers: [Answer] {
        var shared = [Answer.internalError]
        if requestBody != nil { shared += [.contentTooLarge, .encodedBody] }
        if !isOpen { shared += [.unnamed, .unauthorized, .forbidden, .unavailable, .tooMany] }
        // What the operation itself says of a status holds as well.
        return shared.filter { answer in !ownAnswers.contains { $0.status == answer.status } }
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

extension Operation.Answer {
    static let unnamed = Operation.Answer(
        status: .badRequest,
        details: "A header is missing or not what it should be, or the body is not UTF-8 text.",
        content: .json(schema: "Error"))
    static let unauthorized = Operation.Answer(
        status: .unauthorized,
        details: "The API token is missing or wrong.",
        content: .json(schema: "Error"), headers: [.authenticate])
    static let forbidden = Operation.Answer(
        status: .forbidden,
        details: "The user is not on the service's list, or is no administrator and asks for what "
            + "only they may.",
        content: .json(schema: "Error"))
    static let unknownJob = Operation.Answer(
        status: .notFound, details: "There is no such job.", content: .json(schema: "Error"))
    static let conflict = Operation.Answer(
        status: .conflict, details: "Not possible in the state that the job is in.",
        content: .json(schema: "Error"))
    static let anotherVersion = Operation.Answer(
        status: .preconditionFailed,
        details: "If-Match or If-None-Match is about another version than there is. Nothing was "
            + "done.",
        content: .json(schema: "Error"))
    static let contentTooLarge = Operation.Answer(
        status: .contentTooLarge, details: "The body is larger than any request is.",
        content: .json(schema: "Error"))
    static let encodedBody = Operation.Answer(
        status: .unsupportedMediaType,
        details: "The body has a Content-Encoding, or was sent by a browser and is not declared as "
            + "JSON.",
        content: .json(schema: "Error"), headers: [.acceptEncoding, .accept])
    static let tooMany = Operation.Answer(
        status: .tooManyRequests,
        details: "Too many wrong tokens came from the address, or the user does too much.",
        content: .json(schema: "Error"), headers: [.retryAfterIfAny])
    static let invalid = Operation.Answer(
        status: .unprocessableContent,
        details: "The request is not valid; every problem is listed.",
        content: .json(schema: "HTTPValidationError"))
    static let internalError = Operation.Answer(
        status: .internalServerError, details: "A fault of the service; its log knows more.",
        content: .json(schema: "Error"))
    static let unavailable = Operation.Answer(
        status: .serviceUnavailable,
        details: "The service is stopping, or its store does not answer; try again.",
        content: .json(schema: "Error"), headers: [.retryAfter])
}
