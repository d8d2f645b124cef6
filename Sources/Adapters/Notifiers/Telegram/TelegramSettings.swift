// Where the news go. It must not know what they say.

/// Settings of a ``TelegramNotifier``.
package struct TelegramSettings: Sendable {
    /// The Bot API's address, without a path: `https://api.telegram.org`.
    package var apiURL: String
    /// A secret: it stands in every URL that is asked for.
    package var botToken: String
    /// The chat to write to: a number, negative for groups, or `@name` of a channel.
    package var chatID: String
    /// Time for one message in all. The Bot API answers within a second; a send that takes longer
    /// may have been delivered all the same, so giving up early risks writing twice.
    package var timeout: Duration

    package init(
        apiURL: String = "https://api.telegram.org", botToken: String, chatID: String,
        timeout: Duration = .seconds(30)
    ) {
        self.apiURL = apiURL
        self.botToken = botToken
        self.chatID = chatID
        self.timeout = timeout
    }
}

extension TelegramSettings: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without the token, so that printing settings cannot give it away.
    package var description: String { "Telegram chat \(chatID) by \(apiURL)" }
    package var debugDescription: String { description }
}
