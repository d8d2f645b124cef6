// Whether the Bot API accepts and refuses messages as Telegram's does.

import HTTP
import Testing

@testable import tardis_sandbox

@Suite struct BotRouteTests {
    private let sandbox = SandboxUnderTest(chats: ["42", "-1001234567890"])
    private static let send = "/bot\(SandboxUnderTest.token)/sendMessage"

    private func post(_ json: String, to path: String = send) async -> Response {
        await sandbox.ask(
            path, method: .post, headers: ["Content-Type": "application/json"], body: json)
    }

    @Test func `getMe describes the bot`() async {
        let answer = await sandbox.ask("/bot\(SandboxUnderTest.token)/getMe")
        #expect(answer.status == .ok)
        #expect(answer.text.contains("\"id\":123456"))
        #expect(answer.text.contains("\"is_bot\":true"))
    }

    @Test(arguments: [
        ("/bot1:wrong/getMe", 401, "Unauthorized"), ("/botnonsense/getMe", 404, "Not Found"),
        ("/bot123456:unit-test-token/flyToTheMoon", 404, "Not Found: method not found"),
    ])
    func `tokens and methods are checked`(path: String, code: Int, words: String) async {
        let answer = await sandbox.ask(path)
        #expect(answer.status.code == code)
        #expect(
            answer.text == #"{"description":"\#(words)","error_code":\#(code),"ok":false}"#)
    }

    @Test func `an accepted message is recorded as readers see it`() async {
        let answer = await post(
            #"{"chat_id":-1001234567890,"text":"<b>1 &lt; 2</b> &amp; up","parse_mode":"HTML"}"#)
        #expect(answer.status == .ok)
        #expect(answer.text.contains(#""message_id":1"#))
        #expect(answer.text.contains(#""type":"supergroup""#))
        let messages = await sandbox.ask("/_sandbox/messages")
        #expect(messages.text.contains(#""plain":"1 < 2 & up""#))
    }

    @Test func `accepts a form like JSON`() async {
        let answer = await sandbox.ask(
            BotRouteTests.send, method: .post,
            headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: "chat_id=42&text=a%20b+c")
        #expect(answer.text.contains(#""text":"a b c""#))
    }

    @Test(arguments: [
        (#"{"text":"a"}"#, "chat_id is empty"),
        (#"{"chat_id":7,"text":"a"}"#, "chat not found"),
        (#"{"chat_id":42}"#, "message text is empty"),
        (#"{"chat_id":42,"text":" \n"}"#, "text must be non-empty"),
        (#"{"chat_id":42,"text":"a","parse_mode":"RTF"}"#, "unsupported parse_mode"),
        (#"{"chat_id":42,"text""#, "can't parse JSON object"),
    ])
    func `wrong parameters are refused`(json: String, words: String) async {
        let answer = await post(json)
        #expect(answer.status.code == 400)
        #expect(answer.text.contains("\"Bad Request: \(words)\""), "\(answer.text)")
    }

    @Test func `the length limit applies after parsing`() async {
        let fits = String(repeating: "&lt;", count: 4_096)
        #expect(
            await post(#"{"chat_id":42,"text":"\#(fits)","parse_mode":"HTML"}"#).status == .ok)
        let tooLong = String(repeating: "a", count: 4_097)
        let answer = await post(#"{"chat_id":42,"text":"\#(tooLong)"}"#)
        #expect(answer.text.contains("message is too long"))
    }

    @Test(arguments: [
        ("1 < 2", #"Unclosed start tag at byte offset 2"#),
        ("ab<br>", #"Unsupported start tag "br" at byte offset 2"#),
        ("a <b>b", #"Can't find end tag corresponding to start tag "b""#),
        ("<b>x</i>", #"Unmatched end tag at byte offset 4, expected "</b>", found "</i>""#),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<span>x</span>", #"Tag "span" must have class "tg-spoiler" at byte offset 0"#),
    ])
    func `broken HTML is refused with the server's own text`(html: String, words: String) {
        let refusal = #expect(throws: BotError.self) { try MessageText(html: html) }
        #expect(refusal?.description == "Bad Request: can't parse entities: \(words)")
    }

    @Test(arguments: [
        ("a &amp; b &#33; &#x2F; &quot;", "a & b ! / \""), ("R&D &copy; &", "R&D &copy; &"),
        ("<a href=\"http://x/?a=1\">go</a> <code class=\"language-x\">y</code>", "go y"),
        ("<B>loud</b> 🚀", "loud 🚀"),
    ])
    func `tags and entities become text`(html: String, plain: String) throws {
        #expect(try MessageText(html: html).plain == plain)
    }

    @Test func `no log holds the token`() async {
        _ = await post(#"{"chat_id":42,"text":"a"}"#)
        let log = await sandbox.ask("/_sandbox/requests").text
        #expect(log.contains("/bot<token>/sendMessage"))
        #expect(!log.contains(SandboxUnderTest.token))
    }
}
