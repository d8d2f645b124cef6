// How long the beginning of a file is stored for the next attempt.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Tardis

@Suite struct ResumableTransferTests {
    private let name = "bitmex_trades_2020-03-01_XBTUSD.csv.gz"
    private let april = DatasetFile.sample(day: "2020-04-01")

    /// A bench whose upstream breaks off every transfer, and offers to go on.
    private func makeBench() -> Bench {
        let bodies = [DatasetFile.sample(), april].map { gzip(trades(2_000, of: $0)) }
        return Bench(
            RawServer { request in
                let body = bodies[request.target.contains("2020/04/01") ? 1 : 0]
                let head = [
                    "HTTP/1.1 200 OK", "Content-Length: \(body.count)", "Accept-Ranges: bytes",
                    "ETag: \"v1\"",
                ].joined(separator: "\r\n")
                return [.text(head + "\r\n\r\n"), .send(Array(body[..<5_000])), .close]
            })
    }

    private func pass(_ span: Duration, on time: VirtualTime) async throws {
        try await Task(executorPreference: time) { try await time.sleep(for: span) }.value
    }

    private func job(folder: String, from start: String, to end: String) -> Job {
        Job(
            id: JobID(1), state: .failed, exchange: "bitmex", dataTypes: ["quotes", "trades"],
            symbols: ["xbtusd"], startDate: start, endDate: end, outputPath: folder,
            createdAt: Timestamp(microseconds: 0), createdBy: "intern")
    }

    @Test func `is discarded after an hour without an attempt`() async throws {
        let bench = makeBench()
        let downloader = bench.downloader
        let outcome = await downloader.download(.sample(), to: "", attempt: 1)
        #expect(outcome.summary == "retry cut_short")
        // Read before this clock, without other sleepers, advances to the end of the hour.
        let time = bench.time
        let early = try await Task(executorPreference: time) {
            try await time.sleep(for: .seconds(3_500))
            return (downloader.partials.count, bench.folder.names())
        }.value
        #expect(early == (1, [name + ".part"]))
        // The hour begins when the attempt has ended, on any thread: perhaps only now.
        var hours = 0
        while downloader.partials.count > 0, hours < 100 {
            try await pass(.seconds(3_600), on: bench.time)
            hours += 1
            await Task.yield()
        }
        #expect(downloader.partials.count == 0)
        #expect(await eventually { bench.folder.names() == [] })
    }

    @Test func `is discarded when its job ends, and only then`() async throws {
        let bench = makeBench()
        let downloader = bench.downloader
        _ = await downloader.download(.sample(), to: "a", attempt: 1)
        _ = await downloader.download(.sample(), to: "b", attempt: 1)
        _ = await downloader.download(april, to: "a", attempt: 1)
        #expect(downloader.partials.count == 3)
        downloader.forget(filesOf: job(folder: "a", from: "2020-03-02", to: "2020-03-31"))
        downloader.forget(filesOf: job(folder: "c", from: "2020-03-01", to: "2020-04-30"))
        #expect(downloader.partials.count == 3)
        downloader.forget(filesOf: job(folder: "./a", from: "2020-03-01", to: "2020-03-31"))
        #expect(downloader.partials.count == 2)
        let left = [
            "a/bitmex_trades_2020-04-01_XBTUSD.csv.gz.part", "b/\(name).part",
        ]
        #expect(await eventually { TemporaryFolder.tree(bench.folder.path) == left })
        // Invalid stored dates do not stop the service.
        downloader.forget(filesOf: job(folder: "a", from: "2020-04-01", to: ""))
        #expect(downloader.partials.count == 1)
    }
}
