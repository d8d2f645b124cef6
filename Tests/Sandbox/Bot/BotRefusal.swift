// The ways in which the Bot API says no: the status is the error code. It must not know when to say
// which.

import HTTP

/// An error answer of the Bot API.
struct BotRefusal: Error, Encodable {
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

    static func badRequest(_ reason: String) -> BotRefusal {
        BotRefusal(code: 400, description: "Bad Request: \(reason)")
    }

    static func unparsable(_ reason: String) -> BotRefusal {
        badRequest("can't parse entities: \(reason)")
    }

    static let unauthorized = BotRefusal(code: 401, description: "Unauthorized")
    static let notFound = BotRefusal(code: 404, description: "Not Found")
    static let methodNotFound = BotRefusal(code: 404, description: "Not Found: method not found")
}
