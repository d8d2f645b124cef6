// Several users on one service, in virtual time: who waits how long, and who gets how much.

import Datasets
import Jobs
import Queue
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SharingTests {
    /// An hour beside a job of 100,000 files: a user's one-file job each minute, another user's job
    /// of the usual size, an administrator's urgent one, and one that may wait.
    @Test func `an hour of many users beside a job of 100,000 files`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .seconds(5))
            }
            try await bench.running { [bench] queue in
                let start = time.now
                try await bench.submitLarge(to: queue, user: "large")
                var waits: [Duration] = []
                for minute in 1..<60 {
                    let moment = start + .seconds(60 * minute)
                    if moment > time.now { try await time.sleep(for: moment - time.now) }
                    let user = "small \(minute)"
                    try await bench.submitOthers(in: minute, to: queue)
                    try await bench.submit(files: 1, to: queue, user: user)
                    let hasBegun = try await time.wait(
                        atMost: .seconds(60), step: .milliseconds(10)
                    ) { await bench.upstream.inFlightMaxByFolder[user] != nil }
                    #expect(hasBegun)
                    waits.append(time.now - moment)
                }
                #expect(waits.allSatisfy { $0 <= .seconds(2) }, "\(waits)")
                let calls = await bench.upstream.calls
                let shares = Shares(calls, from: start)
                // Alone, the large job has all slots, 16 files in five seconds.
                #expect(shares.of("large", in: 100...200).isAbout(320))
                expectShares(shares, bench)
                #expect(await bench.store.violations.isEmpty)
            }
        }
    }

    private func expectShares(_ shares: Shares, _ bench: Bench) {
        let window = shares.window(of: "urgent")
        let (large, usual, urgent) = (
            shares.of("large", in: window), shares.of("usual", in: window),
            shares.of("urgent", in: window)
        )
        // 1 : 1 : 4.
        #expect(usual.isAbout(large), "\(large) \(usual) \(urgent)")
        #expect(urgent.isAbout(4 * usual), "\(large) \(usual) \(urgent)")
        // The patient one gets little, but is never left alone for long.
        #expect(shares.gapMax(of: "patient") <= 10)
        #expect(shares.of("patient", in: 300...3_600) == 20)
    }

    @Test func `long transfers of one user do not keep another's file waiting`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                let isLong = call.folder == "large"
                return ScriptedDownloader.Step(
                    .published(.sample), after: isLong ? .seconds(1_800) : .seconds(1))
            }
            try await bench.running { [bench] queue in
                try await bench.submitLarge(to: queue, user: "large")
                try await time.sleep(for: .seconds(4_000))
                #expect(await bench.upstream.inFlight == 16)
                for user in ["a", "b", "c"] {
                    let begin = time.now
                    let id = try await bench.submit(files: 3, to: queue, user: user)
                    let isOver = try await time.wait(atMost: .seconds(60), step: .milliseconds(10))
                    {
                        try await bench.job(id).state == .completed
                    }
                    #expect(isOver)
                    let calls = await bench.upstream.calls.filter { $0.folder == user }
                    let first = try #require(calls.first)
                    #expect(first.at - begin <= .seconds(2))
                    #expect(time.now - begin <= .seconds(8))
                }
                // 16 and a quarter of 8 transfers.
                #expect(await bench.upstream.inFlightMax <= 18)
                let ahead = await bench.upstream.calls.filter(\.context.isExpedited)
                #expect(Set(ahead.map(\.folder)) == ["large", "a", "b", "c"])
                #expect(ahead.count { $0.folder == "large" } < 5, "of 48, when nothing else was")
            }
        }
    }

    @Test func `a user's four long jobs keep neither others out nor their own urgent one`()
        async throws
    {
        try await VirtualTime.run { time in
            let bench = Bench(time) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .seconds(1))
            }
            try await bench.running { [bench] queue in
                for _ in 0..<6 { try await bench.submit(files: 5_000, to: queue, user: "busy") }
                try await time.sleep(for: .seconds(10))
                for (user, priority) in [("a", 5), ("b", 0), ("busy", 6)] {
                    let id = try await bench.submit(
                        files: 1, to: queue, user: user, priority: priority)
                    let begin = time.now
                    _ = try await time.wait(atMost: .seconds(60), step: .milliseconds(10)) {
                        try await bench.job(id).state == .completed
                    }
                    #expect(time.now - begin <= .seconds(3), "\(user)")
                }
                let running = await bench.store.jobs.values.count { $0.state == .running }
                #expect(running == 4)
            }
        }
    }

    @Test func `a job of low priority runs in the end, however many others come`() async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .seconds(10))
            }
            bench.limits = RuntimeLimits(defaults: ServiceLimits(transfers: 1, runningJobs: 1))
            try await bench.running { [bench] queue in
                try await bench.submit(files: 8, to: queue, user: "busy")
                let patient = try await bench.submit(
                    files: 1, to: queue, user: "busy", priority: 0)
                let begin = time.now
                var isOver = false
                while !isOver, time.now - begin < .seconds(7_200) {
                    try await bench.submit(files: 8, to: queue, user: "busy")
                    isOver = try await time.wait(atMost: .seconds(20), step: .seconds(1)) {
                        try await bench.job(patient).state == .completed
                    }
                }
                #expect(isOver)
                // Five steps of priority, and the job under way.
                #expect(time.now - begin >= .seconds(5 * 600 - 60))
            }
        }
    }

    @Test func `a paused job is passed over`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            let paused = try await bench.submit()
            await bench.store.change(paused) { $0.isPaused = true }
            try await bench.running { [bench] queue in
                let other = try await bench.submit(to: queue)
                _ = try await time.wait { try await bench.job(other).state.isFinal }
                #expect(try await bench.job(paused).state == .pending)
                await bench.store.change(paused) { $0.isPaused = false }
                queue.wake()
                #expect(try await bench.settled())
                #expect(try await bench.job(paused).state == .completed)
            }
        }
    }

    @Test func `limits that change are obeyed at once`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .seconds(10))
            }
            try await bench.running { [bench] queue in
                for user in ["a", "a", "a", "b"] {
                    try await bench.submit(files: 2_000, to: queue, user: user)
                }
                for (revision, transfers) in [(1, 2), (2, 30), (3, 1)] {
                    bench.limits.apply([
                        .transfers: .init(
                            value: transfers, changedBy: "admin", changedAt: time.now,
                            revision: Int64(revision))
                    ])
                    try await time.sleep(for: .seconds(11))
                    #expect(await bench.upstream.inFlight == 2 * transfers)
                }
            }
        }
    }
}

extension Bench {
    /// The jobs of the hour beside the large one.
    func submitOthers(in minute: Int, to queue: JobQueue) async throws {
        switch minute {
        case 5: try await submit(files: 20, to: queue, user: "patient", priority: 0)
        case 10:
            try await submit(files: 2_000, to: queue, user: "usual")
            try await submit(files: 1_600, to: queue, user: "urgent", priority: 7)
        default: break
        }
    }

    /// Submits a job of so many files, into a folder of its user's name.
    @discardableResult
    func submit(
        files: Int, to queue: JobQueue, user: String, priority: Int = 5,
        types: [DataType] = [.trades]
    ) async throws -> JobID {
        let first = day("2019-02-01")
        let symbols = files < 1_000 ? ["BTCUSDT"] : (0..<40).map { "S\($0)" }
        let days = files / symbols.count / types.count
        let request = DownloadRequest(
            exchange: "binance", dataTypes: types, symbols: symbols,
            days: first...first.advanced(by: days - 1), outputPath: user, createdBy: user)
        let job = try await store.insert(request, at: time.now)
        await store.change(job.id) { $0.priority = Priority(rawValue: priority) ?? .normal }
        if let changed = try await store.job(job.id) { queue.wake(for: changed) }
        return job.id
    }

    /// 100,000 files.
    func submitLarge(to queue: JobQueue, user: String) async throws {
        try await submit(files: 100_000, to: queue, user: user, types: [.trades, .quotes])
    }
}

/// Who got how many files when.
struct Shares {
    private var seconds: [String: [Double]] = [:]

    init(_ calls: [ScriptedDownloader.Call], from start: Timestamp) {
        for call in calls {
            seconds[call.folder, default: []].append((call.at - start) / .seconds(1))
        }
    }

    /// Files that began within these seconds.
    func of(_ user: String, in window: ClosedRange<Double>) -> Int {
        seconds[user, default: []].count { window.contains($0) }
    }

    /// From the first to the last file.
    func window(of user: String) -> ClosedRange<Double> {
        let own = seconds[user, default: [0]]
        return (own.min() ?? 0)...(own.max() ?? 0)
    }

    /// The longest time between two files that followed each other, in seconds.
    func gapMax(of user: String) -> Double {
        let own = seconds[user, default: []].sorted()
        return zip(own.dropFirst(), own).map { $0 - $1 }.max() ?? 0
    }
}

extension Int {
    /// Within a tenth.
    func isAbout(_ other: Int) -> Bool { abs(self - other) * 10 <= other }
}
