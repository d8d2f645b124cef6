// Bounds on the size of responses.

import APITypes
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct BoundedResponseTests {
    private static func names(_ count: Int) -> [String] {
        (0..<count).map { "BTC-\($0)" }
    }

    private static func job(_ id: Int64, symbols: Int, notes: [String] = []) -> Job {
        Job(
            id: JobID(id), state: .pending, exchange: "deribit", dataTypes: ["trades"],
            symbols: names(symbols), startDate: "2024-01-01", endDate: "2024-01-01",
            outputPath: "./datasets", createdAt: Fixture.now, createdBy: "ann", notes: notes)
    }

    @Test func `lists show the first symbols and their number, and a job shows all`() async {
        let fixture = Fixture()
        await fixture.store.adopt(BoundedResponseTests.job(1, symbols: 21))
        await fixture.store.adopt(BoundedResponseTests.job(2, symbols: 20))
        let jobs = await fixture.send("GET", "/jobs").json["jobs"]?.elements ?? []
        #expect(jobs.map { $0["symbols"]?.elements?.count } == [20, 20])
        #expect(jobs.map { $0["symbols_total"]?.integer } == [20, 21])
        for reply in [
            await fixture.send("GET", "/jobs/1"), await fixture.send("POST", "/jobs/1/pause"),
            await fixture.send("GET", "/jobs/1/manifest"),
            await fixture.send("PATCH", "/jobs/1", body: #"{"pinned":true}"#),
        ] {
            #expect(reply.status == 200)
            let symbols = reply.json["symbols"]?.elements?.compactMap(\.string)
            #expect(symbols == BoundedResponseTests.names(21))
        }
        #expect(await fixture.send("GET", "/jobs/1").json["symbols_total"]?.integer == 21)
    }

    @Test(arguments: ["/jobs/1", "/jobs/1/manifest"])
    func `a job of many symbols is made in pieces, and is whole`(path: String) async throws {
        let fixture = Fixture()
        await fixture.store.adopt(BoundedResponseTests.job(1, symbols: 45_000))
        let reply = await fixture.send("GET", path)
        let symbols = reply.json["symbols"]?.elements?.compactMap(\.string)
        #expect(symbols == BoundedResponseTests.names(45_000))
        #expect(reply.pieces.count > 5)
        #expect(reply.pieces.max() ?? 0 < 256 * 1024, "\(reply.pieces)")
    }

    @Test func `a job that is removed while it is shown cuts the response`() async {
        let fixture = Fixture()
        await fixture.store.adopt(BoundedResponseTests.job(1, symbols: 45_000))
        let symbols = LongSymbols(job: JobID(1), total: 45_001, store: fixture.store)
        let pieces = Reply.Pieces()
        await #expect(throws: JobError.notFound(JobID(1))) {
            try await symbols.write(Array(#"{"symbols":[],"a":1}"#.utf8), to: pieces)
        }
    }

    @Test func `a page ends at its limit of bytes, and the next one continues there`() async {
        let fixture = Fixture()
        let note = String(repeating: "x", count: 9_000)
        for id in 1...300 {
            await fixture.store.adopt(
                BoundedResponseTests.job(Int64(id), symbols: 1, notes: [note]))
        }
        var seen: [Int] = []
        var target = "/jobs?limit=500"
        while true {
            let reply = await fixture.send("GET", target)
            #expect(reply.text.utf8.count < 1_100_000)
            let page = reply.json
            #expect(page["total"]?.integer == 300)
            seen += (page["jobs"]?.elements ?? []).compactMap { $0["id"]?.integer }
            guard let cursor = page["next_cursor"]?.string else { break }
            #expect(reply.headers["Link"]?.contains("cursor=\(cursor)>") == true)
            target = "/jobs?limit=500&cursor=\(cursor)"
        }
        #expect(seen == Array((1...300).reversed()))
    }

    @Test func `one job that is too large for a page is still shown`() async {
        let fixture = Fixture()
        let note = String(repeating: "x", count: 2_000_000)
        for id in 1...2 {
            await fixture.store.adopt(
                BoundedResponseTests.job(Int64(id), symbols: 1, notes: [note]))
        }
        let page = await fixture.send("GET", "/jobs").json
        #expect(page["jobs"]?.elements?.count == 1)
        #expect(page["next_cursor"]?.string != nil)
    }

    @Test func `a refusal repeats a little of what was sent`() async {
        let long = String(repeating: "x", count: 500_000)
        for body in [
            #"{"exchange":"\#(long)"}"#, #"{"symbols":["\#(long)","\#(long)"]}"#,
            #"{"\#(long)":1}"#, "\"\(long)\"",
            #"{"exchange":\#(String(repeating: "1", count: 500_000))}"#,
            #"{"exchange":"binance","symbols":[\#(String(repeating: "1,", count: 200_000))1]}"#,
        ] {
            let reply = await Fixture().submit(body)
            #expect(reply.status == 422)
            #expect(reply.text.utf8.count < 300_000, "\(body.prefix(20))")
            #expect(reply.json["detail"]?.elements?.isEmpty == false)
        }
    }

    @Test func `files and manifests are sent in pieces`() async throws {
        let fixture = Fixture()
        await fixture.finishJob()
        let files = await fixture.send("GET", "/jobs/1/files?limit=1&offset=1").json
        #expect(files["files"]?.elements?.count == 1)
        #expect(files["total"]?.integer == 2)
        for offset in [2, Int.max] {
            let beyond = await fixture.send("GET", "/jobs/1/files?offset=\(offset)")
            #expect(beyond.text == #"{"files":[],"total":2}"#)
        }
    }
}
