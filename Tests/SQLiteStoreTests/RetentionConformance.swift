// What every store must do when old jobs are removed.

import Datasets
import Jobs
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct RetentionConformance {
    private let limit = Timestamp.noon(plusSeconds: 1_000)

    /// A job that ended, and whose notifications have been delivered.
    @discardableResult
    private func ended(
        _ test: StoreUnderTest, files: Int = 1, at end: Timestamp = .noon, telling: Bool = true
    ) async throws -> JobID {
        let job = try await test.runningJob(files: files)
        _ = try await test.store.claimFiles(of: job.id, limit: files, at: .noon)
        for position in 0..<files {
            try await test.store.record(.published(.sample()), of: job.id, position: position)
        }
        _ = try await test.store.finish(job.id, as: .completed, errorMessage: nil, at: end)
        if telling { _ = try await test.deliverAll() }
        return job.id
    }

    private func expired(_ test: StoreUnderTest, limit count: Int = 100) async throws -> [JobID] {
        try await test.store.expiredJobs(endedBefore: limit, after: nil, limit: count).map(\.id)
    }

    @Test(arguments: StoreKind.allAndModel)
    func `what ended before the moment is expired, in the order of its end, page by page`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        for second in [30, 10, 20, 1_000, 999] {
            try await ended(test, at: .noon(plusSeconds: second))
        }
        _ = try await test.runningJob(files: 1)
        _ = try await test.store.insert(.sample(), at: .noon)
        let first = try await test.store.expiredJobs(endedBefore: limit, after: nil, limit: 3)
        #expect(first.map(\.id.rawValue) == [2, 3, 1])
        let second = try await test.store.expiredJobs(
            endedBefore: limit, after: first.last, limit: 3)
        #expect(second.map(\.id.rawValue) == [5])
        // As sha256sum(1) has it of the job's manifest.
        let digest = "5d15d53ceb20329461d257291fc3a260e3852959cf957860dc9ca52bdbca7124"
        #expect(
            first[0].summary
                == "completed 2025-11-13 12:00:10, intern, binance, 1 file, digest \(digest)")
    }

    @Test(arguments: StoreKind.allAndModel)
    func `a job with waiting notifications is not expired`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let id = try await ended(test, telling: false)
        #expect(try await expired(test) == [])
        let job = ExpiredJob(
            id: id, state: .completed, endedAt: Timestamp.noon.databaseText, user: "intern",
            exchange: "binance", folder: ".", filesTotal: 1)
        let step = try await test.store.remove(
            [job], endedBefore: limit, rowsMax: 100, at: .noon)
        #expect(step == RemovalStep(kept: [id]))
        _ = try await test.deliverAll()
        #expect(try await expired(test) == [id])
    }

    @Test(arguments: StoreKind.allAndModel)
    func `a removed job has gone with its files, and others stay`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let old = try await ended(test, files: 3)
        let young = try await ended(test, files: 2, at: limit)
        let jobs = try await test.store.expiredJobs(endedBefore: limit, after: nil, limit: 9)
        let step = try await test.store.remove(jobs, endedBefore: limit, rowsMax: 100, at: limit)
        #expect(step == RemovalStep(removed: [old]))
        #expect(try await test.store.job(old) == nil)
        #expect(try await test.store.fileCount(of: old, in: nil) == 0)
        #expect(try await test.store.fileCount(of: young, in: nil) == 2)
        let page = try await test.store.jobs(matching: JobFilter(), limit: 9, from: .offset(0))
        #expect(page.jobs.map(\.id) == [young])
        #expect(page.total == 1)
        #expect(try await test.store.insert(.sample(), at: .noon).id == JobID(3))
    }

    @Test(arguments: StoreKind.allAndModel)
    func `a job that is taken up again meanwhile stays`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let id = try await ended(test)
        let jobs = try await test.store.expiredJobs(endedBefore: limit, after: nil, limit: 9)
        _ = try await test.store.beginVerification(of: id)
        let step = try await test.store.remove(jobs, endedBefore: limit, rowsMax: 100, at: limit)
        #expect(step == RemovalStep(kept: [id]))
        #expect(try await test.store.job(id)?.state == .pending)
    }

    @Test(arguments: StoreKind.allAndModel)
    func `a large job goes piece by piece, and is whole at every step`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let large = try await ended(test, files: 25)
        let small = try await ended(test, at: .noon(plusSeconds: 1))
        var steps: [RemovalStep] = []
        while true {
            let jobs = try await test.store.expiredJobs(endedBefore: limit, after: nil, limit: 9)
            if jobs.isEmpty { break }
            steps.append(
                try await test.store.remove(jobs, endedBefore: limit, rowsMax: 10, at: limit))
            guard let job = try await test.store.job(large) else { continue }
            #expect(job.progress.filesTotal == job.progress.filesDone)
            #expect(
                try await test.store.fileCount(of: large, in: nil) == job.progress.filesTotal)
            #expect(job.progress.bytesDone == Int64(job.progress.filesTotal) * 1_000)
        }
        #expect(
            steps == [
                RemovalStep(), RemovalStep(), RemovalStep(removed: [large, small]),
            ])
    }

    @Test(arguments: StoreKind.allAndModel)
    func `others that have a file are named, and those who may want it`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let first = try await ended(test)
        let file = PlannedFile.sample().file
        #expect(try await test.store.references(to: file, besides: [first]) == FileReferences())
        let second = try await ended(test)
        #expect(
            try await test.store.references(to: file, besides: [first])
                == FileReferences(folders: ["./datasets/btc"]))
        #expect(
            try await test.store.references(to: file, besides: [second])
                == FileReferences(folders: ["./datasets/btc"]))
        _ = try await test.store.insert(.sample(days: 2), at: .noon)
        #expect(try await test.store.references(to: file, besides: [first]).isWanted)
        let other = PlannedFile.sample(on: .newYear.advanced(by: 2)).file
        #expect(try await test.store.references(to: other, besides: [first]) == FileReferences())
    }

    @Test func `the history keeps one line of a removed job, and not too many of them`()
        async throws
    {
        let test = try StoreUnderTest(StoreKind.all[0])
        let store = try #require(test.store as? SQLiteJobStore)
        for _ in 0..<5 { try await ended(test) }
        try await store.write { database in
            let ann = Principal(name: "ann")
            try EventTable.add(.paused, to: JobID(1), by: ann, at: .noon, in: database)
            try EventTable.add(.limitsChanged, to: nil, by: ann, at: .noon, in: database)
        }
        let jobs = try await store.expiredJobs(endedBefore: limit, after: nil, limit: 9)
        _ = try await store.remove(jobs, endedBefore: limit, rowsMax: 100, at: limit)
        func lines() throws -> [String] {
            try store.read { database in
                try database.rows("SELECT kind, job_id, detail FROM job_events ORDER BY id") {
                    "\($0.text(0)) \($0.text(1))"
                }
            }
        }
        let removed = (1...5).map { "removed \($0)" }
        #expect(try lines() == ["limits_changed "] + removed)
        #expect(try await !store.trimRemovals(to: 2))
        #expect(try lines() == ["limits_changed ", "removed 4", "removed 5"])
        for table in ["notifications", "job_files", "file_attempts"] {
            #expect(try store.read { try $0.number("SELECT count(*) FROM \(table)") } == 0)
        }
    }

    @Test func `a pinned job is not expired`() async throws {
        let test = try StoreUnderTest(StoreKind.all[0])
        let store = try #require(test.store as? SQLiteJobStore)
        let id = try await ended(test)
        let jobs = try await store.expiredJobs(endedBefore: limit, after: nil, limit: 9)
        try await store.write { try $0.execute("UPDATE download_jobs SET pinned = 1") }
        #expect(try await expired(test) == [])
        let step = try await store.remove(jobs, endedBefore: limit, rowsMax: 100, at: limit)
        #expect(step == RemovalStep(kept: [id]))
    }
}
