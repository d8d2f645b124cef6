// What every store must do: the plan of a job, and its files from claim to end.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct FilesConformance {
    @Test(arguments: StoreKind.all)
    func `a plan is kept once`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        _ = try await test.store.insert(.sample(days: 9, notes: ["one"]), at: .noon)
        let job = try #require(try await test.store.claimJob(at: .noon))
        #expect(try await test.store.fileStateCounts(of: job.id).total == 0)
        let plan = [
            PlannedFile.sample(),
            .sample(on: .newYear.advanced(by: 1), state: .unavailable, failure: .notListed),
            .sample(on: .newYear.advanced(by: 2), state: .failed, failure: .refused),
        ]
        try await test.store.expand(job.id, into: plan, notes: ["one", "two"])
        let expanded = try #require(try await test.store.job(job.id))
        #expect(
            expanded.progress
                == JobProgress(
                    filesTotal: 3, filesDone: 1, filesUnavailable: 1, filesFailed: 1,
                    isPlanned: true))
        #expect(expanded.notes == ["one", "two"])
        let files = try await test.store.files(of: job.id, in: nil, limit: 9, offset: 0)
        #expect(
            files
                == plan.enumerated().map { position, planned in
                    FileRecord(
                        job: job.id, position: position, file: planned.file, state: planned.state,
                        failure: planned.failure)
                })
        try await test.store.expand(job.id, into: PlannedFile.samples(8), notes: ["three"])
        #expect(try await test.store.job(job.id) == expanded)
        #expect(try await test.states(of: job) == [.pending, .unavailable, .failed])
    }

    @Test(arguments: StoreKind.all)
    func `a job that is not running is not planned`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.store.insert(.sample(), at: .noon)
        try await test.store.expand(job.id, into: PlannedFile.samples(1), notes: ["late"])
        #expect(try await test.store.job(job.id) == job)
        let ended = try await test.store.finish(
            job.id, as: .cancelled, errorMessage: nil, at: .noon)
        try await test.store.expand(job.id, into: PlannedFile.samples(1), notes: ["late"])
        #expect(try await test.store.job(job.id) == ended)
        #expect(try await test.states(of: job).isEmpty)
    }

    @Test(arguments: StoreKind.all)
    func `files are claimed by position, each once`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 5)
        let other = try await test.runningJob(files: 5)
        func claim(_ limit: Int) async throws -> [FileRecord] {
            try await test.store.claimFiles(of: job.id, limit: limit, at: .noon)
        }
        #expect(try await claim(0).isEmpty)
        let first = try await claim(2)
        #expect(first.map(\.position) == [0, 1])
        #expect(first.allSatisfy { $0.state == .running && $0.job == job.id && $0.attempts == 0 })
        #expect(first[1].file == PlannedFile.sample(on: .newYear.advanced(by: 1)).file)
        #expect(try await claim(9).map(\.position) == [2, 3, 4])
        #expect(try await claim(9).isEmpty)
        #expect(try await test.states(of: other).allSatisfy { $0 == .pending })
    }

    @Test(arguments: StoreKind.all)
    func `files of a job that has ended are not claimed`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 2)
        _ = try await test.store.finish(job.id, as: .cancelled, errorMessage: nil, at: .noon)
        #expect(try await test.store.claimFiles(of: job.id, limit: 2, at: .noon).isEmpty)
    }

    @Test(arguments: StoreKind.all)
    func `a published file holds its proof and counts`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 3)
        _ = try await test.store.claimFiles(of: job.id, limit: 3, at: .noon)
        let full = FileChecksum.sample(bytes: 5_000_000_000, rows: 7)
        let empty = FileChecksum.sample(bytes: 60, rows: 0)
        try await test.store.record(.published(full), of: job.id, position: 0)
        try await test.store.record(.published(empty), of: job.id, position: 1)
        try await test.store.record(.unavailable(.notListed), of: job.id, position: 2)
        let files = try await test.store.files(of: job.id, in: nil, limit: 9, offset: 0)
        #expect(files.map(\.state) == [.ok, .empty, .unavailable])
        #expect(files.map(\.attempts) == [1, 1, 1])
        #expect(files.map(\.checksum) == [full, empty, nil])
        #expect(files.map(\.failure) == [nil, nil, .notListed])
        #expect(
            try await test.progress(of: job)
                == JobProgress(
                    filesTotal: 3, filesDone: 3, filesEmpty: 1, filesUnavailable: 1,
                    bytesDone: 5_000_000_060, isPlanned: true))
        let ended = try await test.store.finish(
            job.id, as: .completed, errorMessage: nil, at: .noon)
        #expect(ended?.state == .completed)
    }

    @Test(arguments: StoreKind.all)
    func `an end is recorded once, and only of a running file`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 2)
        try await test.store.record(.published(.sample()), of: job.id, position: 0)
        #expect(try await test.states(of: job) == [.pending, .pending])
        _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
        try await test.store.record(.failed(.refused), of: job.id, position: 0)
        for ending in [
            AttemptResult.published(.sample()), .failed(.refused), .retry(at: .noon, .refused),
            .released(notBefore: nil),
        ] {
            try await test.store.record(ending, of: job.id, position: 0)
        }
        try await test.store.record(.failed(.refused), of: job.id, position: 99)
        try await test.store.record(.failed(.refused), of: JobID(99), position: 0)
        #expect(try await test.states(of: job) == [.failed, .pending])
        #expect(
            try await test.progress(of: job)
                == JobProgress(filesTotal: 2, filesFailed: 1, isPlanned: true))
    }

    @Test(arguments: StoreKind.all)
    func `a retry counts, waits for its time and keeps its reason`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 2)
        let due = Timestamp.noon(plusSeconds: 30)
        _ = try await test.store.claimFiles(of: job.id, limit: 2, at: .noon)
        #expect(try await test.store.nextDue(of: job.id) == nil)
        try await test.store.record(.retry(at: due, .refused), of: job.id, position: 0)
        let file = try #require(
            try await test.store.files(of: job.id, in: [.pending], limit: 9, offset: 0).first)
        #expect(file.attempts == 1)
        #expect(file.notBefore == due)
        #expect(file.failure == .refused)
        #expect(try await test.store.nextDue(of: job.id) == due)
        let early = Timestamp.noon(plusSeconds: 29)
        #expect(try await test.store.claimFiles(of: job.id, limit: 9, at: early).isEmpty)
        let claimed = try await test.store.claimFiles(of: job.id, limit: 9, at: due)
        #expect(claimed.map(\.attempts) == [1])
        try await test.store.record(.published(.sample()), of: job.id, position: 0)
        let done = try #require(
            try await test.store.files(of: job.id, in: [.ok], limit: 9, offset: 0).first)
        #expect(done.attempts == 2)
        #expect(done.failure == nil)
        #expect(done.notBefore == nil)
    }

    @Test(arguments: StoreKind.all)
    func `a released file is as if never claimed`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 2)
        let later = Timestamp.noon(plusSeconds: 60)
        let before = try await test.store.files(of: job.id, in: nil, limit: 9, offset: 0)
        _ = try await test.store.claimFiles(of: job.id, limit: 2, at: .noon)
        try await test.store.record(.released(notBefore: nil), of: job.id, position: 0)
        try await test.store.record(.released(notBefore: later), of: job.id, position: 1)
        let after = try await test.store.files(of: job.id, in: nil, limit: 9, offset: 0)
        #expect(after[0] == before[0])
        #expect(after[1].attempts == 0)
        #expect(after[1].notBefore == later)
        let due = try #require(try await test.store.nextDue(of: job.id))
        #expect(due <= .noon)
        #expect(
            try await test.store.claimFiles(of: job.id, limit: 9, at: .noon).map(\.position) == [0])
        #expect(try await test.store.nextDue(of: job.id) == later)
    }

    @Test(arguments: StoreKind.all, [FileState.failed, .cancelled, .unavailable])
    func `what remains ends alike, what has ended stays`(
        kind: StoreKind, state: FileState
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 4)
        let other = try await test.runningJob(files: 1)
        _ = try await test.store.claimFiles(of: job.id, limit: 2, at: .noon)
        try await test.store.record(.published(.sample()), of: job.id, position: 0)
        for _ in 0..<2 {
            try await test.store.endRemainingFiles(of: job.id, as: state, because: .refused)
            #expect(try await test.states(of: job) == [.ok, state, state, state])
            #expect(
                try await test.progress(of: job)
                    == JobProgress(
                        filesTotal: 4, filesDone: state.isGood ? 4 : 1,
                        filesUnavailable: state == .unavailable ? 3 : 0,
                        filesFailed: state == .failed ? 3 : 0,
                        filesCancelled: state == .cancelled ? 3 : 0, bytesDone: 1_000,
                        isPlanned: true))
        }
        let ended = try await test.store.files(of: job.id, in: [state], limit: 9, offset: 0)
        #expect(ended.allSatisfy { $0.failure == .refused && $0.attempts == 0 })
        #expect(try await test.states(of: other) == [.pending])
        // A transfer that was under way comes too late.
        try await test.store.record(.published(.sample()), of: job.id, position: 1)
        #expect(try await test.states(of: job) == [.ok, state, state, state])
    }

    @Test(arguments: StoreKind.all)
    func `a tally counts by state and names the first failures`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 20)
        _ = try await test.store.claimFiles(of: job.id, limit: 12, at: .noon)
        try await test.store.record(.published(.sample()), of: job.id, position: 0)
        for position in (1..<10).reversed() {
            try await test.store.record(.failed(.refused), of: job.id, position: position)
        }
        let tally = try await test.store.fileStateCounts(of: job.id)
        #expect(tally.counts == [.ok: 1, .failed: 9, .running: 2, .pending: 8])
        #expect(tally.open == 10)
        #expect(tally.total == 20)
        #expect(tally.failures.map(\.position) == Array(1...tally.failures.count))
        #expect((3...9).contains(tally.failures.count))
        #expect(tally.failures.allSatisfy { $0.failure == .refused && $0.state == .failed })
    }
}
