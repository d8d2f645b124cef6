// Delivers notifications to a chat by Telegram's Bot API.

package import Curl
package import Jobs
import Synchronization

/// Delivers notifications to one chat.
///
/// No outcome text ever holds the bot token.
package final class TelegramNotifier: Notifying {
    /// A reply to `sendMessage` repeats the message, with entities: some kilobytes.
    private static let replyMaxBytes = 256 * 1024
    private static let connectTimeout = Duration.seconds(10)

    private let client: CurlClient
    private let settings: TelegramSettings
    private let chatMoved: @Sendable (String) async -> Void
    /// The chat to write to: the configured one, until Telegram names its successor.
    private let chatID: Mutex<String>

    /// - Parameter chatMoved: remembers the new id when Telegram has turned the group into a
    ///   supergroup; later notifications go there by themselves.
    package init(
        client: CurlClient, settings: TelegramSettings,
        chatMoved: @escaping @Sendable (String) async -> Void
    ) {
        self.client = client
        self.settings = settings
        self.chatMoved = chatMoved
        chatID = Mutex(settings.chatID)
    }

    package func deliver(_ notification: JobNotification) async -> DeliveryOutcome {
        await deliver(MessageText(notification), isSilent: notification.kind == .started)
    }

    package func deliver(_ alert: ServiceAlert) async -> DeliveryOutcome {
        await deliver(MessageText(alert), isSilent: false)
    }

    private func deliver(_ text: MessageText, isSilent: Bool) async -> DeliveryOutcome {
        // Two things can be put right at once, each one time: the markup and the chat.
        var mayMove = true
        var isPlain = false
        while true {
            let decision = await send(text, isPlain: isPlain, isSilent: isSilent)
            switch decision {
            case .done(let outcome):
                return withoutToken(outcome)
            case .resendPlain(let reason):
                guard !isPlain else { return withoutToken(.refused(reason: reason)) }
                isPlain = true
            case .resendTo(let newID):
                guard mayMove else {
                    return .retry(after: nil, reason: "the chat has moved more than once")
                }
                mayMove = false
                chatID.withLock { $0 = newID }
                await chatMoved(newID)
            }
        }
    }

    private func send(_ text: MessageText, isPlain: Bool, isSilent: Bool) async -> DeliveryDecision
    {
        let message = SendMessage(
            chatID: chatID.withLock { $0 }, text: isPlain ? text.plain : text.html,
            parseMode: isPlain ? nil : "HTML", isSilent: isSilent)
        guard let body = try? message.json() else {
            return .done(.refused(reason: "the message cannot be written as JSON"))
        }
        do throws(CurlError) {
            let (head, reply) = try await client.fetch(
                request(body), bodyMaxBytes: TelegramNotifier.replyMaxBytes)
            return DeliveryDecision(
                status: head.status, retryAfter: head["Retry-After"], body: reply)
        } catch .refused(let words) {
            return .done(
                .refused(
                    reason: "no request can be made of TELEGRAM_API_URL and TELEGRAM_BOT_TOKEN:"
                        + " \(words)"))
        } catch {
            return .done(.retry(after: nil, reason: "Telegram cannot be reached: \(error)"))
        }
    }

    private func request(_ body: [UInt8]) -> TransferRequest {
        var base = settings.apiURL[...]
        while base.last == "/" { base.removeLast() }
        return TransferRequest(
            method: "POST", url: "\(base)/bot\(settings.botToken)/sendMessage",
            headers: [("Content-Type", "application/json")], body: body,
            connectTimeout: TelegramNotifier.connectTimeout, totalTimeout: settings.timeout)
    }

    // MARK: The secret

    /// The outcome with the token struck out, should a server repeat what it was asked for.
    private func withoutToken(_ outcome: DeliveryOutcome) -> DeliveryOutcome {
        switch outcome {
        case .delivered: .delivered
        case .retry(let after, let reason): .retry(after: after, reason: withoutToken(reason))
        case .refused(let reason): .refused(reason: withoutToken(reason))
        }
    }

    private func withoutToken(_ text: String) -> String {
        // The part after the colon is the secret one, and may be quoted by itself.
        let secret = settings.botToken.split(separator: ":").last.map(String.init) ?? ""
        return [settings.botToken, secret].filter { !$0.isEmpty }
            .reduce(text) { $0.replacing($1, with: "***") }
    }
}

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
