// An interrupted transfer goes on where the server offered that, and begins anew everywhere else.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Tardis

@Suite struct RangeTests {
    private let name = "bitmex_trades_2020-03-01_XBTUSD.csv.gz"
    private let body = gzip(trades(2_000))
    private static let offer = ["Accept-Ranges: bytes", "ETag: \"v1\""]

    private func head(_ status: Int, _ length: Int, _ more: [String]) -> RawServer.Step {
        let lines = ["HTTP/1.1 \(status) Reason", "Content-Length: \(length)"] + more
        return .text(lines.joined(separator: "\r\n") + "\r\n\r\n")
    }

    /// The whole file announced, so many bytes of it sent.
    private func cut(at count: Int, _ more: [String] = offer) -> [RawServer.Step] {
        [head(200, body.count, more), .send(Array(body[..<count])), .close]
    }

    /// The rest announced, perhaps not all of it sent.
    private func rest(
        from start: Int, to end: Int? = nil, _ more: [String] = offer, claims claim: Int? = nil
    ) -> [RawServer.Step] {
        let range = "Content-Range: bytes \(claim ?? start)-\(body.count - 1)/\(body.count)"
        return [
            head(206, body.count - start, more + [range]),
            .send(Array(body[start..<(end ?? body.count)])), .close,
        ]
    }

    private func attempts(_ bench: Bench, _ count: Int) async -> [DownloadOutcome] {
        let downloader = bench.downloader
        var outcomes: [DownloadOutcome] = []
        for attempt in 1...count {
            outcomes.append(await downloader.download(.sample(), to: "", attempt: attempt))
        }
        return outcomes
    }

    @Test func `asks for the rest, and proves the whole`() async throws {
        let server = RawServer(
            replies: cut(at: 5_000), rest(from: 5_000, to: 9_000), rest(from: 9_000))
        let bench = Bench(server)
        let outcomes = await attempts(bench, 3)
        #expect(outcomes.map(\.summary) == ["retry cut_short", "retry cut_short", "published"])
        #expect(server.requests.map { $0["Range"] } == [nil, "bytes=5000-", "bytes=9000-"])
        #expect(server.requests.map { $0["If-Range"] } == [nil, "\"v1\"", "\"v1\""])
        #expect(try outcomes[2].checksum == proof(of: [body]))
        #expect(bench.holds(body, as: name))
        #expect(bench.folder.names() == [name])
    }

    @Test func `begins anew where the file has changed`() async throws {
        let other = gzip(trades(3))
        let server = RawServer(
            replies: cut(at: 5_000), [.reply(200, other, headers: ["ETag: \"v2\""])])
        let bench = Bench(server)
        #expect(await attempts(bench, 2).map(\.summary) == ["retry cut_short", "published"])
        #expect(server.requests.last?["If-Range"] == "\"v1\"")
        #expect(bench.holds(other, as: name))
        #expect(bench.folder.names() == [name])
    }

    @Test(arguments: [
        [], ["Accept-Ranges: bytes"], ["ETag: \"v1\""], ["Accept-Ranges: none", "ETag: \"v1\""],
        ["Accept-Ranges: bytes", "ETag: W/\"v1\""], ["Accept-Ranges: bytes", "ETag: v1"],
    ])
    func `begins anew where nothing was offered, and asks for nothing special`(
        headers: [String]
    ) async throws {
        let server = RawServer(replies: cut(at: 5_000, headers), [.reply(200, body)])
        let bench = Bench(server)
        let downloader = bench.downloader
        let first = await downloader.download(.sample(), to: "", attempt: 1)
        #expect(first.summary == "retry cut_short")
        #expect(bench.folder.names() == [])
        #expect(await downloader.download(.sample(), to: "", attempt: 2).checksum?.rows == 2_000)
        #expect(server.requests.allSatisfy { $0["Range"] == nil && $0["If-Range"] == nil })
        #expect(bench.holds(body, as: name))
    }

    @Test func `takes no rest that is not exactly what is missing`() async throws {
        let answers = [
            rest(from: 5_000, claims: 4_999), rest(from: 5_000, claims: 5_001),
            rest(from: 5_000, ["ETag: \"v2\""]),
            [head(206, 10, Self.offer), .send(Array(body[5_000..<5_010])), .close],
            [.reply(416, "", headers: ["Content-Range: bytes */9"])],
        ]
        for answer in answers {
            let server = RawServer(replies: cut(at: 5_000), answer, [.reply(200, body)])
            let bench = Bench(server)
            let outcomes = await attempts(bench, 3)
            #expect(
                outcomes.map(\.summary) == ["retry cut_short", "retry rest_refused", "published"])
            #expect(server.requests.map { $0["Range"] } == [nil, "bytes=5000-", nil])
            #expect(bench.holds(body, as: name))
            #expect(bench.folder.names() == [name])
        }
    }

    @Test func `takes no rest that is longer or shorter than it says`() async throws {
        // Where the name of the file stands in the gzip, nothing proves a byte.
        let named: [UInt8] =
            [0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 0xFF] + Array("data.csv".utf8) + [0]
            + gzip(trades(3))[10...]
        let count = named.count
        let range = "Content-Range: bytes 12-\(count - 1)/\(count)"
        let chunked = "Transfer-Encoding: chunked"
        let wrongs = [Array(named[13...]), Array(named[11...])]
        let answers = wrongs.flatMap { wrong -> [[RawServer.Step]] in
            let size = String(wrong.count, radix: 16)
            return [
                [head(206, wrong.count, Self.offer + [range]), .send(wrong), .close],
                [
                    .text("HTTP/1.1 206 P\r\n\(range)\r\nETag: \"v1\"\r\n\(chunked)\r\n\r\n"),
                    .text("\(size)\r\n"), .send(wrong), .text("\r\n0\r\n\r\n"), .close,
                ],
            ]
        }
        let larger = "Content-Range: bytes 12-\(count)/\(count + 1)"
        let another: [RawServer.Step] = [
            head(206, count - 11, Self.offer + [larger]), .send(Array(named[11...])), .close,
        ]
        for answer in answers + [another] {
            let first = [
                head(200, count, Self.offer), .send(Array(named[..<12])), RawServer.Step.close,
            ]
            let bench = Bench(RawServer(replies: first, answer, [.reply(200, named)]))
            #expect(
                await attempts(bench, 3).map(\.summary)
                    == ["retry cut_short", "retry rest_refused", "published"])
            #expect(bench.holds(named, as: name))
            #expect(bench.folder.names() == [name])
        }
    }

    @Test func `a rest with wrong bytes is found out`() async throws {
        var wrong = body
        wrong[7_000] ^= 1
        let answer: [RawServer.Step] = [
            head(
                206, body.count - 5_000,
                ["Content-Range: bytes 5000-\(body.count - 1)/\(body.count)"]),
            .send(Array(wrong[5_000...])), .close,
        ]
        let server = RawServer(replies: cut(at: 5_000), answer, [.reply(200, body)])
        let bench = Bench(server)
        let outcomes = await attempts(bench, 3)
        #expect(outcomes[1].checksum == nil)
        #expect(outcomes[2].summary == "published")
        #expect(server.requests.last?["Range"] == nil)
        #expect(bench.holds(body, as: name))
    }

    @Test func `asks only the host that offered it, without the key`() async throws {
        let storage = RawServer(replies: cut(at: 5_000), rest(from: 5_000))
        let location = "Location: \(storage.url)/bucket/x"
        let server = RawServer(replies: [.reply(302, headers: [location])])
        let bench = Bench(server)
        #expect(await attempts(bench, 2).map(\.summary) == ["retry cut_short", "published"])
        #expect(server.requests.count == 2)
        #expect(server.requests.allSatisfy { $0["Range"] == nil })
        #expect(storage.requests.map { $0["Range"] } == [nil, "bytes=5000-"])
        #expect(storage.requests.allSatisfy { $0["Authorization"] == nil })
        #expect(bench.holds(body, as: name))
    }

    @Test func `keeps the beginning through an answer of another kind, and not beyond the end`()
        async throws
    {
        let server = RawServer(
            replies: cut(at: 5_000), [.reply(503)], cut(at: 6_000),
            [.reply(403, #"{"code":7,"message":"no"}"#)])
        let bench = Bench(server)
        let downloader = bench.downloader
        let first = await downloader.download(.sample(), to: "", attempt: 1)
        #expect(first.summary == "retry cut_short")
        #expect(bench.folder.names() == [name + ".part"])
        var summaries: [String] = []
        for attempt in 2...4 {
            summaries.append(
                await downloader.download(.sample(), to: "", attempt: attempt).summary)
        }
        #expect(summaries == ["retry upstream_failed", "retry cut_short", "failed forbidden"])
        #expect(
            server.requests.map { $0["Range"] }
                == [nil, "bytes=5000-", "bytes=5000-", "bytes=6000-"])
        #expect(await eventually { bench.folder.names() == [] })
    }
}
