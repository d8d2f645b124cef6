// For random jobs, limits and orders of events: limits hold, no user starves, no slot is idle.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Queue

@Suite(.timeLimit(.minutes(5)))
struct SchedulerPropertyTests {
    @Test(arguments: 0..<20) func `two thousand random sequences keep every promise`(part: Int) {
        for seed in UInt64(part) * 100..<UInt64(part + 1) * 100 {
            var random = SeededGenerator(seed: seed)
            var world = SchedulerWorld(seed: seed ^ 0x5DEE_CE66)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                world.schedule(
                    .submit(
                        user: ["ann", "bob", "eve", "kim"].randomElement(using: &random) ?? "",
                        priority: .random(in: 0...9, using: &random),
                        files: .random(in: 0...15, using: &random)),
                    in: .random(in: 0...20_000, using: &random))
            }
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                world.schedule(
                    .limit(
                        transfers: .random(in: 1...5, using: &random),
                        runningJobs: .random(in: 1...3, using: &random)),
                    in: .random(in: 0...20_000, using: &random))
            }
            world.run()
            #expect(world.violations == [], "seed \(seed)")
            // A user with no file in flight is passed over by few files, at any priority: by 12 at
            // most in these worlds.
            #expect(world.passedOverMax <= 20, "seed \(seed)")
            if !world.violations.isEmpty { return }
        }
    }

    @Test(arguments: UInt64(0)..<50) func `files are shared by priority, in any order of arrival`(
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        var world = SchedulerWorld(seed: seed)
        let priorities = ["ann", "bob", "eve"].map { ($0, Int.random(in: 4...6, using: &random)) }
        for (user, priority) in priorities.shuffled(using: &random) {
            for _ in 0..<2 {
                world.schedule(
                    .submit(user: user, priority: priority, files: 1_000),
                    in: .random(in: 0...5_000, using: &random))
            }
        }
        world.run(untilClaims: 300)
        let before = world.claims
        world.run(untilClaims: 1_500)
        let weights = Dictionary(
            uniqueKeysWithValues: priorities.map { ($0.0, Double(1 << $0.1)) })
        let total = weights.values.reduce(0, +)
        for (user, weight) in weights {
            let share = Double(world.claims[user, default: 0] - before[user, default: 0])
            #expect(abs(share - 1_200 * weight / total) <= 10, "\(seed): \(user) \(share)")
        }
        #expect(world.violations == [])
    }

    /// Files in work exceed the limit by the overflow at most; after the limit was lowered, none
    /// starts until they are below it.
    @Test(arguments: UInt64(0)..<200) func `no file starts beyond the limits`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let limits = ConcurrencyLimits(
            ServiceLimits(
                transfers: .random(in: 1...8, using: &random),
                runningJobs: .random(in: 1...4, using: &random)))
        var scheduler = Scheduler(limits: limits)
        let now = day("2024-06-15").start
        var present = limits
        var running = 0
        for id in Int64(1)...60 {
            if id % 10 == 0 {
                present = ConcurrencyLimits(
                    ServiceLimits(transfers: .random(in: 1...8, using: &random), runningJobs: 4))
                scheduler.apply(present)
            }
            let before = scheduler.jobs.reduce(0) { $0 + $1.inWork }
            for action in scheduler.actions(at: now) {
                switch action {
                case .claimJob:
                    running += 1
                    #expect(scheduler.jobs.count < present.runningJobsMax + 64)
                    scheduler.started(job(Int64(running), user: "user \(running % 7)"), at: now)
                case .claimFiles(let job, let limit):
                    scheduler.claimed(job.id, count: limit, nextDue: now)
                default: break
                }
            }
            let after = scheduler.jobs.reduce(0) { $0 + $1.inWork }
            let most = present.filesInWorkMax + present.overflowFiles
            #expect(after <= max(before, most), "seed \(seed)")
            for job in scheduler.jobs where job.inFlight > 0 && Bool.random(using: &random) {
                scheduler.ended(
                    job.job.id, day: day("2024-01-02"), result: .published(.sample), fatal: nil,
                    at: now)
            }
        }
    }

    private func job(_ id: Int64, user: String) -> Job {
        Job(
            id: JobID(id), state: .running, exchange: "binance", dataTypes: ["trades"],
            symbols: ["BTCUSDT"], startDate: "2024-01-01", endDate: "2024-03-31",
            outputPath: "./datasets", createdAt: day("2024-06-15").start, createdBy: user,
            progress: JobProgress(isPlanned: true))
    }
}
