// What every store must do about crashes: count them for those that were at work.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct CrashConformance {
    private let limit = PoisonJobPolicy(crashesMax: 3)

    private func crash(_ test: StoreUnderTest, alone: JobID? = nil) async throws -> Recovery {
        try await test.store.recover(after: .crash(limit, alone: alone), at: .noon)
    }

    @Test(arguments: StoreKind.all)
    func `a crash is counted for jobs at work, not for those that wait`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let fetching = try await test.runningJob(files: 2)
        let waiting = try await test.runningJob(files: 2)
        _ = try await test.store.insert(.sample(), at: .noon)
        let planning = try #require(try await test.store.claimJob(at: .noon))
        let pending = try await test.store.insert(.sample(), at: .noon)
        _ = try await test.store.claimFiles(of: fetching.id, limit: 1, at: .noon)
        let recovery = try await crash(test)
        #expect(recovery.jobs.map(\.id) == [fetching.id, waiting.id, planning.id])
        #expect(recovery.jobs.map(\.control.crashes) == [1, 0, 1])
        #expect(recovery.poisoned.isEmpty)
        #expect(try await test.store.job(pending.id)?.control.crashes == 0)
        #expect(try await test.states(of: fetching) == [.pending, .pending])
        let again = try await test.store.recover(after: .clean, at: .noon)
        #expect(again.jobs == recovery.jobs)
    }

    @Test(arguments: StoreKind.all)
    func `any attempt that counts forgets the crashes, one that does not keeps them`(
        kind: StoreKind
    ) async throws {
        for (ending, left) in [
            (AttemptResult.published(.sample()), 0), (.failed(.refused), 0),
            (.unavailable(.notListed), 0), (.retry(at: .noon, .refused), 0),
            (.released(notBefore: nil), 1),
        ] {
            let test = try StoreUnderTest(kind)
            let job = try await test.runningJob(files: 2)
            _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
            _ = try await crash(test)
            _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
            try await test.store.record(ending, of: job.id, position: 0)
            #expect(try await test.store.job(job.id)?.control.crashes == left, "\(ending)")
        }
    }

    @Test(arguments: StoreKind.all)
    func `at the limit the files in work are given up, uncounted, and others are not`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 3)
        for number in 1...3 {
            _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
            let recovery = try await crash(test)
            #expect(recovery.jobs.first?.control.crashes == number)
            #expect(recovery.poisoned.isEmpty)
        }
        let files = try await test.store.files(of: job.id, in: nil, limit: 9, offset: 0)
        #expect(files.map(\.state) == [.failed, .pending, .pending])
        #expect(files[0].failure == PoisonJobPolicy.failure(after: 3))
        #expect(files[0].attempts == 0)
        #expect(try await test.progress(of: job)?.filesFailed == 1)
        // The next file crashes at once: it is given up with the first crash, and so on, until the
        // job as a whole has to go.
        for number in 4...5 {
            _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
            #expect(try await crash(test).poisoned.isEmpty)
            #expect(try await test.progress(of: job)?.filesFailed == number - 2)
        }
        let last = try await crash(test)
        #expect(last.poisoned == [job.id], "no file is left that could be to blame")
    }

    @Test(arguments: StoreKind.all)
    func `a job that is never planned is given up as a whole, and begins anew when claimed`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.store.insert(.sample(), at: .noon)
        _ = try await test.store.claimJob(at: .noon)
        #expect(try await crash(test).poisoned.isEmpty)
        #expect(try await crash(test).poisoned.isEmpty)
        #expect(try await crash(test).poisoned == [job.id])
        #expect(try await test.store.job(job.id)?.state == .running)
    }

    @Test(arguments: StoreKind.all)
    func `the crash counts for the isolated job alone, while it is isolated`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        var jobs: [JobID] = []
        for _ in 0..<2 {
            jobs.append(try await test.store.insert(.sample(), at: .noon).id)
            _ = try await test.store.claimJob(at: .noon)
        }
        let first = try await crash(test, alone: jobs[0])
        #expect(first.jobs.map(\.control.crashes) == [1, 1], "neither was isolated yet")
        _ = try await crash(test)
        let third = try await crash(test, alone: jobs[0])
        #expect(third.jobs.map(\.control.crashes) == [3, 2])
        #expect(third.poisoned == [jobs[0]])
        _ = try await test.store.finish(jobs[0], as: .failed, errorMessage: nil, at: .noon)
        #expect(try await crash(test, alone: jobs[0]).jobs.map(\.control.crashes) == [3])
    }
}
