// What becomes of jobs, from submission to their end.

import Datasets
import Jobs
import Queue
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct JobQueueTests {
    @Test func `a job runs to its end, with its notifications`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                #expect(try await bench.settled())
                let job = try await bench.job(id)
                #expect(job.state == .completed)
                #expect(job.errorMessage == nil)
                #expect(job.progress.filesDone == 4)
                #expect(job.progress.bytesDone == 4_000)
                let files = await bench.store.files[id] ?? []
                #expect(files.allSatisfy { $0.state == .ok && $0.attempts == 1 })
                let calls = await bench.upstream.calls
                #expect(
                    calls.map(\.file.day.description) == [
                        "2024-01-05", "2024-01-02", "2024-01-03", "2024-01-04",
                    ])
                #expect(calls.allSatisfy { $0.folder == "./datasets" && $0.attempt == 1 })
                #expect(await bench.channel.delivered.map(\.kind) == [.started, .completed])
                #expect(await bench.upstream.forgotten == [id])
            }
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test func `a job that was waiting before the start runs`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            let id = try await bench.submit()
            try await bench.running { _ in
                let isOver = try await bench.settled()
                #expect(isOver)
            }
            #expect(try await bench.job(id).state == .completed)
        }
    }

    @Test func `days without data and days outside the listing do not fail a job`() async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time) { call in
                let isEmpty = call.file.day == day("2024-01-04")
                return ScriptedDownloader.Step(.published(isEmpty ? .empty : .sample))
            }
            bench.catalogue = catalogue(since: "2024-01-04")
            try await bench.running { [bench] queue in
                let id = try await bench.submit(to: queue)
                #expect(try await bench.settled())
                #expect(try await bench.job(id).state == .completed)
                #expect(await bench.states(of: id) == [.ok: 1, .empty: 1, .unavailable: 2])
                #expect(await bench.upstream.calls.count == 2)
            }
        }
    }

    @Test func `a file that failed fails its job, which names it`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                let isBad = call.file.day == day("2024-01-03")
                return ScriptedDownloader.Step(
                    isBad ? .failed(failure("damaged")) : .published(.sample))
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                #expect(try await bench.settled())
                let job = try await bench.job(id)
                #expect(job.state == .failed)
                #expect(
                    job.errorMessage
                        == "1 of 4 files failed. binance_trades_2024-01-03_BTCUSDT.csv.gz: "
                        + "It was damaged.")
                #expect(await bench.states(of: id) == [.ok: 3, .failed: 1])
                #expect(await bench.channel.delivered.map(\.kind) == [.started, .failed])
            }
        }
    }

    @Test func `a symbol is resolved when the job runs`() async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time)
            bench.catalogue = catalogue(since: "2019-01-01")
            try await bench.running { [bench] queue in
                let id = try await bench.submit(to: queue, symbols: ["BTC-USDT"])
                #expect(try await bench.settled())
                let job = try await bench.job(id)
                #expect(job.state == .completed)
                #expect(job.notes == ["BTC-USDT is BTCUSDT on binance"])
                #expect(await bench.upstream.calls.allSatisfy { $0.file.symbol == "BTCUSDT" })
            }
        }
    }

    @Test func `a job that the catalogue contradicts fails without a request`() async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time)
            bench.catalogue = catalogue(since: "2019-01-01")
            try await bench.running { [bench] queue in
                let unknown = try await bench.submit(to: queue, symbols: ["BTCUSDZ"])
                let lacking = try await bench.submit(to: queue, types: [.quotes])
                #expect(try await bench.settled())
                #expect(try await bench.job(unknown).state == .failed)
                #expect(
                    try await bench.job(unknown).errorMessage
                        == "The request cannot be carried out. Tardis has no datasets of a symbol "
                        + "'BTCUSDZ' on binance. Did you mean BTCUSDT?")
                #expect(try await bench.job(lacking).state == .failed)
                #expect(await bench.upstream.calls.isEmpty)
                #expect(
                    await bench.channel.delivered.map(\.kind) == [
                        .started, .started, .failed, .failed,
                    ])
            }
        }
    }

    @Test(arguments: [
        ("binance", ["trades"], ["BTCUSDT"], "2024-01-02", "2024-01-03", JobState.completed),
        ("binance", ["book_change_l2"], ["btc/usdt"], "2024-01-02", "2024-01-02", .completed),
        ("binance", ["trades"], ["BTCUSDT"], "yesterday", "2024-01-03", .failed),
        ("binance", ["candles"], ["BTCUSDT"], "2024-01-02", "2024-01-03", .failed),
        ("binance", ["trades"], [], "2024-01-02", "2024-01-03", .failed),
        ("binance", ["trades"], ["BTCUSDT"], "2024-01-03", "2024-01-02", .failed),
        ("../../etc", ["trades"], ["BTCUSDT"], "2024-01-02", "2024-01-03", .failed),
        ("binance", ["trades"], ["BTCUSDT"], "1000-01-01", "2024-01-02", .failed),
    ])
    func `any text of the predecessor is run or refused with a message`(
        exchange: String, types: [String], symbols: [String], start: String, end: String,
        state: JobState
    ) async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            for (number, former) in [JobState.pending, .running].enumerated() {
                await bench.store.adopt(
                    Job(
                        id: JobID(Int64(number + 1)), state: former, exchange: exchange,
                        dataTypes: types, symbols: symbols, startDate: start, endDate: end,
                        outputPath: "./datasets", createdAt: time.now, createdBy: "bob"))
            }
            try await bench.running { _ in
                let isOver = try await bench.settled()
                #expect(isOver)
            }
            for job in await bench.store.jobs.values {
                #expect(job.state == state)
                #expect((job.errorMessage == nil) == (state == .completed))
            }
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test func `never more transfers than allowed, nor more running jobs`() async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    .published(.sample), after: .milliseconds(5 + call.file.day.date.day * 7))
            }
            bench.limits = RuntimeLimits(defaults: ServiceLimits(transfers: 2, runningJobs: 3))
            try await bench.running { [bench] queue in
                for number in 0..<7 {
                    try await bench.submit(
                        to: queue, from: "2024-01-02", to: "2024-01-31", folder: "\(number)")
                }
                var mostRunning = 0
                let isOver = try await time.wait(step: .milliseconds(10)) {
                    let jobs = await bench.store.jobs.values
                    mostRunning = max(mostRunning, jobs.count { $0.state == .running })
                    return jobs.allSatisfy(\.state.isFinal)
                }
                #expect(isOver)
                #expect(mostRunning == 3)
                #expect(await bench.upstream.inFlightMax == 4)
                #expect(await bench.upstream.calls.count == 7 * 30)
                #expect(await bench.store.claimMax <= 4)
            }
        }
    }

    @Test func `jobs take turns by file`() async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time)
            bench.limits = RuntimeLimits(defaults: ServiceLimits(transfers: 1, runningJobs: 4))
            try await bench.running { [bench] queue in
                try await bench.submit(
                    to: queue, from: "2023-01-02", to: "2023-12-31", folder: "long")
                try await time.sleep(for: .seconds(1))
                for name in ["a", "b"] {
                    try await bench.submit(
                        to: queue, from: "2024-01-02", to: "2024-01-11", folder: name)
                }
                #expect(try await bench.settled())
                let folders = await bench.upstream.calls.map(\.folder)
                let shared = folders.drop { $0 == "long" }.prefix { _ in true }
                let first = Array(shared.prefix(27))
                for name in ["long", "a", "b"] {
                    #expect(first.count { $0 == name } == 9, "\(first)")
                }
                #expect(folders.suffix(100).allSatisfy { $0 == "long" })
            }
        }
    }

    @Test func `a small job does not wait for a large one`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .milliseconds(500))
            }
            try await bench.running { queue in
                let large = try await bench.submit(
                    to: queue, symbols: (0..<10).map { "S\($0)" }, from: "2023-01-02",
                    to: "2023-12-31")
                try await time.sleep(for: .seconds(20))
                let small = try await bench.submit(
                    to: queue, from: "2024-01-02", to: "2024-01-02", folder: "small")
                let before = time.now
                #expect(
                    try await time.wait(atMost: .seconds(2)) {
                        try await bench.job(small).state == .completed
                    })
                #expect(time.now - before <= .seconds(2))
                #expect(try await bench.job(large).state == .running)
            }
        }
    }

    private func catalogue(since: String) -> FixedCatalogue {
        FixedCatalogue(
            answer: .success(
                ExchangeCatalogue(
                    exchange: "binance",
                    symbols: [
                        CatalogueSymbol(
                            id: "BTCUSDT", dataTypes: ["trades"], availableSince: day(since),
                            availableTo: nil)
                    ],
                    exportedUntil: day("2024-06-15"))))
    }
}
