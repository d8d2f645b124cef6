// When old jobs are removed: after their days, with or without their files, and never a file that
// is still needed.

import Datasets
import Jobs
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Queue

@Suite struct CleanerTests {
    /// Returns what the script says, and records its calls.
    final class Remover: FileRemoving {
        private let answer: @Sendable (PublishedFile, FileReferences?) -> FileRemoval
        private let asked = Mutex<[String]>([])
        private let emptied = Mutex<[String]>([])

        init(_ answer: @escaping @Sendable (PublishedFile, FileReferences?) -> FileRemoval) {
            self.answer = answer
        }

        var files: [String] { asked.withLock { $0 } }
        var folders: [String] { emptied.withLock { $0 } }

        func remove(
            _ file: PublishedFile, unless users: @Sendable () async -> FileReferences?
        ) async -> FileRemoval {
            let answer = answer(file, await users())
            asked.withLock { $0.append("\(file.folder)/\(file.file.name) \(answer)") }
            return answer
        }

        func removeEmptyFolders(_ folder: String) async -> Int {
            emptied.withLock { $0.append(folder) }
            return folder == "./datasets" ? 0 : 1
        }
    }

    func cleaner(
        _ store: InMemoryJobStore, _ time: VirtualTime, jobDays: Int = 90, fileDays: Int? = nil,
        files: Remover = Remover { _, _ in .removed }
    ) -> Cleaner {
        Cleaner(
            store: store, files: files,
            settings: RetentionSettings(jobDays: jobDays, fileDays: fileDays), clock: time,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A job of some days that ended at a moment, its notifications delivered.
    @discardableResult
    func ended(
        in store: InMemoryJobStore, at end: Timestamp, files: Int = 1,
        folder: String = "./datasets"
    ) async throws -> JobID {
        let days = (0..<files).map { Day("2024-01-02")!.advanced(by: $0) }
        let request = DownloadRequest(
            exchange: "binance", dataTypes: [.trades], symbols: ["BTCUSDT"],
            days: days[0]...days[files - 1], outputPath: folder, createdBy: "ann")
        _ = try await store.insert(request, at: end)
        let job = try #require(try await store.claimJob(at: end))
        let plan = days.map {
            PlannedFile(
                file: DatasetFile(
                    exchange: "binance", dataType: .trades, day: $0, symbol: "BTCUSDT"))
        }
        try await store.expand(job.id, into: plan, notes: [])
        _ = try await store.claimFiles(of: job.id, limit: files, at: end)
        for position in 0..<files {
            try await store.record(.published(.sample), of: job.id, position: position)
        }
        _ = try await store.finish(job.id, as: .completed, errorMessage: nil, at: end)
        while let news = try await store.nextNotification() {
            try await store.record(.delivered(at: end), of: news.id)
        }
        return job.id
    }

    /// Two rounds: the first has nothing to compare the clock with.
    func clean(_ cleaner: Cleaner) async throws -> Cleaner.Result {
        _ = try await cleaner.clean()
        return try await cleaner.clean()
    }

    @Test func `a job is removed when its days are over, at most an hour later`() async throws {
        try await VirtualTime.run { time in
            #expect(RetentionSettings() == RetentionSettings(jobDays: 90, fileDays: nil))
            let store = InMemoryJobStore()
            let start = time.now
            let first = try await ended(in: store, at: start)
            let second = try await ended(in: store, at: start + .seconds(7_200))
            let cleaner = cleaner(store, time)
            async let run: Void = cleaner.run()
            try await time.sleep(for: .seconds(90 * 86_400 - 60))
            #expect(await store.jobs.count == 2)
            try await time.sleep(for: .seconds(3_700))
            #expect(await store.jobs[first] == nil)
            #expect(await store.jobs[second] != nil)
            try await time.sleep(for: .seconds(7_200))
            #expect(await store.jobs.isEmpty)
            cleaner.stop()
            await run
        }
    }

    @Test func `with 0 days, and while pinned, no job is removed`() async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            let id = try await ended(in: store, at: time.now)
            try await time.sleep(for: .seconds(1_000 * 86_400))
            #expect(try await clean(cleaner(store, time, jobDays: 0)) == Cleaner.Result())
            var job = try #require(await store.jobs[id])
            job.control.isPinned = true
            await store.adopt(job)
            #expect(try await clean(cleaner(store, time)) == Cleaner.Result())
            #expect(await store.jobs.count == 1)
        }
    }

    @Test func `thousands of jobs are removed in hundreds, with pauses for other writers`()
        async throws
    {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            for _ in 0..<1_050 { try await ended(in: store, at: time.now) }
            try await time.sleep(for: .seconds(91 * 86_400))
            let start = time.now
            let result = try await clean(cleaner(store, time))
            #expect(result.jobs == 1_050)
            #expect(await store.jobs.isEmpty)
            let steps = await store.calls["remove"] ?? 0
            #expect(steps >= 11)
            #expect(time.now - start >= .milliseconds(20) * (steps - 1))
        }
    }

    @Test func `files stay unless their days are set, and are removed with their job then`()
        async throws
    {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            let remover = Remover { _, _ in .removed }
            try await ended(in: store, at: time.now, files: 2)
            try await time.sleep(for: .seconds(91 * 86_400))
            _ = try await clean(cleaner(store, time, files: remover))
            #expect(remover.files == [])
            #expect(await store.jobs.isEmpty)

            try await ended(in: store, at: time.now, files: 2)
            try await time.sleep(for: .seconds(91 * 86_400))
            // The job has to stay for its files, which have longer.
            let patient = cleaner(store, time, fileDays: 120, files: remover)
            #expect(try await clean(patient) == Cleaner.Result())
            try await time.sleep(for: .seconds(30 * 86_400))
            var result = Cleaner.Result()
            (result.jobs, result.files) = (1, 2)
            #expect(try await clean(patient) == result)
            #expect(
                remover.files == [
                    "./datasets/binance_trades_2024-01-02_BTCUSDT.csv.gz removed",
                    "./datasets/binance_trades_2024-01-03_BTCUSDT.csv.gz removed",
                ])
        }
    }

    @Test func `folders are left with their jobs, also where files stay`() async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            let remover = Remover { _, _ in .removed }
            for folder in ["./datasets/a", "./datasets/a", "./datasets"] {
                try await ended(in: store, at: time.now, folder: folder)
            }
            try await time.sleep(for: .seconds(91 * 86_400))
            let result = try await clean(cleaner(store, time, files: remover))
            #expect(result.jobs == 3 && result.folders == 1)
            #expect(remover.folders.sorted() == ["./datasets", "./datasets/a"])
        }
    }

    @Test(arguments: [
        FileRemoval.removed, .gone, .changed, .shared, .wanted, .failed("read-only"),
    ])
    func `a job stays until its files are removed or kept for good`(
        removal: FileRemoval
    ) async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            try await ended(in: store, at: time.now)
            try await time.sleep(for: .seconds(91 * 86_400))
            let remover = Remover { _, _ in removal }
            let result = try await clean(cleaner(store, time, fileDays: 1, files: remover))
            #expect(await store.jobs.isEmpty == removal.isSettled)
            #expect(result.postponed == (removal.isSettled ? 0 : 1))
            #expect(result.files == (removal == .removed ? 1 : 0))
        }
    }

    @Test func `other references to a file are read just before it is removed`() async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            let seen = Mutex<[FileReferences?]>([])
            try await ended(in: store, at: time.now, folder: "./datasets/a")
            try await ended(in: store, at: time.now + .seconds(1), folder: "./datasets/b")
            try await time.sleep(for: .seconds(91 * 86_400))
            let remover = Remover { _, users in
                seen.withLock { $0.append(users) }
                return .removed
            }
            _ = try await clean(cleaner(store, time, fileDays: 1, files: remover))
            #expect(
                seen.withLock { $0 } == [
                    FileReferences(folders: ["./datasets/b"]),
                    // The first job goes in the same round.
                    FileReferences(),
                ])
        }
    }

    @Test func `a failing store ends the round, not the cleaner`() async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            try await ended(in: store, at: time.now)
            try await time.sleep(for: .seconds(91 * 86_400))
            await store.setFault { operation, call in operation == "remove" && call == 1 }
            let cleaner = cleaner(store, time)
            async let run: Void = cleaner.run()
            try await time.sleep(for: .seconds(7_000))
            #expect(await store.jobs.count == 1)
            try await time.sleep(for: .seconds(1_000))
            #expect(await store.jobs.isEmpty)
            cleaner.stop()
            await run
        }
    }

    @Test func `a clock that has jumped removes nothing in its first round`() async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            let remover = Remover { _, _ in .removed }
            let id = try await ended(in: store, at: time.now)
            let cleaner = cleaner(store, time, fileDays: 30, files: remover)
            let first = try await cleaner.clean()
            #expect(first.isClockInDoubt)
            #expect(try await !cleaner.clean().isClockInDoubt)
            try await time.sleep(for: .seconds(400 * 86_400))
            let jumped = try await cleaner.clean()
            #expect(jumped.isClockInDoubt)
            #expect(jumped.jobs == 0)
            #expect(await store.jobs[id] != nil)
            #expect(remover.files == [])
            // The clock was put right again: that is a jump, too.
            let back = try #require(Timestamp("2000-01-01T00:00:00Z"))
            try await store.set(back.iso8601, for: RetentionRound.key)
            #expect(try await cleaner.clean().isClockInDoubt)
            let next = try await cleaner.clean()
            #expect(!next.isClockInDoubt)
            #expect(next.jobs == 1)
        }
    }

    @Test(arguments: [0, 86_400, -86_400, 86_401, -86_401])
    func `a day since the last round is no jump`(seconds: Int) {
        let last = Timestamp("2025-11-13T12:00:00Z")!
        #expect(
            RetentionRound.trusts(last + .seconds(seconds), after: last) == (abs(seconds) <= 86_400)
        )
        #expect(!RetentionRound.trusts(last, after: nil))
    }
}
