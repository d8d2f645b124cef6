// Whole attempts against scripted servers: what is asked, what is published, what is left behind.

import Datasets
import Glibc
import Gzip
import GzipSupport
import Jobs
import Synchronization
import TestSupport
import Testing

@testable import Tardis

@Suite struct DatasetDownloaderTests {
    private let file = DatasetFile.sample()
    private let name = "bitmex_trades_2020-03-01_XBTUSD.csv.gz"

    @Test func `publishes a good file with its proof`() async throws {
        let body = gzip(trades(500))
        let server = RawServer(replies: [.reply(200, body)])
        let bench = Bench(server)
        let outcome = await bench.download(file, to: "btc")
        let expected = try proof(of: [body])
        #expect(outcome.checksum == expected)
        #expect(bench.folder.names(in: "btc") == [name])
        #expect(bench.holds(body, as: "btc/\(name)"))
        let request = try #require(server.requests.first)
        #expect(request.target == "/v1/bitmex/trades/2020/03/01/XBTUSD.csv.gz")
        #expect(request["Authorization"] == "Bearer TD.secret-key")
        #expect(request["Accept-Encoding"] == "gzip")
        #expect(request["Range"] == nil)
    }

    @Test func `publishes an empty day as empty`() async throws {
        let bench = Bench(RawServer(replies: [.reply(200, emptyGzip)]))
        #expect(await bench.download().checksum?.state == .empty)
        #expect(bench.holds(emptyGzip, as: name))
    }

    @Test func `takes an empty file over a used connection for what it may be: another's answer`()
        async throws
    {
        let other = DatasetFile.sample(symbol: "ETHUSD")
        for isEmpty in [true, false] {
            let first = gzip(trades(3, of: other))
            let real = isEmpty ? emptyGzip : gzip(trades(5))
            let server = RawServer(
                replies: [.reply(200, first)], [.reply(200, emptyGzip)], [.reply(200, real)])
            let bench = Bench(server)
            let downloader = bench.downloader
            #expect(await downloader.download(other, to: "", attempt: 1).checksum?.rows == 3)
            let outcome = await downloader.download(file, to: "", attempt: 1)
            #expect(outcome.checksum?.rows == (isEmpty ? 0 : 5))
            #expect(bench.holds(real, as: name))
            #expect(server.requests.count == 3)
            #expect(server.connectionsAccepted == 2)
        }
    }

    @Test func `a further attempt does not trust a used connection`() async throws {
        let other = DatasetFile.sample(symbol: "ETHUSD")
        let server = RawServer(
            replies: [.reply(200, gzip(trades(3, of: other)))],
            [.reply(200, gzip(trades(5)))])
        let bench = Bench(server)
        let downloader = bench.downloader
        #expect(await downloader.download(other, to: "", attempt: 1).checksum?.rows == 3)
        #expect(await downloader.download(file, to: "", attempt: 2).checksum?.rows == 5)
        #expect(server.connectionsAccepted == 2)
    }

    @Test func `says that it was admitted when a file begins to come, long before its end`()
        async throws
    {
        let body = gzip(trades(500))
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n"
        let gate = Gate()
        let admissions = Atomic(0)
        let server = RawServer(replies: [
            .text(head), .send(Array(body.prefix(50))), .hold(gate),
            .send(Array(body.dropFirst(50))),
        ])
        let bench = Bench(server)
        let downloader = bench.downloader
        async let outcome = downloader.download(
            file, to: "", attempt: 1, context: DownloadContext(),
            admitted: { admissions.add(1, ordering: .relaxed) })
        #expect(await eventually { admissions.load(ordering: .relaxed) == 1 })
        #expect(bench.folder.names() == [name + ".part"])
        gate.open()
        #expect(await outcome.checksum?.rows == 500)
        #expect(admissions.load(ordering: .relaxed) == 1)
    }

    @Test(arguments: [(200, "<html>welcome</html>"), (401, "Unauthorized"), (404, "no such")])
    func `is not admitted by anything but a file`(status: Int, page: String) async {
        let admissions = Atomic(0)
        let bench = Bench(RawServer(replies: [.reply(status, page)]))
        let downloader = bench.downloader
        let outcome = await downloader.download(
            file, to: "", attempt: 1, context: DownloadContext(),
            admitted: { admissions.add(1, ordering: .relaxed) })
        #expect(outcome.checksum == nil)
        #expect(admissions.load(ordering: .relaxed) == 0)
    }

    @Test func `passes megabytes through a small inbox`() async throws {
        let csv = trades(60_000)
        let body = gzip(csv)
        var bench = Bench(RawServer(replies: [.reply(200, body)]))
        bench.settings.inboxBytesMax = 20_000
        let expected = try proof(of: [body])
        #expect(await bench.download().checksum == expected)
        #expect(bench.holds(body, as: name))
    }

    @Test func `stores the body unchanged, with any content encoding`() async throws {
        let body = gzip(trades(5))
        let bench = Bench(
            RawServer(replies: [.reply(200, body, headers: ["Content-Encoding: gzip"])]))
        #expect(await bench.download().checksum?.rows == 5)
        #expect(bench.holds(body, as: name))
    }

    @Test func `follows a redirect without the key`() async throws {
        let body = gzip(trades(7))
        let storage = RawServer(replies: [.reply(200, body)])
        let location = "Location: \(storage.url)/bucket/x?signature=s"
        let server = RawServer(replies: [.reply(302, headers: [location])])
        let bench = Bench(server)
        #expect(await bench.download().checksum?.rows == 7)
        let request = try #require(storage.requests.first)
        #expect(request.target == "/bucket/x?signature=s")
        #expect(request["Authorization"] == nil)
        #expect(request["Accept-Encoding"] == "gzip")
        #expect(server.requests.count == 1)
    }

    @Test func `follows five redirects and no sixth`() async throws {
        for hops in [5, 6] {
            let body = gzip(trades(1))
            let server = RawServer { request in
                let hop = Int(request.target.split(separator: "/").last ?? "") ?? 0
                return hop == hops
                    ? [.reply(200, body)]
                    : [.reply(307, headers: ["Location: /hop/\(hop + 1)"])]
            }
            let bench = Bench(server)
            let outcome = await bench.download()
            #expect(outcome.summary == (hops == 5 ? "published" : "retry redirect_loop"))
            #expect(server.requests.count == 6)
            #expect(bench.folder.names() == (hops == 5 ? [name] : []))
        }
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://u:p@127.0.0.1/x"])
    func `refuses a redirect that leads astray`(location: String) async {
        let server = RawServer(replies: [.reply(302, headers: ["Location: \(location)"])])
        let bench = Bench(server)
        #expect(await bench.download().summary == "retry redirect_refused")
        #expect(server.requests.count == 1)
        #expect(bench.folder.names() == [])
    }

    @Test func `refuses a redirect to a private address that is not the upstream's`() async {
        let server = RawServer(
            replies: [.reply(302, headers: ["Location: http://10.0.0.1:9/latest"])])
        let bench = Bench(server)
        #expect(await bench.download().summary == "retry request_not_allowed")
    }

    @Test(arguments: [
        (401, "retry refused_in_between"), (403, "retry refused_in_between"),
        (404, "retry not_found"), (500, "retry upstream_failed after 4.0 seconds"),
        (503, "retry upstream_failed"), (204, "retry unexpected_status"),
        (206, "retry unexpected_status"),
    ])
    func `publishes nothing of an answer that is no dataset`(
        status: Int, expected: String
    ) async {
        let server = RawServer(replies: [.reply(status, status == 204 ? [] : emptyGzip)])
        let bench = Bench(server)
        #expect(await bench.download().summary == expected)
        #expect(server.requests.count == 1)
        #expect(bench.folder.names() == [])
    }

    @Test func `a 404 is requested once more after any failures, and is final then`() async {
        let missing = RawServer.Step.reply(404, #"{"code":404,"message":"Not found"}"#)
        let server = RawServer(
            replies: [.reply(503)], [missing], [.reply(404)], [.reply(500)], [missing], [missing])
        let bench = Bench(server)
        let downloader = bench.downloader
        var summaries: [String] = []
        for attempt in 1...5 {
            summaries.append(
                await downloader.download(.sample(), to: "", attempt: attempt).summary)
        }
        #expect(
            summaries == [
                "retry upstream_failed", "retry not_found", "retry not_found",
                "retry upstream_failed after 32.0 seconds", "failed not_found",
            ])
        // A new job starts over.
        let anew = await downloader.download(.sample(), to: "", attempt: 1)
        #expect(anew.summary == "retry not_found")
    }

    @Test func `waits as Retry-After says`() async {
        let short = Bench(RawServer(replies: [.reply(429, headers: ["Retry-After: 11"])]))
        #expect(await short.download().summary == "retry rate_limited after 11.0 seconds")
        let long = Bench(RawServer(replies: [.reply(429, headers: ["Retry-After: 4000"])]))
        #expect(await long.download().summary == "park quota_exhausted for 4000.0 seconds")
    }

    @Test func `gives an endless error page up and still knows its status`() async {
        let words =
            Array(#"{"code":11,"message":""#.utf8)
            + [UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20)
        let bench = Bench(RawServer(replies: [.reply(401, words)]))
        #expect(await bench.download().summary == "stopJob api_key_refused")
    }

    @Test func `refuses damaged bodies and leaves nothing`() async throws {
        let good = gzip(trades(300))
        var flipped = good
        flipped[good.count / 2] ^= 1
        let cases: [([UInt8], String)] = [
            (Array("<!DOCTYPE html>".utf8), "retry web_page"),
            (Array(good.dropLast(20)), "retry gzip_truncated"),
            (good + [1], "retry gzip_damaged"), ([], "retry gzip_truncated"),
            (gzip("a,b\n1,2\n"), "retry csv_header_wrong"),
            (gzip(trades(3, symbol: "ETHUSD")), "retry wrong_symbol"),
        ]
        for (body, expected) in cases {
            let bench = Bench(RawServer(replies: [.reply(200, body)]))
            #expect(await bench.download().summary == expected)
            #expect(bench.folder.names() == [])
        }
        let bench = Bench(RawServer(replies: [.reply(200, flipped)]))
        #expect(await bench.download().checksum == nil)
        #expect(bench.folder.names() == [])
    }

    @Test func `fails at once where a file expands without end`() async {
        let rows = trades(2) + String(repeating: "x", count: 60_000) + "\n"
        var bench = Bench(RawServer(replies: [.reply(200, gzip(rows))]))
        bench.settings.gzipLimits = GzipLimits(ratioMax: 20, ratioExemptBytes: 1000)
        #expect(await bench.download().summary == "failed too_large")
        #expect(bench.folder.names() == [])
    }

    @Test func `takes a body that ends too early for a fault of the way`() async {
        let body = gzip(trades(300))
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(body.count + 100)\r\n\r\n"
        for end in [RawServer.Step.close, .reset] {
            let bench = Bench(RawServer(replies: [.text(head), .send(body), end]))
            #expect(await bench.download().summary == "retry cut_short")
            #expect(bench.folder.names() == [])
        }
    }

    @Test func `takes a body without a length by its gzip`() async {
        let body = gzip(trades(30))
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
        let whole = Bench(RawServer(replies: [.text(head), .send(body), .close]))
        #expect(await whole.download().checksum?.rows == 30)
        let half = Bench(
            RawServer(replies: [.text(head), .send(Array(body.dropLast(9))), .close]))
        #expect(await half.download().summary == "retry gzip_truncated")
    }

    @Test func `retries when no server listens`() async {
        let server = RawServer(replies: [.close])
        var bench = Bench(server)
        bench.settings.datasetsURL = "http://127.0.0.1:1/v1"
        #expect(await bench.download().summary == "retry connect_failed")
    }

    @Test func `tells caches apart by the attempt`() async {
        let server = RawServer(replies: [.reply(503)])
        let bench = Bench(server)
        _ = await bench.download(file, attempt: 3)
        #expect(server.requests.first?.target.hasSuffix("XBTUSD.csv.gz?retryAttempt=2") == true)
    }
}
