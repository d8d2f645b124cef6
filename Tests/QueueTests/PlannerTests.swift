// How a job is planned while the catalogue cannot be read: once it can, or as written in the end.

import Datasets
import Jobs
import Logging
import Queue
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PlannerTests {
    /// When the catalogue is asked, in seconds after the start.
    private static let moments: [Int64] = [0, 2, 6, 14, 30, 62]

    @Test(arguments: 1..<moments.count)
    func `a catalogue that comes back still decides how a symbol is spelled`(
        failures: Int
    ) async throws {
        try await VirtualTime.run { time in
            let begin = time.now
            let catalogue = AwayCatalogue(failures: failures, clock: time)
            let bench = spellingBench(time, catalogue)
            // The predecessor's job: it was never checked.
            await bench.store.adopt(foreignSpelling(at: begin))
            try await bench.running { [bench] _ in
                let isOver = try await bench.settled()
                #expect(isOver)
            }
            let job = try await bench.job(JobID(1))
            #expect(job.state == .completed, "\(job.errorMessage ?? "")")
            #expect(job.notes == ["BTC-USDT is BTCUSDT on binance"])
            let moments = PlannerTests.moments.prefix(failures + 1)
            #expect(await catalogue.tries.map { $0 - begin } == moments.map { .seconds($0) })
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test func `without a catalogue a job is planned as written after a minute`() async throws {
        try await VirtualTime.run { time in
            let begin = time.now
            let catalogue = AwayCatalogue(clock: time)
            var bench = Bench(time)
            bench.catalogue = catalogue
            try await bench.running { [bench] queue in
                let id = try await bench.submit(to: queue, symbols: ["BTC-USDT"])
                try await time.sleep(for: .seconds(61))
                #expect(try await bench.job(id).state == .running)
                #expect(await bench.upstream.calls.isEmpty)
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(try await bench.job(id).state == .completed)
            }
            let moments = PlannerTests.moments
            #expect(await catalogue.tries.map { $0 - begin } == moments.map { .seconds($0) })
            let calls = await bench.upstream.calls
            #expect(calls.count == 4)
            #expect(calls.allSatisfy { $0.file.symbol == "BTC-USDT" })
            #expect(calls.first.map { $0.at - begin } == .seconds(62))
            let notices = bench.log.texts(from: .notice)
            #expect(notices == ["a job waits for the catalogue", "planned without the catalogue"])
        }
    }

    @Test func `other jobs go on while one waits for the catalogue`() async throws {
        try await VirtualTime.run { time in
            let begin = time.now
            var bench = Bench(time)
            bench.catalogue = AwayCatalogue(for: "okex", clock: time)
            try await bench.running { [bench] queue in
                let waiting = try await bench.submit(to: queue, exchange: "okex", folder: "okex")
                let running = try await bench.submit(to: queue)
                let isOver = try await time.wait(atMost: .seconds(2)) {
                    try await bench.job(running).state == .completed
                }
                #expect(isOver)
                let later = try await bench.submit(to: queue, folder: "later")
                let isLaterOver = try await time.wait(atMost: .seconds(2)) {
                    try await bench.job(later).state == .completed
                }
                #expect(isLaterOver)
                #expect(time.now - begin < .seconds(5))
                #expect(try await bench.job(waiting).state == .running)
                #expect(await !bench.upstream.calls.contains { $0.folder == "okex" })
            }
        }
    }

    @Test func `stop ends the wait at once, and the job is planned after the restart`()
        async throws
    {
        try await VirtualTime.run { time in
            let before = spellingBench(time, AwayCatalogue(clock: time))
            await before.store.adopt(foreignSpelling(at: time.now))
            try await before.running { queue in
                try await time.sleep(for: .seconds(40))
                let stopped = time.now
                await queue.stop()
                #expect(time.now == stopped)
            }
            let left = try await before.job(JobID(1))
            #expect(left.state == .running)
            #expect(!left.progress.isPlanned)

            let begin = time.now
            let catalogue = AwayCatalogue(failures: 3, clock: time)
            let after = spellingBench(time, catalogue, store: before.store)
            try await after.running { _ in
                let isOver = try await after.settled()
                #expect(isOver)
            }
            let job = try await after.job(JobID(1))
            #expect(job.state == .completed, "\(job.errorMessage ?? "")")
            let moments = PlannerTests.moments.prefix(4)
            #expect(await catalogue.tries.map { $0 - begin } == moments.map { .seconds($0) })
            #expect(await after.store.violations.isEmpty)
        }
    }

    @Test func `an exchange that does not exist is not requested again`() async throws {
        try await VirtualTime.run { time in
            let begin = time.now
            var bench = Bench(time)
            bench.catalogue = FixedCatalogue(
                answer: .failure(.unknownExchange(known: ["binance"])))
            try await bench.running { [bench] queue in
                let id = try await bench.submit(to: queue, exchange: "binanse")
                let hasFailed = try await time.wait(atMost: .seconds(1)) {
                    try await bench.job(id).state == .failed
                }
                #expect(hasFailed)
                #expect(time.now - begin <= .seconds(1))
                let message = try await bench.job(id).errorMessage
                #expect(message?.contains("Did you mean binance?") == true, "\(message ?? "")")
            }
        }
    }

    @Test(arguments: [("../../etc", "2024-01-02"), ("binance", "yesterday")])
    func `a request that no catalogue makes valid is refused without waiting`(
        exchange: String, start: String
    ) async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time)
            bench.catalogue = AwayCatalogue(clock: time)
            var job = foreignSpelling(at: time.now)
            job.exchange = exchange
            job.startDate = start
            await bench.store.adopt(job)
            try await bench.running { [bench] _ in
                let hasFailed = try await time.wait(atMost: .seconds(1)) {
                    try await bench.job(JobID(1)).state == .failed
                }
                #expect(hasFailed)
            }
        }
    }

    // MARK: -

    /// Its upstream has files under the exchange's own spelling only.
    private func spellingBench(
        _ time: VirtualTime, _ catalogue: any CatalogueProviding,
        store: InMemoryJobStore = InMemoryJobStore()
    ) -> Bench {
        var bench = Bench(time, store: store) { call in
            ScriptedDownloader.Step(
                call.file.symbol == "BTCUSDT"
                    ? .published(.sample) : .failed(failure("bad_request")))
        }
        bench.catalogue = catalogue
        return bench
    }

    private func foreignSpelling(at now: Timestamp) -> Job {
        Job(
            id: JobID(1), state: .pending, exchange: "binance", dataTypes: ["trades"],
            symbols: ["BTC-USDT"], startDate: "2024-01-02", endDate: "2024-01-05",
            outputPath: "./datasets", createdAt: now, createdBy: "bob")
    }
}
