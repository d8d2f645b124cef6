// Deliveries over a real connection, and the token that none of them may show.

import Curl
import FoundationEssentials
import Jobs
import Notifiers
import Synchronization
import TestSupport
import Testing

struct TelegramNotifierTests {
    private static let token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
    private let moves = Moves()

    private func makeNotifier(_ url: String, token: String = token) -> TelegramNotifier {
        let client = CurlClient(settings: CurlSettings(usesEnvironmentProxy: false))
        let moves = moves
        return TelegramNotifier(
            client: client,
            settings: TelegramSettings(
                apiURL: url, botToken: token, chatID: "-42", timeout: .seconds(5)),
            chatMoved: { moves.add($0) })
    }

    private struct Sent: Decodable {
        struct Preview: Decodable { var is_disabled: Bool }
        var chat_id: String
        var text: String
        var parse_mode: String?
        var link_preview_options: Preview
        var disable_notification: Bool
    }

    private func sent(to server: RawServer) throws -> [Sent] {
        try server.requests.map { try JSONDecoder().decode(Sent.self, from: Data($0.body)) }
    }

    private static let ok = RawServer.Step.reply(200, #"{"ok":true,"result":{"message_id":1}}"#)

    private static func error(_ code: Int, _ rest: String) -> RawServer.Step {
        .reply(code, #"{"ok":false,"error_code":\#(code),"description":\#(rest)}"#)
    }

    @Test func `a started job is announced silently, without previews, as HTML`() async throws {
        let server = RawServer(replies: [Self.ok])
        let notifier = makeNotifier(server.url + "/")
        #expect(await notifier.deliver(makeNotification(.started)) == .delivered)
        #expect(server.requests[0].method == "POST")
        #expect(server.requests[0].target == "/bot\(Self.token)/sendMessage")
        #expect(server.requests[0]["Content-Type"] == "application/json")
        let message = try #require(try sent(to: server).first)
        #expect(message.chat_id == "-42")
        #expect(message.text.hasPrefix("<b>🚀 Download Started</b>"))
        #expect(message.parse_mode == "HTML")
        #expect(message.link_preview_options.is_disabled)
        #expect(message.disable_notification)
    }

    @Test(arguments: [JobNotification.Kind.completed, .failed, .cancelled])
    func `an end is announced aloud`(kind: JobNotification.Kind) async throws {
        let server = RawServer(replies: [Self.ok])
        #expect(await makeNotifier(server.url).deliver(makeNotification(kind)) == .delivered)
        #expect(try sent(to: server).map(\.disable_notification) == [false])
    }

    @Test func `markup that is not understood is sent again as plain text, once`() async throws {
        let entities = Self.error(400, #""Bad Request: can't parse entities: x""#)
        let server = RawServer(replies: [entities], [Self.ok])
        #expect(
            await makeNotifier(server.url).deliver(makeNotification(.failed)) == .delivered)
        let messages = try sent(to: server)
        #expect(messages.count == 2)
        #expect(messages[1].parse_mode == nil)
        #expect(messages[1].text.hasPrefix("❌ Download Failed"))

        let stubborn = RawServer(replies: [entities])
        guard case .refused = await makeNotifier(stubborn.url).deliver(makeNotification(.failed))
        else {
            Issue.record("not refused")
            return
        }
        #expect(stubborn.requests.count == 2)
    }

    @Test func `a chat that moved is followed, remembered and kept`() async throws {
        let moved = Self.error(400, #""upgraded","parameters":{"migrate_to_chat_id":-1009}"#)
        let server = RawServer(replies: [moved], [Self.ok])
        let notifier = makeNotifier(server.url)
        #expect(await notifier.deliver(makeNotification(.started)) == .delivered)
        #expect(await notifier.deliver(makeNotification(.completed)) == .delivered)
        #expect(moves.all == ["-1009"])
        #expect(try sent(to: server).map(\.chat_id) == ["-42", "-1009", "-1009"])
    }

    @Test func `a chat that keeps moving does not keep the sender`() async throws {
        let moved = Self.error(400, #""upgraded","parameters":{"migrate_to_chat_id":-1009}"#)
        let server = RawServer(replies: [moved])
        guard case .retry = await makeNotifier(server.url).deliver(makeNotification(.started))
        else {
            Issue.record("not put off")
            return
        }
        #expect(server.requests.count == 2)
    }

    @Test func `markup and chat may both be wrong at once`() async throws {
        let server = RawServer(
            replies: [Self.error(400, #""x","parameters":{"migrate_to_chat_id":-1009}"#)],
            [Self.error(400, #""can't parse entities""#)], [Self.ok])
        #expect(
            await makeNotifier(server.url).deliver(makeNotification(.started)) == .delivered)
        let messages = try sent(to: server)
        #expect(messages.map(\.chat_id) == ["-42", "-1009", "-1009"])
        #expect(messages.map(\.parse_mode) == ["HTML", "HTML", nil])
    }

    @Test func `a flood limit is passed on`() async {
        let server = RawServer(replies: [
            Self.error(429, #""Too Many Requests: retry after 3","parameters":{"retry_after":3}"#)
        ])
        guard
            case .retry(let after, _) = await makeNotifier(server.url).deliver(
                makeNotification(.started))
        else {
            Issue.record("not put off")
            return
        }
        #expect(after == .seconds(3))
    }

    /// Everything that a server may do instead of answering, each showing what it was asked for.
    private static let faults: [String: @Sendable (RecordedRequest) -> [RawServer.Step]] = [
        "echo refused": { [error(400, "\"\($0.target)\"")] },
        "echo forbidden": { [error(403, "\"\($0.target.dropFirst(14))\"")] },
        "echo unauthorized": { [error(401, "\"\($0.target)\"")] },
        "echo not found": { [error(404, "\"Not Found: \($0.target)\"")] },
        "echo failing": { [error(500, "\"\($0.target)\"")] },
        "echo page": { [.reply(200, $0.target)] },
        "echo redirect": { [.reply(302, headers: ["Location: \($0.target)/x"])] },
        "echo malformed": { [.text("\($0.target)\r\n\r\n"), .close] },
        "echo bad chunk": {
            [.text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\($0.target)"), .close]
        },
        "reset": { _ in [.reset] },
        "close": { _ in [.close] },
        "cut short": { _ in [.text("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), .close] },
        "huge": { _ in [.reply(200, String(repeating: "x", count: 1_000_000))] },
        "empty": { _ in [.reply(200)] },
    ]

    @Test(arguments: faults.keys.sorted())
    func `no outcome shows the token`(fault: String) async throws {
        let server = RawServer(try #require(Self.faults[fault]))
        let outcome = await makeNotifier(server.url).deliver(makeNotification(.started))
        #expect(outcome != .delivered)
        #expect(!"\(outcome)".contains("AAHdq"))
    }

    @Test(arguments: [
        "http://nowhere.invalid", "https://127.0.0.1:1", "http://127.0.0.1:1", "ftp://h", "", "h",
    ])
    func `no failure to connect shows the token`(url: String) async {
        let outcome = await makeNotifier(url).deliver(makeNotification(.started))
        #expect(outcome != .delivered)
        #expect(!"\(outcome)".contains("AAHdq"))
    }

    @Test(arguments: ["1:AAHdq x", "1:AAHdq\r\nX: y", "1:AAHdq\u{0}"])
    func `a token that no URL can hold is refused, and not shown`(token: String) async {
        let server = RawServer(replies: [Self.ok])
        let notifier = makeNotifier(server.url, token: token)
        let outcome = await notifier.deliver(makeNotification(.started))
        guard case .refused(let reason) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.contains("TELEGRAM_BOT_TOKEN"))
        #expect(!reason.contains("AAHdq"))
        #expect(server.requests.isEmpty)
    }

    @Test func `an unreachable server is tried again`() async {
        let outcome = await makeNotifier("http://127.0.0.1:1").deliver(makeNotification(.started))
        guard case .retry(after: nil, let reason) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.contains("127.0.0.1"))
    }

    @Test func `settings do not print the token`() {
        let settings = TelegramSettings(botToken: Self.token, chatID: "-42")
        #expect(!"\(settings)".contains("AAHdq"))
        #expect(!String(reflecting: settings).contains("AAHdq"))
    }

    @Test(.enabled(if: SampleReplies.exist))
    func `recorded errors end a delivery`() async throws {
        for (name, body) in SampleReplies.errors {
            let server = RawServer(replies: [.reply(400, body)], [Self.ok])
            let outcome = await makeNotifier(server.url).deliver(makeNotification(.started))
            switch name {
            case "bad-request-group-chat-migrated.json", "bad-request-entities-too-long.json":
                #expect(outcome == .delivered, "\(name)")
            case "too-many-requests.json":
                guard case .retry(.seconds(123), _) = outcome else {
                    Issue.record("\(name): \(outcome)")
                    continue
                }
            default:
                guard case .refused = outcome else {
                    Issue.record("\(name): \(outcome)")
                    continue
                }
            }
        }
    }
}

/// The chats that a notifier was told to move to.
private final class Moves: Sendable {
    private let ids = Mutex<[String]>([])

    var all: [String] { ids.withLock { $0 } }

    func add(_ id: String) {
        ids.withLock { $0.append(id) }
    }
}
