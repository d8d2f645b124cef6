// What each reply of the Bot API leads to.

import Jobs
import TestSupport
import Testing

@testable import Notifiers

struct DeliveryDecisionTests {
    private func decision(
        _ status: Int, _ body: String, retryAfter: String? = nil
    ) -> DeliveryDecision {
        DeliveryDecision(status: status, retryAfter: retryAfter, body: Array(body.utf8))
    }

    private func wait(_ decision: DeliveryDecision) -> Duration? {
        if case .done(.retry(let after, _)) = decision { return after }
        return nil
    }

    private func isRetry(_ decision: DeliveryDecision) -> Bool {
        if case .done(.retry) = decision { return true }
        return false
    }

    private func refusal(_ decision: DeliveryDecision) -> String? {
        if case .done(.refused(let reason)) = decision { return reason }
        return nil
    }

    @Test func `ok is delivered, with any result`() {
        #expect(decision(200, #"{"ok":true,"result":{"message_id":5}}"#) == .done(.delivered))
        #expect(decision(200, #"{"ok":true}"#) == .done(.delivered))
    }

    @Test func `a flood limit waits as long as Telegram says`() {
        let body = #"{"ok":false,"error_code":429,"description":"Too Many Requests","#
        let named = body + #""parameters":{"retry_after":35}}"#
        let unnamed = body + #""parameters":{}}"#
        #expect(wait(decision(429, named, retryAfter: "7")) == .seconds(35))
        #expect(wait(decision(429, unnamed, retryAfter: "7")) == .seconds(7))
        #expect(wait(decision(429, unnamed)) == nil)
        #expect(isRetry(decision(429, unnamed)))
        #expect(wait(decision(429, "<html>", retryAfter: "9")) == .seconds(9))
    }

    @Test(
        arguments: [
            (#"{"retry_after":999999999999}"#, Duration.seconds(86_400)),
            (#"{"retry_after":-1}"#, nil),
            (#"{"retry_after":"5"}"#, nil), ("[]", nil), ("null", nil),
            (#"{"retry_after":1.5}"#, nil),
        ] as [(String, Duration?)])
    func `a strange time to wait does no harm`(parameters: String, expected: Duration?) {
        let body = #"{"ok":false,"error_code":429,"parameters":\#(parameters)}"#
        #expect(isRetry(decision(429, body)))
        #expect(wait(decision(429, body)) == expected)
    }

    @Test(arguments: [
        "Bad Request: can't parse entities: Unsupported start tag \\\"x\\\" at byte offset 3",
        "Bad Request: Can't parse entities in message text: oops",
    ])
    func `markup that is not understood is left out`(description: String) {
        let body = #"{"ok":false,"error_code":400,"description":"\#(description)"}"#
        guard case .resendPlain = decision(400, body) else {
            Issue.record("\(decision(400, body))")
            return
        }
    }

    @Test func `a group that became a supergroup is followed`() {
        let body = """
            {"ok":false,"error_code":400,"description":"group chat was upgraded",
            "parameters":{"migrate_to_chat_id":-1001234567890123}}
            """
        #expect(decision(400, body) == .resendTo(chatID: "-1001234567890123"))
    }

    @Test(arguments: [
        (400, "Bad Request: chat not found", "TELEGRAM_CHAT_ID"),
        (400, "Bad Request: not enough rights to send text messages to the chat", "right"),
        (400, "Bad Request: message is too long", "refused"),
        (401, "Unauthorized", "TELEGRAM_BOT_TOKEN"),
        (403, "Forbidden: bot was blocked by the user", "TELEGRAM_CHAT_ID"),
        (404, "Not Found", "TELEGRAM_BOT_TOKEN"),
        (421, "Misdirected Request: unallowed token specified", "TELEGRAM_API_URL"),
    ])
    func `what no repetition can cure is refused, with advice`(
        code: Int, description: String, advice: String
    ) {
        let body = #"{"ok":false,"error_code":\#(code),"description":"\#(description)"}"#
        let reason = refusal(decision(code, body))
        #expect(reason?.contains(advice) == true)
        #expect(reason?.contains(description) == true)
        #expect(reason?.contains("\(code)") == true)
    }

    @Test(arguments: [
        (500, #"{"ok":false,"error_code":500,"description":"Internal Server Error: restart"}"#),
        (502, "<html><h1>502 Bad Gateway</h1></html>"), (504, ""), (200, ""), (200, "hello"),
        (200, #"{"ok":"yes"}"#), (302, ""), (403, "<html>captive portal</html>"),
        (500, #"{"ok":true}"#), (408, #"{"ok":false,"error_code":408}"#), (200, #"{"ok":false}"#),
    ])
    func `everything else is tried again`(status: Int, body: String) {
        #expect(isRetry(decision(status, body)))
        #expect(wait(decision(status, body)) == nil)
    }

    @Test func `long and strange descriptions are cut and kept on one line`() {
        let long = String(repeating: "x\\n", count: 5_000)
        let body = #"{"ok":false,"error_code":403,"description":"\#(long)"}"#
        let reason = refusal(decision(403, body)) ?? ""
        #expect(reason.count < 400)
        #expect(!reason.contains("\n"))
    }

    @Test(.enabled(if: SampleReplies.exist))
    func `recorded errors are each understood`() throws {
        #expect(SampleReplies.errors.count >= 30)
        for (name, body) in SampleReplies.errors {
            let reply = try #require(BotReply.read(body), "\(name)")
            let decision = DeliveryDecision(
                status: try #require(reply.errorCode), retryAfter: nil, body: body)
            switch name {
            case "too-many-requests.json": #expect(wait(decision) == .seconds(123))
            case "bad-request-group-chat-migrated.json":
                #expect(decision == .resendTo(chatID: "-123456789"))
            case "bad-request-entities-too-long.json":
                guard case .resendPlain = decision else {
                    Issue.record("\(name): \(decision)")
                    continue
                }
            default: #expect(refusal(decision) != nil, "\(name)")
            }
        }
    }

    @Test(.enabled(if: SampleReplies.exist))
    func `recorded exchanges are each understood`() throws {
        #expect(SampleReplies.captured.count >= 20)
        for (name, bytes) in SampleReplies.captured {
            let response = try CapturedExchange.read(bytes).response
            let decision = decision(response.status, response.body)
            if response.status == 200 {
                #expect(decision == .done(.delivered), "\(name)")
            } else {
                #expect(refusal(decision)?.contains("TELEGRAM_BOT_TOKEN") == true, "\(name)")
            }
        }
    }
}
