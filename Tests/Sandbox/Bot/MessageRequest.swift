// The parameters of sendMessage, from JSON, a form or the query: the Bot API takes all three. It
// must not judge them.

import HTTP

/// What a bot asks to be sent.
struct MessageRequest: Decodable, Sendable {
    /// A number, or `@name`, as text.
    var chat: String?
    var text: String?
    var parseMode: String?
    var isSilent: Bool?

    /// Reads the parameters of a request; `nil` when its body claims to be JSON and is not.
    init?(_ request: Request) {
        self.init(request.queryItems)
        let type = request.headers["Content-Type"] ?? ""
        if type.hasPrefix("application/json") {
            guard let body = try? JSONText.decode(MessageRequest.self, from: request.body) else {
                return nil
            }
            self = body
        } else if type.hasPrefix("application/x-www-form-urlencoded") {
            self.init(QueryItems(String(decoding: request.body, as: UTF8.self)))
        }
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        if let number = try? members.decode(Int64.self, forKey: .chat) {
            chat = String(number)
        } else {
            chat = try members.decodeIfPresent(String.self, forKey: .chat)
        }
        text = try members.decodeIfPresent(String.self, forKey: .text)
        parseMode = try members.decodeIfPresent(String.self, forKey: .parseMode)
        isSilent = try members.decodeIfPresent(Bool.self, forKey: .isSilent)
    }

    private init(_ values: QueryItems) {
        chat = values[Key.chat.rawValue]
        text = values[Key.text.rawValue]
        parseMode = values[Key.parseMode.rawValue]
        isSilent = values[Key.isSilent.rawValue].map { $0 == "true" }
    }

    private enum Key: String, CodingKey {
        case chat = "chat_id"
        case text
        case parseMode = "parse_mode"
        case isSilent = "disable_notification"
    }
}
