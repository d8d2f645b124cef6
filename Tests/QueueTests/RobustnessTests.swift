// Under random failures no file is lost, no incomplete job is called complete, and a failing store
// ends nothing.

import Datasets
import Jobs
import Logging
import Queue
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct RobustnessTests {
    @Test func `one failing file in twenty never makes a completed job`() async throws {
        for seed in 0..<1_000 {
            try await VirtualTime.run { time in
                let plan = ChaosPlan(seed: UInt64(seed), files: 20, bad: 1)
                var bench = Bench(time, script: plan.step)
                bench.limits = RuntimeLimits(
                    defaults: ServiceLimits(transfers: plan.transfers))
                try await bench.running { [bench] queue in
                    let id = try await bench.submit(to: queue, from: "2024-01-02", to: "2024-01-21")
                    let isOver = try await bench.settled()
                    let job = try await bench.job(id)
                    #expect(isOver && job.state == .failed, "seed \(seed)")
                    let states = await bench.states(of: id)
                    #expect(states.values.reduce(0, +) == 20, "seed \(seed)")
                    #expect(states.keys.allSatisfy { $0.isFinal }, "seed \(seed)")
                    #expect(states[.failed] == 1, "seed \(seed)")
                    let name = try #require(plan.badNames.first)
                    #expect(job.errorMessage?.contains(name) == true, "seed \(seed)")
                }
                #expect(await bench.store.violations.isEmpty, "seed \(seed)")
            }
        }
    }

    @Test func `without a failing file every job completes, through any store errors`()
        async throws
    {
        for seed in 0..<200 {
            try await VirtualTime.run { time in
                let plan = ChaosPlan(seed: UInt64(seed), files: 20, bad: 0)
                let random = Mutex(SeededGenerator(seed: UInt64(seed)))
                let store = InMemoryJobStore { _, _ in
                    random.withLock { Int.random(in: 0..<5, using: &$0) == 0 }
                }
                let bench = Bench(time, store: store, script: plan.step)
                try await bench.running { queue in
                    let id = try await insisting {
                        try await bench.submit(to: queue, from: "2024-01-02", to: "2024-01-21")
                    }
                    let isOver = try await bench.settled()
                    #expect(isOver, "seed \(seed)")
                    #expect(try await bench.job(id).state == .completed, "seed \(seed)")
                    #expect(
                        await bench.channel.delivered.map(\.kind) == [.started, .completed],
                        "seed \(seed)")
                }
                #expect(await store.violations.isEmpty, "seed \(seed)")
            }
        }
    }

    @Test func `a full disk ends no job, causes no busy loop, and is logged once`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            try await bench.running { queue in
                let id = try await bench.submit(to: queue, from: "2024-01-02", to: "2024-03-31")
                try await time.sleep(for: .milliseconds(25))
                let before = await bench.store.calls.values.reduce(0, +)
                let asked = await bench.upstream.calls.count
                await bench.store.setFault { _, _ in true }
                try await time.sleep(for: .seconds(3_600))
                let calls = await bench.store.calls.values.reduce(0, +) - before
                // At most 16 files, a claim and the outbox try to be recorded: 6 doublings, then
                // once a minute each.
                #expect(calls <= 18 * (6 + 60))
                #expect(await bench.upstream.calls.count <= asked + 16)
                #expect(bench.log.texts(from: .error).count <= 18)
                await bench.store.setFault(nil)
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(try await bench.job(id).state == .completed)
                #expect(await bench.upstream.calls.count == 90)
            }
        }
    }

    @Test func `an idle queue calls neither the store nor the upstream`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            try await bench.running { queue in
                try await bench.submit(to: queue)
                let isOver = try await bench.settled()
                #expect(isOver)
                let before = await bench.store.calls
                try await time.sleep(for: .seconds(7 * 86_400))
                #expect(await bench.store.calls == before)
            }
        }
    }

    @Test func `a large job is never held in memory whole`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            try await bench.running { queue in
                let id = try await bench.submit(
                    to: queue, symbols: (0..<8).map { "S\($0)" }, from: "2023-01-02",
                    to: "2023-12-31")
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(try await bench.job(id).progress.filesDone == 8 * 364)
                #expect(await bench.store.claimMax <= 16)
                #expect(await bench.store.calls["files"] == nil)
            }
        }
    }

    private func insisting<Value>(_ body: () async throws -> Value) async throws -> Value {
        while true {
            do { return try await body() } catch JobError.storeFailed { continue }
        }
    }
}

/// A random upstream: busy, slow, resting, and wrong for good about some files.
private struct ChaosPlan: Sendable {
    let seed: UInt64
    let transfers: Int
    let badDays: Set<Day>

    init(seed: UInt64, files: Int, bad: Int) {
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        transfers = Int.random(in: 1...20, using: &random)
        let days = (0..<files).map { day("2024-01-02").advanced(by: $0) }
        badDays = Set(days.shuffled(using: &random).prefix(bad))
    }

    var badNames: [String] {
        badDays.map { "binance_trades_\($0)_BTCUSDT.csv.gz" }
    }

    func step(_ call: ScriptedDownloader.Call) -> ScriptedDownloader.Step {
        let number = UInt64(call.file.day.daysSinceEpoch * 100 + call.attempt)
        var random = SeededGenerator(seed: seed &* 31 &+ number)
        let span = Duration.milliseconds(Int.random(in: 0...5_000, using: &random))
        return ScriptedDownloader.Step(outcome(of: call, &random), after: span)
    }

    private func outcome(
        of call: ScriptedDownloader.Call, _ random: inout SeededGenerator
    ) -> DownloadOutcome {
        // The last attempts work, so that only the bad files fail.
        let roll = call.attempt > 8 ? 0 : Int.random(in: 0..<10, using: &random)
        if badDays.contains(call.file.day) {
            return roll < 3
                ? .failed(failure("wrong")) : .retry(after: nil, failure("busy"))
        }
        switch roll {
        case 0...4: return .published(.sample)
        case 5: return .published(.empty)
        case 6: return .unavailable(failure("delisted"))
        case 7: return .retry(after: .seconds(90), failure("locked"))
        default: return .retry(after: nil, failure("busy"))
        }
    }
}
