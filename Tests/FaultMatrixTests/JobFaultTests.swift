// What one file's fault means for the other files of its job, for other jobs, and after a restart.

import Datasets
import Jobs
import Queue
import Tardis
import TestSupport
import Testing

@testable import tardis_sandbox

@Suite(.timeLimit(.minutes(1)))
struct JobFaultTests {
    @Test(arguments: [("2024-01-02", "2024-02-29"), ("2024-01-01", "2024-01-31")])
    func `a refused key stops the job after at most two requests`(
        start: String, end: String
    ) async throws {
        try await VirtualTime.run { time in
            var bench = try FaultBench(time)
            bench.tardis.apiKey = "TD.expired"
            let final = bench
            try await bench.running { queue, store in
                let id = try await final.submit(
                    to: queue, store, symbols: ["BTCUSDT", "ETHUSDT"], from: start, to: end)
                let (job, files) = try await final.end(of: id, in: store)
                #expect(job.state == .failed)
                #expect(job.errorMessage?.contains("API key refused") == true)
                let refused = final.upstream.requests(to: .upstream).count { $0.status == 401 }
                #expect((1...2).contains(refused))
                #expect(final.upstream.requests(to: .storage).isEmpty)
                for file in files where file.file.day.isFree == false {
                    #expect(file.state == .failed)
                    #expect(file.failure?.code == "api_key_refused")
                }
            }
        }
    }

    @Test func `the storage never sees the key`() async throws {
        try await VirtualTime.run { time in
            let bench = try FaultBench(time)
            try await bench.running { queue, store in
                let id = try await bench.submit(
                    to: queue, store, from: "2024-01-02", to: "2024-01-09")
                #expect(try await bench.end(of: id, in: store).0.state == .completed)
                let upstream = bench.upstream.requests(to: .upstream)
                let storage = bench.upstream.requests(to: .storage)
                #expect(upstream.count == 8 && storage.count == 8)
                #expect(upstream.allSatisfy { $0.authorization == .right })
                #expect(storage.allSatisfy { $0.authorization == .absent })
                #expect((upstream + storage).allSatisfy { $0.headers["range"] == nil })
            }
        }
    }

    @Test func `without a key only free days are requested`() async throws {
        try await VirtualTime.run { time in
            var bench = try FaultBench(time)
            bench.tardis.apiKey = nil
            let final = bench
            try await bench.running { queue, store in
                let id = try await final.submit(
                    to: queue, store, from: "2024-01-01", to: "2024-01-03")
                let (job, files) = try await final.end(of: id, in: store)
                #expect(job.state == .failed)
                #expect(files.filter { $0.state == .ok }.map(\.file.day) == [day("2024-01-01")])
                #expect(final.asked(.upstream) == [0])
                #expect(job.errorMessage?.contains("set TARDIS_API_KEY") == true)
            }
        }
    }

    @Test func `one lasting fault fails the job by the file's name, and no other file`()
        async throws
    {
        try await VirtualTime.run { time in
            let broken = "binance_trades_2024-01-05_BTCUSDT.csv.gz"
            let bench = try FaultBench(
                time,
                faults: [
                    FaultRule("*/05/BTCUSDT*", times: nil, fault: CommonFault.unavailable.fault)
                ])
            try await bench.running { queue, store in
                let id = try await bench.submit(
                    to: queue, store, from: "2024-01-02", to: "2024-01-20")
                let (job, files) = try await bench.end(of: id, in: store)
                #expect(job.state == .failed)
                #expect(job.progress.filesDone == 18)
                #expect(job.errorMessage?.contains("1 of 19 files failed. \(broken): ") == true)
                #expect(files.filter { $0.state == .failed }.map(\.file.name) == [broken])
                #expect(bench.upstream.requests(to: .upstream).count == 18 + 3)
                #expect(!TemporaryFolder.tree(bench.root).contains(broken))
                #expect(TemporaryFolder.tree(bench.root).count == 18)
            }
        }
    }

    @Test(arguments: [-86_400, -3_600, 3_600, 864_000])
    func `a clock that jumps delays a retry by no more than one wait`(seconds: Int) async throws {
        try await VirtualTime.run { time in
            let bench = try FaultBench(
                time,
                faults: [
                    FaultRule("/v1/*", times: 1, fault: CommonFault.unavailable.fault),
                    FaultRule("/v1/*", times: 1, fault: CommonFault.rateLimit.fault),
                ])
            try await bench.running { queue, store in
                let id = try await bench.submit(to: queue, store, from: "2024-01-01")
                _ = try await time.wait(step: .milliseconds(10)) {
                    bench.attempts.entries.count == 1
                }
                try await time.sleep(for: .seconds(1))
                time.jump(by: .seconds(seconds))
                let after = time.now
                let (job, _) = try await bench.end(of: id, in: store)
                #expect(job.state == .completed)
                #expect(bench.upstream.requests(to: .upstream).count == 3)
                #expect(time.now - after < .seconds(10))
            }
        }
    }
}
