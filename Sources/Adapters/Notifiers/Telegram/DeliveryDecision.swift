// What a reply of the Bot API means for a message: one table. It must not send anything.
//
// Telegram asks to switch on the code and the parameters and to take descriptions as hints; the two
// descriptions that are looked at decide between ways to refuse, or cost one more request.

import Jobs

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
