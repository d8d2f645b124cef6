// The Bot API as far as sending needs it (core.telegram.org/bots/api#sendmessage): the request, the
// reply, and what a reply means for a message.
//
// Telegram asks to switch on the code and the parameters and to take descriptions as hints. The two
// descriptions that are compared select between reasons, or cost one more request.

import Datasets
import FoundationEssentials
import Jobs

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

/// What to do after a reply.
enum DeliveryDecision: Hashable {
    case done(DeliveryOutcome)
    /// Telegram does not understand the markup: send the text without any.
    case resendPlain(reason: String)
    /// The group has become a supergroup with this id.
    case resendTo(chatID: String)

    /// A longer wait than a day is taken for a day: the outbox asks again, and time is counted in
    /// whole microseconds further on.
    private static let waitMaxSeconds = 86_400

    /// - Parameters:
    ///   - retryAfter: the header's value, where there is one.
    init(status: Int, retryAfter: String?, body: [UInt8]) {
        let wait = retryAfter.flatMap { Int($0) }
        guard let reply = BotReply.read(body) else {
            // Not the Bot API's own words: a proxy's, or a failing front server's.
            self = .done(
                .retry(
                    after: status == 429 || status == 503 ? DeliveryDecision.duration(wait) : nil,
                    reason: "Telegram answered \(status) without a reply that can be read"))
            return
        }
        if reply.isOK, (200..<300).contains(status) {
            self = .done(.delivered)
        } else {
            self = DeliveryDecision.refusal(reply, status: status, wait: wait)
        }
    }

    private static func refusal(_ reply: BotReply, status: Int, wait: Int?) -> DeliveryDecision {
        let code = reply.errorCode ?? status
        let words = RefusalWords(code: code, description: reply.description ?? "")
        if let chatID = reply.migrateToChatID { return .resendTo(chatID: String(chatID)) }
        switch code {
        case 400 where words.isAboutMarkup:
            return .resendPlain(reason: words.text)
        case 429:
            return .done(
                .retry(after: duration(reply.retryAfter ?? wait), reason: words.text))
        case 400..<500 where code != 408:
            return .done(.refused(reason: words.text))
        default:
            return .done(.retry(after: nil, reason: words.text))
        }
    }

    private static func duration(_ seconds: Int?) -> Duration? {
        seconds.flatMap { $0 > 0 ? .seconds(min($0, waitMaxSeconds)) : nil }
    }
}

/// The words for a reply that is not ok.
struct RefusalWords {
    var code: Int
    /// Telegram's own words.
    var description: String

    /// Telegram's descriptions are short; a longer one is a page of another server.
    private static let descriptionCharactersMax = 200

    /// Whether it is the markup of the text that Telegram rejects.
    var isAboutMarkup: Bool { has("entities") }

    /// What to do, and Telegram's words and code.
    var text: String {
        let words = TextFormat.oneLine(description)
            .cut(charactersMax: RefusalWords.descriptionCharactersMax)
        return "\(advice) (Telegram: \(code)\(words.isEmpty ? "" : " ")\(words))"
    }

    private var advice: String {
        switch code {
        case 401:
            "the bot token is not accepted: check TELEGRAM_BOT_TOKEN"
        case 403:
            "the bot may not write to the chat: let it in again, or correct TELEGRAM_CHAT_ID"
        case 404:
            "no bot answers there: check TELEGRAM_BOT_TOKEN and TELEGRAM_API_URL"
        case 421:
            "the bot belongs to another Bot API server: check TELEGRAM_API_URL"
        case 429:
            "too many messages at once"
        case 400 where has("chat not found") || has("chat_id") || has("PEER_ID_INVALID"):
            "there is no such chat for the bot: check TELEGRAM_CHAT_ID, and that it was let in"
        case 400 where has("not enough rights"):
            "the bot may not write texts in the chat: give it the right to"
        case 400 where has("deactivated"):
            "the chat is closed: set TELEGRAM_CHAT_ID to another one"
        case 400..<500:
            "the message was refused"
        default:
            "Telegram has a problem of its own"
        }
    }

    private func has(_ words: String) -> Bool {
        description.lowercased().contains(words.lowercased())
    }
}
