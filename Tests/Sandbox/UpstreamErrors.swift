// The error responses of Tardis and of the Bot API. Codes of Tardis that are not published are the
// status.

import HTTP

/// An error response of Tardis.
struct TardisError: Error, Encodable {
    var status: Status
    var code: Int
    var message: String

    private enum CodingKeys: String, CodingKey {
        case code
        case message
    }

    var response: Response {
        .json(self, status: status)
    }

    static let notFound = TardisError(status: .notFound, code: 404, message: "Not found")

    static let unauthorized = TardisError(
        status: .unauthorized, code: 401,
        message: "Unauthorized: this dataset needs a valid API key. Without one only the first day"
            + " of each month is available.")

    static func invalid(_ parameter: String, _ value: String, hint: String) -> TardisError {
        TardisError(
            status: .badRequest, code: 300,
            message: "Invalid '\(parameter)' param provided: '\(value)'. \(hint)")
    }

    static func unavailable(_ message: String) -> TardisError {
        TardisError(status: .badRequest, code: 140, message: message)
    }
}

/// An error answer of the Bot API.
struct BotError: Error, Encodable {
    var ok = false
    var code: Int
    var description: String

    private enum CodingKeys: String, CodingKey {
        case ok
        case code = "error_code"
        case description
    }

    var response: Response {
        .json(self, status: Status(code))
    }

    static func badRequest(_ reason: String) -> BotError {
        BotError(code: 400, description: "Bad Request: \(reason)")
    }

    static func unparsable(_ reason: String) -> BotError {
        badRequest("can't parse entities: \(reason)")
    }

    static let unauthorized = BotError(code: 401, description: "Unauthorized")
    static let notFound = BotError(code: 404, description: "Not Found")
    static let methodNotFound = BotError(code: 404, description: "Not Found: method not found")
}
