// Attempts that end at the same time share a transaction, and fail alone.

import Datasets
import Jobs
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct RecordingTests {
    let folder = TemporaryFolder()

    private func store() throws -> SQLiteJobStore {
        try SQLiteJobStore(path: folder.path("downloads.db"), readers: 1)
    }

    private func runningJob(in store: SQLiteJobStore, files: Int) async throws -> JobID {
        _ = try await store.insert(.sample(days: files), at: .noon)
        let job = try #require(try await store.claimJob(at: .noon))
        try await store.expand(job.id, into: PlannedFile.samples(files), notes: [])
        _ = try await store.claimFiles(of: job.id, limit: files, at: .noon)
        return job.id
    }

    @Test func `many at once are all counted`() async throws {
        let store = try store()
        defer { store.close() }
        let ids = [
            try await runningJob(in: store, files: 100),
            try await runningJob(in: store, files: 100),
        ]
        await withThrowingTaskGroup(of: Void.self) { group in
            for id in ids {
                for position in 0..<100 {
                    let ending: AttemptResult =
                        switch position % 4 {
                        case 0: .failed(.refused)
                        case 1: .unavailable(.notListed)
                        case 2: .retry(at: .noon, .refused)
                        default: .published(.sample())
                        }
                    group.addTask {
                        try await store.record(ending, of: id, position: position)
                    }
                }
            }
        }
        for id in ids {
            let progress = try await store.job(id)?.progress
            #expect(progress?.filesDone == 50)
            #expect(progress?.filesFailed == 25)
            #expect(progress?.bytesDone == 25_000)
            let counts = try await store.fileStateCounts(of: id).counts
            #expect(counts == [.failed: 25, .unavailable: 25, .pending: 25, .ok: 25])
        }
    }

    @Test func `one that is refused costs no other its record`() async throws {
        let store = try store()
        defer { store.close() }
        let id = try await runningJob(in: store, files: 8)
        var damaged = FileChecksum.sample()
        damaged.sha256 = "too short"
        let bad = damaged
        let refused = await withTaskGroup(of: Int?.self) { group in
            for position in 0..<8 {
                let proof = position == 3 ? bad : .sample()
                group.addTask {
                    do {
                        try await store.record(.published(proof), of: id, position: position)
                        return nil
                    } catch {
                        return position
                    }
                }
            }
            return await group.reduce(into: [Int]()) { all, position in
                if let position { all.append(position) }
            }
        }
        #expect(refused == [3])
        #expect(try await store.job(id)?.progress.filesDone == 7)
        #expect(try await store.fileStateCounts(of: id).counts == [.ok: 7, .running: 1])
    }

    @Test func `a closed store refuses every waiting write`() async throws {
        let store = try store()
        let id = try await runningJob(in: store, files: 4)
        store.close()
        await withTaskGroup(of: Void.self) { group in
            for position in 0..<4 {
                group.addTask {
                    await #expect(throws: JobError.stopping) {
                        try await store.record(.published(.sample()), of: id, position: position)
                    }
                }
            }
        }
    }

    @Test func `a file that was published at once has no row beside its own`() async throws {
        let store = try store()
        defer { store.close() }
        let id = try await runningJob(in: store, files: 2)
        let later = Timestamp.noon(plusSeconds: 3)
        let spans = [
            AttemptSpan(from: .noon, to: later),
            AttemptSpan(from: later, to: .noon(plusSeconds: 5)),
        ]
        try await store.record(.published(.sample()), of: id, position: 0, during: spans[0])
        try await store.record(.retry(at: .noon, .refused), of: id, position: 1, during: spans[0])
        _ = try await store.claimFiles(of: id, limit: 2, at: .noon)
        try await store.record(.published(.sample()), of: id, position: 1, during: spans[1])
        func rows() throws -> Int64 {
            try store.read { try $0.number("SELECT count(*) FROM file_attempts") }
        }
        #expect(try rows() == 1)
        func attempts() async throws -> [[FileAttempt]] {
            try await store.reports(of: id, in: nil, limit: 9, offset: 0).map(\.attempts)
        }
        let refused = FileAttempt(
            spans[0], httpStatus: 500, code: "upstream_refused", detail: "Tardis answered 500.")
        #expect(
            try await attempts() == [
                [FileAttempt(spans[0], httpStatus: 200)],
                [refused, FileAttempt(spans[1], httpStatus: 200)],
            ])
        // Proven as it was, the file's own row still tells where it came from, and when.
        _ = try await store.finish(id, as: .completed, errorMessage: nil, at: .noon)
        _ = try await store.beginVerification(of: id)
        #expect(try rows() == 1)
        _ = try await store.claimJob(at: .noon)
        _ = try await store.claimFiles(of: id, limit: 2, at: .noon)
        var proof = FileChecksum.sample()
        proof.origin = .disk
        let again = AttemptSpan(from: .noon(plusSeconds: 7), to: .noon(plusSeconds: 8))
        try await store.record(.published(proof), of: id, position: 1, during: again)
        #expect(try rows() == 1)
        #expect(
            try await attempts() == [
                [FileAttempt(spans[0], httpStatus: 200)],
                [refused, FileAttempt(spans[1], httpStatus: 200)],
            ])
        // Fetched again, it tells of the last time, and the first is kept.
        var repair = FileChecksum.sample()
        repair.finding = .damaged
        try await store.record(.published(repair), of: id, position: 0, during: spans[1])
        #expect(try rows() == 2)
        #expect(
            try await attempts() == [
                spans.map { FileAttempt($0, httpStatus: 200) },
                [refused, FileAttempt(spans[1], httpStatus: 200)],
            ])
    }
}
