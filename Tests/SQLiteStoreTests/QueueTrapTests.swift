// Traps that other job queues fell into, one test each, where the store is what must not fall in.
// Those of whole jobs are in FaultMatrixTests and TortureTests.

import Datasets
import Jobs
import SQLite
import SQLiteStore
import TestSupport
import Testing

@Suite struct QueueTrapTests {
    let folder = TemporaryFolder()
    var path: String { folder.path("downloads.db") }

    /// Solid Queue's transactions began as readers, and to become writers in the end was refused.
    @Test func `the database is locked: a write waits for the other process, then succeeds`()
        async throws
    {
        let store = try SQLiteJobStore(path: path, readers: 2)
        let other = try Database(path: path, access: .readWrite)
        try other.run("BEGIN IMMEDIATE")
        let submissions = Task {
            try await withThrowingTaskGroup(of: JobID.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await store.insert(.sample(), at: .noon).id }
                }
                return try await group.reduce(into: Set<JobID>()) { $0.insert($1) }
            }
        }
        // Reading goes on all the while.
        #expect(try await store.jobs(matching: JobFilter(), limit: 5, from: .offset(0)).total == 0)
        try other.run("COMMIT")
        let jobs = try await submissions.value
        #expect(jobs.count == 20)
        #expect(try await store.jobs(matching: JobFilter(), limit: 5, from: .offset(0)).total == 20)
    }

    /// Prefect marked finished runs as crashed: a last sign of life raced the end.
    @Test func `a job that has ended never counts as crashed, even if late results arrive`()
        async throws
    {
        let store = try SQLiteJobStore(path: path, readers: 2)
        _ = try await store.insert(.sample(), at: .noon)
        let job = try #require(try await store.claimJob(at: .noon))
        try await store.expand(job.id, into: PlannedFile.samples(1), notes: [])
        _ = try await store.claimFiles(of: job.id, limit: 1, at: .noon)
        try await store.record(.published(.sample()), of: job.id, position: 0)
        let ended = try #require(
            try await store.finish(job.id, as: .completed, errorMessage: nil, at: .noon))
        // The last attempt is told of once more, and the process dies.
        try await store.record(.failed(.refused), of: job.id, position: 0)
        let recovery = try await store.recover(
            after: .crash(PoisonJobPolicy(crashesMax: 1), alone: nil), at: .noon)
        #expect(recovery.jobs.isEmpty && recovery.poisoned.isEmpty)
        #expect(try await store.job(job.id) == ended)
        let files = try await store.files(of: job.id, in: nil, limit: 5, offset: 0)
        #expect(files.map(\.state) == [.ok])
    }
}
