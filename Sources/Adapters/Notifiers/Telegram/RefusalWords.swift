// Telegram's refusals in words that an administrator can act on. It must not decide what happens
// next.

import Datasets

/// The words for a reply that is not ok.
struct RefusalWords {
    var code: Int
    /// Telegram's own words.
    var description: String

    /// Descriptions are short; what is longer is somebody else's page.
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
