// Messages for the Bot API: the parameters of sendMessage, and the accepted ones.

import HTTP
import Synchronization

/// The parameters of a message: from JSON, a form or the query, as the Bot API takes them.
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

/// The accepted messages in order, shared by all event loops.
final class MessageBook: Sendable {
    private let messages = Mutex<(last: Int, all: [AcceptedMessage])>((0, []))

    /// Appends a message under the next number, which the returned one has.
    func append(_ message: AcceptedMessage) -> AcceptedMessage {
        messages.withLock { messages in
            messages.last += 1
            var message = message
            message.id = messages.last
            messages.all.append(message)
            return message
        }
    }

    var all: [AcceptedMessage] { messages.withLock { $0.all } }

    func clear() {
        messages.withLock { $0.all = [] }
    }
}

/// An accepted message, as `GET /_sandbox/messages` shows it.
struct AcceptedMessage: Encodable, Sendable {
    var id: Int
    var chat: String
    /// As sent.
    var text: String
    /// As a reader sees it, entities parsed.
    var plain: String
    var parseMode: String?
    /// Milliseconds since 1970.
    var at: Int64

    private enum CodingKeys: String, CodingKey {
        case id = "message_id"
        case chat = "chat_id"
        case text
        case plain
        case parseMode = "parse_mode"
        case at = "at_ms"
    }
}
