// Traps that other downloaders fell into, one test each, at one file. Those that need a job are in
// FaultMatrixTests.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Tardis

@Suite struct PeerTrapTests {
    private let body = gzip(trades(2_000))
    private let name = "bitmex_trades_2020-03-01_XBTUSD.csv.gz"

    /// dukascopy-node #103: retried only connection errors and took every other answer for an empty
    /// day, which left silent holes.
    @Test(
        arguments: [201, 202, 203, 205, 206, 300, 400, 401, 402, 403, 404, 405, 408, 410, 416, 418]
            + [425, 429, 451, 500, 501, 502, 503, 504, 520, 522, 530, 599])
    func `treat non-200 as empty: no other status makes a file, with any body`(
        status: Int
    ) async {
        for content in [gzip(""), body, []] {
            let bench = Bench(RawServer { _ in [.reply(status, content)] })
            for attempt in 1...2 {
                let outcome = await bench.download(attempt: attempt)
                #expect(outcome.checksum == nil)
                #expect(outcome.failure?.httpStatus == status)
            }
            #expect(await eventually { bench.folder.names() == [] })
        }
    }

    /// The Binance scripts, and both official Tardis clients: a path that exists is skipped.
    @Test func `skip by file name alone keeps a half file for ever: ours fetches it anew`()
        async throws
    {
        for length in [0, 1, 20, body.count / 2, body.count - 1] {
            let bench = Bench(RawServer { [body] _ in [.reply(200, body)] })
            writeFile(Array(body[..<length]), to: bench.folder.path(name))
            #expect(await bench.download().summary == "published")
            #expect(bench.server.requests.count == 1)
            #expect(bench.holds(body, as: name))
            // And a whole one is skipped.
            #expect(await bench.download().checksum?.origin == .disk)
            #expect(bench.server.requests.count == 1)
        }
    }

    /// databento-rs: its first resume compared the hash of the new half with that of the whole.
    @Test func `resume then hash only the new half: ours is the hash of the whole, wherever cut`()
        async throws
    {
        let whole = try proof(of: [body])
        for cut in [1, 9, 10, 11, body.count / 3, body.count - 9, body.count - 1] {
            let (first, rest) = (Array(body[..<cut]), Array(body[cut...]))
            let offer = "Accept-Ranges: bytes\r\nETag: \"v1\"\r\n\r\n"
            let range = "Content-Range: bytes \(cut)-\(body.count - 1)/\(body.count)\r\n"
            let server = RawServer(
                replies: [
                    .text("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n" + offer),
                    .send(first), .close,
                ],
                [
                    .text("HTTP/1.1 206 Part\r\nContent-Length: \(rest.count)\r\n" + range + offer),
                    .send(rest), .close,
                ])
            let bench = Bench(server)
            let downloader = bench.downloader
            _ = await downloader.download(.sample(), to: "", attempt: 1)
            let outcome = await downloader.download(.sample(), to: "", attempt: 2)
            #expect(server.requests.map { $0["Range"] } == [nil, "bytes=\(cut)-"])
            #expect(outcome.checksum == whole, "cut at \(cut)")
            #expect(bench.holds(body, as: name))
        }
    }

    /// Tardis documents an empty file for a day without data; tools stored it as data, or failed.
    @Test func `empty gzip is legal: it has no rows, and is neither data nor a failure`()
        async throws
    {
        let server = RawServer { _ in [.reply(200, gzip("")), .close] }
        let bench = Bench(server)
        let found = try #require(await bench.download().checksum)
        #expect(found.rows == 0)
        #expect(found.firstTimestamp == nil)
        #expect(bench.holds(gzip(""), as: name))
        // No bytes at all are not an empty day.
        let silent = Bench(RawServer { _ in [.reply(200, "")] })
        #expect(await silent.download().summary == "retry gzip_truncated")
        #expect(silent.folder.names() == [])
    }

    /// HEAD answers 404 for files that exist, and ranges get a 403 or a web page: probes mislead.
    @Test func `probes mislead: a file is asked for by one plain GET`() async {
        let bench = Bench(RawServer { [body] _ in [.reply(200, body)] })
        #expect(await bench.download().summary == "published")
        #expect(bench.server.requests.map(\.method) == ["GET"])
        #expect(bench.server.requests.allSatisfy { $0["Range"] == nil })
    }

    /// The published MD5 of a file that was uploaded in pieces is not that of the whole.
    @Test func `a checksum that need not hold refuses no file that is whole`() async {
        let headers = ["x-md5: \"00000000000000000000000000000000\""]
        let bench = Bench(RawServer { [body] _ in [.reply(200, body, headers: headers)] })
        #expect(await bench.download().summary == "published")
    }
}
