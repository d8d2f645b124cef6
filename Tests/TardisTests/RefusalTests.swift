// Refusals whose head is all that arrives in order: what they mean is known from it.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Tardis

@Suite struct RefusalTests {
    /// Ways in which the body of an answer goes wrong.
    enum Flaw: CaseIterable {
        case cut, reset, stalled, malformed, chunkCut, long, coded
    }

    private static let words = #"{"code":1,"message":"So it is."}"#

    private func server(_ status: Int, _ flaw: Flaw, retryAfter: Int? = nil) -> RawServer {
        let text = Self.words
        let length = "Content-Length: \(text.utf8.count + 1)"
        let chunked = "Transfer-Encoding: chunked"
        let chunk = "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
        let (field, body): (String, [RawServer.Step]) =
            switch flaw {
            case .cut: (length, [.text(text), .close])
            case .reset: (length, [.text(text), .reset])
            case .stalled: (length, [.text(text), .stall])
            case .malformed: (chunked, [.text(chunk + "zz\r\n"), .close])
            case .chunkCut: (chunked, [.text(chunk), .close])
            case .long:
                (
                    "Content-Length: 4000000",
                    [
                        .text(#"{"code":1,"message":""#),
                        .send(Array(repeating: 0x78, count: 3_000_000)),
                    ]
                )
            case .coded: ("Transfer-Encoding: gzip", [.stall])
            }
        var head = "HTTP/1.1 \(status) Reason\r\n\(field)\r\n"
        if let retryAfter { head += "Retry-After: \(retryAfter)\r\n" }
        return RawServer { [head] _ in [.text(head + "\r\n")] + body }
    }

    private func bench(_ server: RawServer) -> Bench {
        var bench = Bench(server)
        bench.settings.refusalTimeout = .seconds(1)
        return bench
    }

    @Test(
        arguments: [
            (400, "failed request_refused"), (401, "stopJob api_key_refused"),
            (403, "failed forbidden"), (404, "retry not_found"), (402, "retry unexpected_status"),
        ], Flaw.allCases.filter { $0 != .coded })
    func `is what its head says, with any error in its body`(
        answer: (status: Int, summary: String), flaw: Flaw
    ) async {
        let bench = bench(server(answer.status, flaw))
        let outcome = await bench.download()
        #expect(outcome.summary == answer.summary)
        #expect(outcome.failure?.httpStatus == answer.status)
        #expect(bench.server.requests.count == 1)
        #expect(bench.folder.names() == [])
    }

    @Test(arguments: [400, 401, 403, 404])
    func `is no verdict where nothing of its body can be read`(status: Int) async {
        let bench = bench(server(status, .coded))
        let outcome = await bench.download()
        #expect(
            outcome.summary == (status == 404 ? "retry not_found" : "retry refused_in_between"))
        #expect(outcome.failure?.httpStatus == status)
    }

    @Test(arguments: [429, 503], Flaw.allCases)
    func `is obeyed in its time, and by all transfers`(status: Int, flaw: Flaw) async {
        let bench = bench(server(status, flaw, retryAfter: 17))
        let downloader = bench.downloader
        let allowed = downloader.limiter.allowed
        let outcome = await downloader.download(.sample(), to: "", attempt: 1)
        #expect(outcome.summary.hasSuffix(" after 17.0 seconds"))
        #expect(outcome.failure?.httpStatus == status)
        #expect(downloader.limiter.allowed == allowed / 2)
    }

    @Test func `a file in an unrequested coding is no file, and may arrive in a later attempt`()
        async
    {
        let body = gzip(trades(3))
        let server = RawServer(
            replies: [.text("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"), .stall],
            [.reply(200, body)])
        let bench = Bench(server)
        let outcome = await bench.download()
        #expect(outcome.summary == "retry malformed_reply")
        #expect(outcome.failure?.detail.contains("Transfer-Encoding") == true)
        #expect(await bench.download(attempt: 2).checksum?.rows == 3)
    }
}

@Suite struct KeySecrecyTests {
    @Test func `says what Tardis said, and never the key`() async {
        let body = #"{"code":300,"message":"Invalid for TD.secret-key. Did you mean 'Y'?"}"#
        let bench = Bench(RawServer(replies: [.reply(400, body)]))
        let outcome = await bench.download()
        #expect(outcome.summary == "failed symbol_refused")
        #expect(outcome.failure?.detail.contains("Did you mean 'Y'?") == true)
        #expect(outcome.failure?.detail.contains("secret") == false)
    }

    @Test func `never shows the key that a server sends back`() async {
        let row = trades(1).replacing("bitmex,", with: "TD.secret-key,")
        let long = String(repeating: "x", count: 93) + "TD.secret-key"
        let answers: [RawServer.Step] = [
            .reply(200, gzip("Bearer TD.secret-key,x\n")), .reply(200, gzip(row)),
            .reply(200, gzip(trades(1, symbol: long))),
            .reply(302, headers: ["Location: http://TD.secret-key.invalid/"]),
        ]
        for answer in answers {
            let outcome = await Bench(RawServer(replies: [answer])).download()
            #expect(outcome.failure != nil)
            #expect(outcome.failure?.detail.contains("secr") == false, "\(outcome)")
        }
    }
}
