// A whole file that is refused is fetched once more, to see whether something happened to it on its
// way; the same content is never fetched a third time, however it is compressed.

import Datasets
import Gzip
import Jobs
import Synchronization
import TestSupport
import Testing

@testable import Tardis

@Suite struct SecondCopyTests {
    /// Whole files, each of them wrong.
    private static let wrong: [(body: [UInt8], code: String, place: String)] = [
        (gzip("a,b\n1,2\n"), "csv_header_wrong", "columns of trades"),
        (gzip(trades(3, symbol: "ETHUSD")), "wrong_symbol", "line 2 (row 1), column 2 (symbol)"),
        (
            gzip(trades(3, exchange: "okex")), "wrong_exchange",
            "line 2 (row 1), column 1 (exchange)"
        ),
        (gzip(trades(86_401)), "wrong_day", "line 86,402 (row 86,401), column 4"),
        (gzip(trades(3) + "\n"), "csv_row_wrong", "line 5 (row 4)"),
        (gzip(trades(3) + "bitmex,XBTUSD\n"), "csv_row_wrong", "line 5 (row 4)"),
        (gzip(String(trades(3).dropLast())), "csv_row_wrong", "line 4 (row 3)"),
        (gzip(trades(3)) + gzip(trades(3)), "csv_repeated", "line 4 (row 3)"),
    ]

    /// The answers to attempts 1, 2, … at one file, one after the other.
    private func outcomes(
        of bodies: [[UInt8]], in bench: Bench, formerFailure: FileFailure? = nil
    ) async -> [DownloadOutcome] {
        let downloader = bench.downloader
        var outcomes: [DownloadOutcome] = []
        for attempt in 1...bodies.count {
            let former = outcomes.last?.failure ?? formerFailure
            outcomes.append(
                await downloader.download(
                    .sample(), to: "", attempt: attempt,
                    context: DownloadContext(formerFailure: former)))
        }
        return outcomes
    }

    private func bench(answering bodies: [[UInt8]]) -> Bench {
        let served = Mutex(0)
        return Bench(
            RawServer { _ in
                let index = served.withLock { served in
                    defer { served += 1 }
                    return min(served, bodies.count - 1)
                }
                return [.reply(200, bodies[index])]
            })
    }

    @Test(arguments: wrong)
    func `the same wrong file twice is what Tardis has`(
        body: [UInt8], code: String, place: String
    ) async throws {
        let bench = bench(answering: [body])
        let found = await outcomes(of: [body, body], in: bench)
        #expect(found.map(\.summary) == ["retry \(code)", "failed \(code)"])
        let detail = try #require(found[1].failure?.detail)
        #expect(detail.contains("The very same content came twice"), "\(detail)")
        #expect(detail.contains(place), "\(detail)")
        #expect(bench.server.requests.count == 2)
        #expect(bench.folder.names() == [])
    }

    /// The same text in other gzip bytes: of another time, and as two members.
    private static func compressedAnew(_ text: String) -> [[UInt8]] {
        var later = gzip(text)
        later[4] ^= 0x55
        let half = text.utf8.count / 2
        return [
            gzip(text), later, gzip(String(text.prefix(half))) + gzip(String(text.dropFirst(half))),
        ]
    }

    @Test(arguments: [1, 2])
    func `the same wrong rows compressed anew are what Tardis has`(other: Int) async throws {
        let copies = Self.compressedAnew(trades(300, symbol: "ETHUSD"))
        let bodies = [copies[0], copies[other]]
        #expect(bodies[0] != bodies[1])
        let bench = bench(answering: bodies)
        let found = await outcomes(of: bodies, in: bench)
        #expect(found.map(\.summary) == ["retry wrong_symbol", "failed wrong_symbol"])
        let detail = try #require(found[1].failure?.detail)
        #expect(detail.contains("The very same content came twice"), "\(detail)")
        // After a restart, too.
        let restarted = self.bench(answering: [copies[other]])
        let again = await outcomes(
            of: [copies[other]], in: restarted, formerFailure: found[0].failure)
        #expect(again.map(\.summary) == ["failed wrong_symbol"])
    }

    @Test func `a web page is no verdict, however often the same one comes`() async {
        let page = "<html><title>Sorry</title></html>\n"
        let bodies = [Array(page.utf8), gzip(page), gzip(page), gzip(page), gzip(trades(3))]
        let bench = bench(answering: bodies)
        let found = await outcomes(of: bodies, in: bench).map(\.summary)
        #expect(found == Array(repeating: "retry web_page", count: 4) + ["published"])
    }

    @Test(arguments: [
        "Access denied by policy, ask IT.\n", #"{"error":"blocked","policy":"finance"}"#, "blocked",
        "\u{0}\u{1},\u{2}\n",
    ])
    func `a compressed text that is no CSV is no verdict, however often the same one comes`(
        text: String
    ) async throws {
        let bench = bench(answering: [gzip(text)])
        let found = await outcomes(of: Array(repeating: gzip(text), count: 4), in: bench)
        #expect(found.map(\.summary) == Array(repeating: "retry csv_header_wrong", count: 4))
        let detail = try #require(found.last?.failure?.detail)
        #expect(detail.contains("It is no verdict of Tardis on the file"), "\(detail)")
    }

    @Test func `an answer that calls itself a page is one, unless it is the file`() async {
        let type = ["Content-Type: text/html; charset=utf-8"]
        for (body, expected) in [
            ([0x8B, 0x00, 0x80, 1, 2, 3], "retry web_page"), (gzip(trades(3)), "published"),
        ] {
            let bench = Bench(RawServer(replies: [.reply(200, body, headers: type)]))
            #expect(await bench.download().summary == expected)
        }
    }

    @Test func `another wrong file the second time is tried again, until one comes twice`() async {
        let bodies = [1, 2, 3, 2].map { gzip(trades($0, symbol: "ETHUSD")) }
        let bench = bench(answering: bodies)
        let found = await outcomes(of: bodies, in: bench).map(\.summary)
        #expect(found == Array(repeating: "retry wrong_symbol", count: 3) + ["failed wrong_symbol"])
    }

    @Test func `a right second file is taken`() async {
        let bodies = [gzip(trades(3) + "\n"), gzip(trades(3))]
        let bench = bench(answering: bodies)
        #expect(
            await outcomes(of: bodies, in: bench).map(\.summary)
                == ["retry csv_row_wrong", "published"])
    }

    @Test func `a file that is not whole is tried again by the usual rules, however often`() async {
        let wrong = gzip(trades(300, symbol: "ETHUSD"))
        var flipped = wrong
        flipped[wrong.count - 6] ^= 1
        for body in [Array(wrong.dropLast()), flipped, wrong + [0]] {
            let bench = bench(answering: [body])
            let found = await outcomes(of: [body, body, body], in: bench).map(\.summary)
            #expect(found.allSatisfy { $0.hasPrefix("retry ") }, "\(found)")
        }
    }

    @Test func `a first copy before a restart counts`() async {
        let body = gzip(trades(3) + "\n")
        let first = bench(answering: [body])
        let former = await outcomes(of: [body], in: first).last?.failure
        let second = bench(answering: [body])
        let found = await outcomes(of: [body], in: second, formerFailure: former)
        #expect(found.map(\.summary) == ["failed csv_row_wrong"])
    }

    @Test func `a refused file is read to its end, but not kept`() async {
        let half = gzip("a,b\n" + (0..<60_000).map { "\($0 &* 2_654_435_761)\n" }.joined())
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(half.count)\r\n\r\n"
        let gate = Gate()
        let server = RawServer(replies: [
            .text(head), .send(Array(half.prefix(half.count / 2))), .hold(gate),
            .send(Array(half.dropFirst(half.count / 2))),
        ])
        let bench = Bench(server)
        async let outcome = bench.download()
        #expect(await eventually { server.requests.count == 1 })
        #expect(bench.folder.names() == [])
        gate.open()
        #expect(await outcome.summary == "retry csv_header_wrong")
        #expect(bench.folder.names() == [])
    }
}
