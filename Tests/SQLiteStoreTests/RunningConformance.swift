// What every store must do: the states of jobs and the ways between them.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct RunningConformance {
    @Test(arguments: StoreKind.all)
    func `the oldest pending job is claimed, each once`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        #expect(try await test.store.claimJob(at: .noon) == nil)
        for _ in 0..<3 { _ = try await test.store.insert(.sample(), at: .noon) }
        let later = Timestamp.noon(plusSeconds: 60)
        let first = try #require(try await test.store.claimJob(at: later))
        #expect(first.id == JobID(1))
        #expect(first.state == .running)
        #expect(first.startedAt == later)
        #expect(first.completedAt == nil)
        #expect(!first.progress.isPlanned)
        #expect(try await test.store.job(first.id) == first)
        #expect(try await test.store.claimJob(at: later)?.id == JobID(2))
        #expect(try await test.store.claimJob(at: later)?.id == JobID(3))
        #expect(try await test.store.claimJob(at: later) == nil)
    }

    @Test(arguments: StoreKind.all)
    func `claimers at the same time never get the same job`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        for _ in 0..<20 { _ = try await test.store.insert(.sample(), at: .noon) }
        let claimed = try await withThrowingTaskGroup(of: JobID?.self) { group in
            for _ in 0..<40 {
                group.addTask { try await test.store.claimJob(at: .noon)?.id }
            }
            return try await group.reduce(into: [JobID]()) { all, id in if let id { all.append(id) }
            }
        }
        #expect(claimed.sorted() == (1...20).map { JobID($0) })
    }

    @Test(arguments: StoreKind.all, JobState.allCases.filter(\.isFinal))
    func `a running job ends once`(kind: StoreKind, state: JobState) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 1)
        _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
        try await test.store.record(.published(.sample()), of: job.id, position: 0)
        let end = Timestamp.noon(plusSeconds: 90)
        let ended = try #require(
            try await test.store.finish(job.id, as: state, errorMessage: "why", at: end))
        #expect(ended.state == state)
        #expect(ended.startedAt == .noon)
        #expect(ended.completedAt == end)
        #expect(ended.errorMessage == "why")
        #expect(try await test.store.job(job.id) == ended)
        for again in JobState.allCases where again.isFinal {
            #expect(
                try await test.store.finish(
                    job.id, as: again, errorMessage: nil, at: .noon(plusSeconds: 100)) == nil)
        }
        #expect(try await test.store.job(job.id) == ended)
        #expect(try await test.deliverAll().count == 2)
    }

    @Test(arguments: StoreKind.all, [JobState.failed, .cancelled])
    func `a pending job can end without ever running`(
        kind: StoreKind, state: JobState
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.store.insert(.sample(), at: .noon)
        let ended = try await test.store.finish(job.id, as: state, errorMessage: nil, at: .noon)
        #expect(ended?.state == state)
        #expect(ended?.startedAt == nil)
        #expect(ended?.completedAt == .noon)
        #expect(try await test.store.claimJob(at: .noon) == nil)
    }

    @Test(arguments: StoreKind.all)
    func `a pending job cannot be completed`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.store.insert(.sample(), at: .noon)
        #expect(
            try await test.store.finish(job.id, as: .completed, errorMessage: nil, at: .noon)
                == nil)
        #expect(try await test.store.job(job.id) == job)
        #expect(try await test.store.nextNotification() == nil)
    }

    @Test(arguments: StoreKind.all)
    func `a job that does not exist cannot end`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        #expect(
            try await test.store.finish(JobID(9), as: .failed, errorMessage: nil, at: .noon) == nil)
        #expect(try await test.store.nextNotification() == nil)
    }

    @Test(arguments: StoreKind.all)
    func `a job is not completed while a file is open or bad`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 2)
        func refusal() async -> (any Error)? {
            do {
                _ = try await test.store.finish(
                    job.id, as: .completed, errorMessage: nil, at: .noon)
                return nil
            } catch {
                return error
            }
        }
        #expect(await refusal() != nil)
        _ = try await test.store.claimFiles(of: job.id, limit: 2, at: .noon)
        try await test.store.record(.published(.sample()), of: job.id, position: 0)
        #expect(await refusal() != nil)
        try await test.store.record(.failed(.refused), of: job.id, position: 1)
        #expect(await refusal() != nil)
        #expect(try await test.store.job(job.id)?.state == .running)
        #expect(try await test.deliverAll().map(\.kind) == [.started])
    }

    @Test(arguments: StoreKind.all)
    func `after a restart running files are pending and running jobs go on`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let first = try await test.runningJob(files: 3)
        let second = try await test.runningJob(files: 1)
        let waiting = try await test.store.insert(.sample(), at: .noon)
        _ = try await test.store.claimFiles(of: first.id, limit: 2, at: .noon)
        try await test.store.record(
            .retry(at: .noon, .refused), of: first.id, position: 0)
        _ = try await test.store.claimFiles(of: first.id, limit: 1, at: .noon)

        // The first process ended without closing the store.
        let next = try kind.open(test.folder)
        let recovered = try await next.recover()
        #expect(recovered.map(\.id) == [first.id, second.id])
        #expect(recovered.allSatisfy { $0.state == .running && $0.progress.isPlanned })
        let files = try await next.files(of: first.id, in: nil, limit: 9, offset: 0)
        #expect(files.map(\.state) == [.pending, .pending, .pending])
        #expect(files.map(\.attempts) == [1, 0, 0])
        #expect(try await next.job(waiting.id)?.state == .pending)
        #expect(try await next.recover() == recovered)
        #expect(try await test.deliverAll().count == 2)
    }
}
