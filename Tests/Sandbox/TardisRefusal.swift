// The ways in which Tardis says no: a code of its own and a text. Codes that nobody has published
// are left at the status.

import HTTP

/// A refusal as Tardis words it.
struct TardisRefusal: Error, Encodable {
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

    static let notFound = TardisRefusal(status: .notFound, code: 404, message: "Not found")

    static let unauthorized = TardisRefusal(
        status: .unauthorized, code: 401,
        message: "Unauthorized: this dataset needs a valid API key. Without one only the first day"
            + " of each month is available.")

    static func invalid(_ parameter: String, _ value: String, hint: String) -> TardisRefusal {
        TardisRefusal(
            status: .badRequest, code: 300,
            message: "Invalid '\(parameter)' param provided: '\(value)'. \(hint)")
    }

    static func unavailable(_ message: String) -> TardisRefusal {
        TardisRefusal(status: .badRequest, code: 140, message: message)
    }
}
