// Jobs that crash the service, and jobs that merely were there.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Queue

@Suite(.timeLimit(.minutes(1)))
struct CrashTests {
    private let now = day("2024-06-15").start

    /// Runs queues on a store that crash whenever a file of that day is fetched, until one does
    /// not, and returns how many crashed.
    private func crashes(
        _ store: InMemoryJobStore, on deadly: Set<String>, _ time: VirtualTime,
        crashesMax: Int = 5
    ) async throws -> (count: Int, store: InMemoryJobStore) {
        var store = store
        let days = Set(deadly.map(day))
        for count in 0..<60 {
            var bench = Bench(time, store: store) { call in
                // A deadly file takes for ever: meanwhile the process is gone.
                ScriptedDownloader.Step(
                    .published(.sample),
                    after: days.contains(call.file.day) ? .seconds(86_400) : .milliseconds(20))
            }
            bench.settings.crashesMax = crashesMax
            let left = try await bench.running { _ -> InMemoryJobStore? in
                let isOver = try await time.wait(atMost: .seconds(600), step: .seconds(1)) {
                    await !store.jobs.values.contains { !$0.state.isFinal }
                }
                // What is on the disk at the moment of the crash, without a word of stopping.
                return isOver ? nil : await store.copy()
            }
            guard let left else { return (count, store) }
            store = left
        }
        return (60, store)
    }

    @Test func `a file that crashes the service fails, the others are published`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            let deadly = try await bench.submit(
                to: nil, from: "2024-01-02", to: "2024-01-20", folder: "a")
            let other = try await bench.submit(
                to: nil, from: "2024-01-02", to: "2024-01-09", folder: "b")
            _ = other
            // The other job is elsewhere in the calendar, so that only one has the deadly day.
            let (count, store) = try await crashes(bench.store, on: ["2024-01-15"], time)
            #expect(count == 5)
            let files = await store.files[deadly] ?? []
            #expect(files.filter { $0.state == .failed }.map(\.file.day) == [day("2024-01-15")])
            #expect(files.filter { $0.state == .failed }.map(\.failure?.code) == ["crashed"])
            #expect(files.filter { $0.state == .failed }.map(\.attempts) == [0])
            #expect(files.count { $0.state == .ok } == 18)
            #expect(await store.jobs[deadly]?.state == .failed)
            #expect(await store.jobs[deadly]?.errorMessage?.contains("/retry") == true)
            #expect(await store.jobs[other]?.state == .completed)
            #expect(await store.violations.isEmpty)
        }
    }

    @Test func `a job whose every file crashes the service ends too`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            let id = try await bench.submit(
                to: nil, from: "2024-01-02", to: "2024-01-20")
            let all = Set((2...20).map { $0 < 10 ? "2024-01-0\($0)" : "2024-01-\($0)" })
            let (count, store) = try await crashes(bench.store, on: all, time, crashesMax: 3)
            #expect(count == 6)
            let files = await store.files[id] ?? []
            #expect(files.allSatisfy { $0.state == .failed && $0.failure?.code == "crashed" })
            #expect(await store.jobs[id]?.state == .failed)
            #expect(
                await store.jobs[id]?.errorMessage?.contains("died 6 times in a row") == true)
        }
    }

    @Test func `a job that crashes its planning fails alone`() async throws {
        try await VirtualTime.run { time in
            let (jobs, catalogue) = (InMemoryJobStore(), DeadlyCatalogue(clock: time))
            let first = Bench(time, store: jobs)
            let innocent = try await first.submit(exchange: "binance", folder: "a")
            let guilty = try await first.submit(exchange: "bitmex", folder: "b")
            var store = jobs
            var crashes = 0
            while await store.jobs.values.contains(where: { !$0.state.isFinal }), crashes < 30 {
                var bench = Bench(time, store: store)
                bench.catalogue = catalogue
                let running = store
                let left = try await bench.running { _ in
                    _ = try await time.wait(atMost: .seconds(30), step: .seconds(1)) {
                        await !running.jobs.values.contains { !$0.state.isFinal }
                    }
                    return await running.copy()
                }
                store = left
                crashes += 1
            }
            #expect(await store.jobs[guilty]?.state == .failed)
            #expect(
                await store.jobs[guilty]?.errorMessage?.contains("while it planned this job")
                    == true)
            #expect(await store.jobs[innocent]?.state == .completed)
            #expect(crashes <= 7)
        }
    }

    @Test func `a stop is no crash, at any phase of the job`() async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            for round in 0..<8 {
                var bench = Bench(time, store: store) { _ in
                    ScriptedDownloader.Step(.published(.sample), after: .seconds(86_400))
                }
                if round.isMultiple(of: 2) { bench.catalogue = DeadlyCatalogue(clock: time) }
                if round == 0 { try await bench.submit(exchange: "bitmex") }
                try await bench.running { _ in try await time.sleep(for: .seconds(20)) }
                #expect(await store.jobs[JobID(1)]?.control.crashes == 0)
                #expect(await store.jobs[JobID(1)]?.state == .running)
            }
            #expect(await store.crashEvents.isEmpty)
            #expect(await store.facts[ProcessEnd.cleanKey] != nil)
        }
    }

    @Test func `a quarantined job works alone and with one file, until a file of it ends`() {
        var scheduler = Scheduler(limits: ConcurrencyLimits(filesInWorkMax: 8, runningJobsMax: 4))
        var suspect = runningJob(1)
        suspect.control.crashes = 2
        scheduler.started(suspect, at: now)
        scheduler.started(runningJob(2), at: now)
        scheduler.started(unplannedJob(3), at: now)
        let actions = begun(scheduler.actions(at: now))
        #expect(actions == [.claimFiles(suspect, limit: 1)])
        #expect(scheduler.nextMoment == nil)
        scheduler.claimed(suspect.id, count: 1, nextDue: now)
        #expect(scheduler.actions(at: now) == [])
        #expect(scheduler.nextMoment == nil, "it must not spin")
        let end = day("2024-01-02")
        scheduler.ended(
            suspect.id, day: end, result: .released(notBefore: nil), fatal: nil, at: now)
        #expect(scheduler.actions(at: now) == [.claimFiles(suspect, limit: 1)])
        scheduler.claimed(suspect.id, count: 1, nextDue: now)
        scheduler.ended(
            suspect.id, day: end, result: .published(.sample), fatal: nil, at: now)
        let after = scheduler.actions(at: now)
        #expect(after.contains(.plan(unplannedJob(3))))
        #expect(after.contains(.claimFiles(runningJob(2), limit: 2)))
        #expect(after.contains { if case .claimFiles(suspect, _) = $0 { true } else { false } })
    }

    @Test func `a quarantined job that waits lets other jobs work`() {
        var scheduler = Scheduler(limits: ConcurrencyLimits(filesInWorkMax: 8, runningJobsMax: 2))
        var suspect = runningJob(1)
        suspect.control.crashes = 3
        scheduler.started(suspect, at: now)
        scheduler.started(runningJob(2), at: now)
        #expect(begun(scheduler.actions(at: now)) == [.claimFiles(suspect, limit: 1)])
        scheduler.claimed(suspect.id, count: 0, nextDue: now + .seconds(60))
        #expect(begun(scheduler.actions(at: now)) == [.claimFiles(runningJob(2), limit: 2)])
        scheduler.claimed(JobID(2), count: 2, nextDue: nil)
        let later = now + .seconds(61)
        #expect(begun(scheduler.actions(at: later)) == [], "it waits for the others' files")
        for _ in 0..<2 {
            scheduler.ended(
                JobID(2), day: day("2024-01-02"), result: .published(.sample), fatal: nil,
                at: later)
        }
        let actions = scheduler.actions(at: later)
        #expect(actions.contains(.claimFiles(suspect, limit: 1)))
    }

    /// What is begun for jobs that are there.
    private func begun(_ actions: [Scheduler.Action]) -> [Scheduler.Action] {
        actions.filter { action in
            if case .claimJob = action { false } else { true }
        }
    }

    private func runningJob(_ id: Int64) -> Job {
        var job = unplannedJob(id)
        job.progress.isPlanned = true
        return job
    }

    private func unplannedJob(_ id: Int64) -> Job {
        Job(
            id: JobID(id), state: .running, exchange: "binance", dataTypes: ["trades"],
            symbols: ["BTCUSDT"], startDate: "2024-01-01", endDate: "2024-01-31",
            outputPath: "./datasets", createdAt: now, startedAt: now, createdBy: "intern")
    }
}

/// Never answers for bitmex: meanwhile the process is gone.
private struct DeadlyCatalogue: CatalogueProviding {
    let clock: VirtualTime

    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue {
        if exchange == "bitmex" { try? await clock.sleep(for: .seconds(86_400)) }
        return try await FullCatalogue().catalogue(of: exchange)
    }
}
