// Traps that other downloaders fell into, one test each, at whole jobs. Those of a single file are
// in TardisTests.

import Datasets
import Jobs
import Queue
import Tardis
import TestSupport
import Testing

@testable import tardis_sandbox

@Suite(.timeLimit(.minutes(1)))
struct PeerTrapTests {
    private static func answer(_ status: Int, _ body: String = "") -> Fault {
        Fault(answer: Fault.Answer(status: status, headers: [:], body: body))
    }

    /// Most failures are of the request's making; MeTube's maintainer refuses to retry at all.
    @Test func `retry storms: classify first, request an unavailable file once`() async throws {
        try await VirtualTime.run { time in
            let faults = [
                FaultRule(
                    "*/BTCUSDT*", times: nil,
                    fault: Self.answer(400, #"{"code":140,"message":"Not available."}"#)),
                FaultRule(
                    "*/ETHUSDT*", times: nil,
                    fault: Self.answer(403, #"{"code":7,"message":"Not in your plan."}"#)),
                FaultRule(
                    "*/BNBUSDT*", times: nil,
                    fault: Self.answer(400, #"{"code":300,"message":"Invalid symbol."}"#)),
            ]
            let bench = try FaultBench(time, faults: faults)
            try await bench.running { queue, store in
                let id = try await bench.submit(
                    to: queue, store, symbols: ["BTCUSDT", "ETHUSDT", "BNBUSDT"],
                    from: "2024-01-02", to: "2024-01-21")
                let (job, files) = try await bench.end(of: id, in: store)
                #expect(job.state == .failed)
                #expect(files.count == 60)
                #expect(files.allSatisfy { $0.state == .failed && $0.attempts == 1 })
                #expect(bench.upstream.requests(to: .upstream).count == 60)
                #expect(bench.upstream.requests(to: .storage).isEmpty)
            }
        }
    }

    /// sanbase2 #5264: behind a pause for the rate limit only a single job was taken up again.
    @Test func `a single resume job: after a pause all jobs go on, with all of their files`()
        async throws
    {
        try await VirtualTime.run { time in
            let bench = try FaultBench(
                time, faults: [FaultRule("/v1/*", times: 3, fault: CommonFault.quota.fault)])
            try await bench.running { queue, store in
                var ids: [JobID] = []
                for symbol in ["BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT"] {
                    ids.append(
                        try await bench.submit(
                            to: queue, store, symbols: [symbol], from: "2024-01-02",
                            to: "2024-01-06"))
                }
                for id in ids {
                    let (job, files) = try await bench.end(of: id, in: store)
                    #expect(job.state == .completed)
                    #expect(files.allSatisfy { $0.state == .ok && $0.attempts == 1 })
                }
                #expect(TemporaryFolder.tree(bench.root).count == 20)
            }
        }
    }

    /// lean-cli #243, freqtrade #6222: asked for what was there, or could not fill the middle.
    @Test func `fill the middle: only missing files are requested`() async throws {
        try await VirtualTime.run { time in
            let bench = try FaultBench(time)
            try await bench.running { queue, store in
                for (start, end) in [("2024-01-02", "2024-01-04"), ("2024-01-07", "2024-01-09")] {
                    let id = try await bench.submit(to: queue, store, from: start, to: end)
                    _ = try await bench.end(of: id, in: store)
                }
                let before = bench.upstream.requests(to: .upstream).count
                let id = try await bench.submit(
                    to: queue, store, from: "2024-01-01", to: "2024-01-10")
                let (job, files) = try await bench.end(of: id, in: store)
                #expect(job.state == .completed)
                #expect(files.count == 10)
                let asked = bench.upstream.requests(to: .upstream).dropFirst(before).map(\.path)
                let days = ["01", "05", "06", "10"]
                #expect(asked.count == days.count)
                for day in days { #expect(asked.contains { $0.contains("/\(day)/BTCUSDT") }) }
            }
        }
    }

    /// dukascopy-node #130: two runs of one request brought different bytes without a word.
    @Test func `silent holes: one request twice is one dataset, by its digest`() async throws {
        try await VirtualTime.run { time in
            var bench = try FaultBench(
                time,
                faults: [
                    FaultRule("*/04/BTCUSDT*", times: 1, fault: CommonFault.serverError.fault),
                    FaultRule("*/05/BTCUSDT*", times: 1, fault: CommonFault.html.fault),
                ])
            var digests: [String?] = []
            for folder in ["first", "second"] {
                bench.outputPath = folder
                let final = bench
                digests.append(
                    try await final.running { queue, store in
                        let id = try await final.submit(
                            to: queue, store, from: "2024-01-02", to: "2024-01-09")
                        let (job, files) = try await final.end(of: id, in: store)
                        #expect(job.state == .completed)
                        #expect(files.count == 8)
                        return job.integrity.datasetDigest
                    })
            }
            #expect(digests[0] != nil)
            #expect(digests[0] == digests[1])
            let asked = bench.upstream.requests(to: .upstream).count
            #expect(asked == 8 + 2, "the second job links what the first has")
        }
    }
}
