// Telegram's Bot API, as far as notifications need it (core.telegram.org/bots/api).

import Datasets
import HTTP

/// Answers `/bot{token}/getMe` and `/bot{token}/sendMessage`.
struct BotRoute: Sendable {
    /// The token that is right; every well-formed one where `nil`.
    let token: String?
    /// The chats that exist; every number is one where `nil`.
    let chats: [String]?
    let book: MessageBook
    let now: @Sendable () -> Timestamp

    /// The path without the token, for logs and fault scripts; `nil` for one that is not a bot's.
    static func redacted(_ path: String) -> String? {
        guard path.hasPrefix("/bot"), let slash = path.dropFirst(4).firstIndex(of: "/") else {
            return nil
        }
        return "/bot<token>\(path[slash...])"
    }

    func response(to request: Request) -> Response {
        let segments = request.path.split(separator: "/")
        guard segments.count == 2 else { return BotError.notFound.response }
        let token = PercentDecoding.decode(segments[0].dropFirst(3))
        guard let colon = token.firstIndex(of: ":"), let bot = Int64(token[..<colon]) else {
            return BotError.notFound.response
        }
        guard token == self.token ?? token else { return BotError.unauthorized.response }
        // Names of methods are not case-sensitive.
        switch segments[1].lowercased() {
        case "getme": return .json(BotReply(result: BotUser(id: bot)))
        case "sendmessage":
            do {
                return .json(BotReply(result: try accept(request, by: BotUser(id: bot))))
            } catch {
                return error.response
            }
        default: return BotError.methodNotFound.response
        }
    }

    private func accept(
        _ request: Request, by bot: BotUser
    ) throws(BotError) -> SentMessage {
        guard let message = MessageRequest(request) else {
            throw .badRequest("can't parse JSON object")
        }
        guard let chat = message.chat, !chat.isEmpty else { throw .badRequest("chat_id is empty") }
        let isKnown =
            chats.map { $0.contains(chat) } ?? (Int64(chat) != nil || chat.hasPrefix("@"))
        guard isKnown else { throw .badRequest("chat not found") }
        guard let text = message.text, !text.isEmpty else {
            throw .badRequest("message text is empty")
        }
        let plain = try plain(text, mode: message.parseMode)
        guard plain.contains(where: { !$0.isWhitespace }) else {
            throw .badRequest("text must be non-empty")
        }
        // Counted after parsing, in code points.
        guard plain.unicodeScalars.count <= 4096 else { throw .badRequest("message is too long") }
        let moment = now().microseconds
        let accepted = book.append(
            .init(
                id: 0, chat: chat, text: text, plain: plain, parseMode: message.parseMode,
                at: moment / 1000))
        return SentMessage(
            id: accepted.id, from: bot, chat: .init(chat), date: moment / 1_000_000, text: plain)
    }

    /// Markdown is taken as it is: nothing under test sends it.
    private func plain(_ text: String, mode: String?) throws(BotError) -> String {
        switch mode?.lowercased() {
        case nil, "", "none", "markdown", "markdownv2": return text
        case "html": return try MessageText(html: text).plain
        default: throw .badRequest("unsupported parse_mode")
        }
    }
}

/// A successful answer.
private struct BotReply<Result: Encodable>: Encodable {
    var ok = true
    var result: Result
}

private struct BotUser: Encodable {
    var id: Int64
    var isBot = true
    var firstName = "Sandbox"
    var username = "sandbox_bot"

    private enum CodingKeys: String, CodingKey {
        case id
        case isBot = "is_bot"
        case firstName = "first_name"
        case username
    }
}

private struct SentMessage: Encodable {
    var id: Int
    var from: BotUser
    var chat: Chat
    var date: Int64
    var text: String

    struct Chat: Encodable {
        var id: Int64
        var type: String
        var username: String?

        /// Groups have negative numbers; those of supergroups and channels begin with -100.
        init(_ chat: String) {
            id = Int64(chat) ?? -1_000_000_000_001
            username = chat.hasPrefix("@") ? String(chat.dropFirst()) : nil
            type = id > 0 ? "private" : String(id).hasPrefix("-100") ? "supergroup" : "group"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case id = "message_id"
        case from
        case chat
        case date
        case text
    }
}
