// The JSON of the Bot API, as far as sending needs it (core.telegram.org/bots/api#sendmessage). It
// must not decide anything.

import FoundationEssentials

/// The body of `sendMessage`.
struct SendMessage: Encodable {
    struct LinkPreview: Encodable {
        var isDisabled: Bool

        enum CodingKeys: String, CodingKey {
            case isDisabled = "is_disabled"
        }
    }

    /// Text for numbers too: the API takes both, and a channel's name is text anyway.
    var chatID: String
    var text: String
    /// `HTML`, or left out for plain text.
    var parseMode: String?
    var linkPreview = LinkPreview(isDisabled: true)
    var isSilent: Bool

    enum CodingKeys: String, CodingKey {
        case chatID = "chat_id"
        case text
        case parseMode = "parse_mode"
        case linkPreview = "link_preview_options"
        case isSilent = "disable_notification"
    }

    /// The request's body.
    func json() throws -> [UInt8] {
        try Array(JSONEncoder().encode(self))
    }
}

/// What every method answers; members that are missing or of another type are `nil`.
struct BotReply: Decodable, Hashable {
    var isOK: Bool
    var errorCode: Int?
    var description: String?
    /// Seconds to wait.
    var retryAfter: Int?
    /// The supergroup that a group has become: needs more than 32 bits, and a sign.
    var migrateToChatID: Int64?

    private enum CodingKeys: String, CodingKey {
        case ok
        case errorCode = "error_code"
        case description
        case parameters
    }

    private enum ParameterKeys: String, CodingKey {
        case retryAfter = "retry_after"
        case migrateToChatID = "migrate_to_chat_id"
    }

    init(from decoder: any Decoder) throws {
        let reply = try decoder.container(keyedBy: CodingKeys.self)
        isOK = try reply.decode(Bool.self, forKey: .ok)
        errorCode = try? reply.decode(Int.self, forKey: .errorCode)
        description = try? reply.decode(String.self, forKey: .description)
        let parameters = try? reply.nestedContainer(
            keyedBy: ParameterKeys.self, forKey: .parameters)
        retryAfter = try? parameters?.decode(Int.self, forKey: .retryAfter)
        migrateToChatID = try? parameters?.decode(Int64.self, forKey: .migrateToChatID)
    }

    /// Reads a reply; `nil` when the bytes are none.
    static func read(_ body: [UInt8]) -> BotReply? {
        try? JSONDecoder().decode(BotReply.self, from: Data(body))
    }
}
