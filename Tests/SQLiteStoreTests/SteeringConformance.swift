// What every store must do when people cancel, retry, pause, resume or change jobs.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct SteeringConformance {
    private static let ann = Principal(name: "ann", address: "10.0.0.7")

    private func act(
        _ action: JobAction, on job: Job, _ test: StoreUnderTest,
        at now: Timestamp = .noon(plusSeconds: 60)
    ) async throws -> JobActionResult {
        try await test.store.execute(action, on: job.id, by: SteeringConformance.ann, at: now)
    }

    /// A running job of five files: one published, one empty, one failed, one running, one pending.
    private func mixedJob(_ test: StoreUnderTest) async throws -> Job {
        let job = try await test.runningJob(files: 5)
        _ = try await test.store.claimFiles(of: job.id, limit: 4, at: .noon)
        try await test.store.record(.published(.sample()), of: job.id, position: 0)
        try await test.store.record(.published(.sample(rows: 0)), of: job.id, position: 1)
        try await test.store.record(.failed(.refused), of: job.id, position: 2)
        return job
    }

    @Test(arguments: StoreKind.all)
    func `cancelling a running job ends its open files, and tells once`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await mixedJob(test)
        let result = try await act(.cancel, on: job, test)
        #expect(result.eligibility == .act)
        #expect(result.job.state == .cancelled)
        #expect(result.job.completedAt == .noon(plusSeconds: 60))
        #expect(result.job.errorMessage == "Cancelled by ann.")
        #expect(result.job.progress.filesDone == 2)
        #expect(result.job.progress.filesFailed == 1)
        #expect(result.job.progress.filesCancelled == 2)
        #expect(try await test.store.job(job.id) == result.job)
        #expect(try await test.states(of: job) == [.ok, .empty, .failed, .cancelled, .cancelled])
        let files = try await test.store.files(of: job.id, in: [.cancelled], limit: 9, offset: 0)
        #expect(files.allSatisfy { $0.failure == .cancelled(by: SteeringConformance.ann) })

        let again = try await act(.cancel, on: job, test, at: .noon(plusSeconds: 99))
        #expect(again == JobActionResult(.unchanged, result.job))
        #expect(try await test.deliverAll().map(\.kind) == [.started, .cancelled])
        #expect(try await test.store.claimFiles(of: job.id, limit: 9, at: .noon).isEmpty)
    }

    @Test(arguments: StoreKind.all)
    func `a retry is no way around what one may have at once`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.store.insert(.sample(), at: .noon)
        _ = try await act(.cancel, on: job, test)
        let limits = UserQuota(queuedJobsMax: 1, filesPerDayMax: 1)
        func retry(by principal: Principal) async throws -> JobAction.Eligibility {
            try await test.store.execute(
                .retry, on: job.id, by: principal, within: limits, at: .noon
            ).eligibility
        }
        let other = try await test.store.insert(.sample(days: 2), at: .noon)
        let owner = Principal(name: job.createdBy)
        #expect(try await retry(by: owner) == .overLimit(.queuedJobs(1, max: 1)))
        #expect(try await test.store.job(job.id)?.state == .cancelled)
        _ = try await act(.cancel, on: other, test)
        #expect(try await retry(by: owner) == .act)
        _ = try await act(.cancel, on: job, test)
        _ = try await test.store.insert(.sample(days: 3), at: .noon)
        #expect(try await retry(by: Principal(name: "root", isAdmin: true)) == .act)
    }

    @Test(arguments: StoreKind.all)
    func `nothing is recorded about a cancelled job any more`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await mixedJob(test)
        let cancelled = try await act(.cancel, on: job, test).job
        let states = try await test.states(of: job)
        try await test.store.record(.published(.sample()), of: job.id, position: 3)
        try await test.store.record(.retry(at: .noon, .refused), of: job.id, position: 3)
        try await test.store.endRemainingFiles(of: job.id, as: .failed, because: .refused)
        try await test.store.expand(job.id, into: PlannedFile.samples(2), notes: ["late"])
        for state in JobState.allCases where state.isFinal {
            #expect(
                try await test.store.finish(job.id, as: state, errorMessage: nil, at: .noon) == nil)
        }
        #expect(try await test.store.job(job.id) == cancelled)
        #expect(try await test.states(of: job) == states)
    }

    @Test(arguments: StoreKind.all)
    func `a pending job is cancelled without ever running, and without a notification`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.store.insert(.sample(days: 3), at: .noon)
        let cancelled = try await act(.cancel, on: job, test).job
        #expect(cancelled.state == .cancelled)
        #expect(cancelled.startedAt == nil)
        #expect(cancelled.progress == job.progress)
        #expect(try await test.store.claimJob(at: .noon) == nil)
        #expect(try await test.deliverAll().map(\.kind) == [])
        let events = try await test.store.events(of: job.id, limit: 9, offset: 0).events
        #expect(events.map(\.kind).last == .cancelled, "the history tells of it all the same")
    }

    @Test(arguments: StoreKind.all)
    func `a retry tries failed and cancelled files again, as if never tried`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await mixedJob(test)
        _ = try await act(.cancel, on: job, test)
        let result = try await act(.retry, on: job, test)
        #expect(result.eligibility == .act)
        #expect(result.job.state == .pending)
        #expect(result.job.completedAt == nil)
        #expect(result.job.errorMessage == nil)
        #expect(result.job.startedAt == job.startedAt)
        #expect(result.job.progress.filesDone == 2)
        #expect(result.job.progress.filesFailed == 0)
        let reports = try await test.store.reports(of: job.id, in: nil, limit: 9, offset: 0)
        #expect(reports.map(\.record.state) == [.ok, .empty, .pending, .pending, .pending])
        #expect(reports[2...].allSatisfy { $0.record.attempts == 0 && $0.record.failure == nil })
        #expect(reports[2].attempts.count == 1, "what was tried stays in the record")

        let claimed = try #require(try await test.store.claimJob(at: .noon))
        #expect(claimed.id == job.id)
        let files = try await test.store.claimFiles(of: job.id, limit: 9, at: .noon)
        #expect(files.map(\.position) == [2, 3, 4])
        for file in files {
            try await test.store.record(
                .published(.sample()), of: job.id, position: file.position)
        }
        let end = try await test.store.finish(
            job.id, as: .completed, errorMessage: nil, at: .noon(plusSeconds: 100))
        #expect(end?.progress.filesDone == 5)
        let kinds = try await test.deliverAll().map(\.kind)
        #expect(kinds == [.started, .cancelled, .started, .completed])
    }

    @Test(arguments: StoreKind.all)
    func `a job that failed before it was planned is planned anew`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        _ = try await test.store.insert(.sample(days: 2), at: .noon)
        let job = try #require(try await test.store.claimJob(at: .noon))
        _ = try await test.store.finish(job.id, as: .failed, errorMessage: "why", at: .noon)
        let retried = try await act(.retry, on: job, test).job
        #expect(retried.state == .pending)
        #expect(!retried.progress.isPlanned)
        #expect(try await test.store.claimJob(at: .noon)?.id == job.id)
        try await test.store.expand(job.id, into: PlannedFile.samples(2), notes: [])
        #expect(try await test.states(of: job) == [.pending, .pending])
    }

    @Test(arguments: StoreKind.all)
    func `a paused job is put back uncounted, passed over, and told of once`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await mixedJob(test)
        let paused = try await act(.pause, on: job, test).job
        #expect(paused.state == .pending)
        #expect(paused.control.isPaused)
        #expect(paused.startedAt == job.startedAt)
        #expect(paused.completedAt == nil)
        #expect(try await test.states(of: job) == [.ok, .empty, .failed, .pending, .pending])
        let files = try await test.store.files(of: job.id, in: [.pending], limit: 9, offset: 0)
        #expect(files.allSatisfy { $0.attempts == 0 })
        #expect(try await act(.pause, on: job, test) == JobActionResult(.unchanged, paused))
        #expect(try await test.store.claimJob(at: .noon) == nil)
        for state in JobState.allCases where state.isFinal {
            #expect(
                try await test.store.finish(job.id, as: state, errorMessage: nil, at: .noon) == nil)
        }
        let younger = try await test.store.insert(.sample(), at: .noon)
        #expect(try await test.store.claimJob(at: .noon)?.id == younger.id)

        let resumed = try await act(.resume, on: job, test).job
        #expect(!resumed.control.isPaused)
        #expect(resumed.state == .pending)
        #expect(try await act(.resume, on: job, test) == JobActionResult(.unchanged, resumed))
        let claimed = try #require(
            try await test.store.claimJob(at: .noon(plusSeconds: 500)))
        #expect(claimed.id == job.id)
        #expect(claimed.startedAt == job.startedAt)
        #expect(try await act(.resume, on: job, test).eligibility == .unchanged)
        let notifications = try await test.deliverAll()
        #expect(notifications.map(\.kind) == [.started, .started])
        #expect(notifications.map(\.job.id) == [job.id, younger.id])
    }

    @Test(arguments: StoreKind.all)
    func `a job that was paused before it started is told of when it does`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.store.insert(.sample(), at: .noon)
        _ = try await act(.pause, on: job, test)
        #expect(try await act(.cancel, on: job, test).job.control.isPaused == false)
        #expect(try await act(.retry, on: job, test).job.state == .pending)
        _ = try await act(.pause, on: job, test)
        _ = try await act(.resume, on: job, test)
        #expect(try await test.store.claimJob(at: .noon)?.startedAt == .noon)
        #expect(try await test.deliverAll().map(\.kind) == [.started])
    }

    @Test(arguments: StoreKind.all)
    func `a cancelled verification proves nothing, and goes on where it was`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 2)
        for file in try await test.store.claimFiles(of: job.id, limit: 2, at: .noon) {
            try await test.store.record(.published(.sample()), of: job.id, position: file.position)
        }
        _ = try await test.store.finish(job.id, as: .completed, errorMessage: nil, at: .noon)
        _ = try await test.store.beginVerification(
            of: job.id, by: SteeringConformance.ann, at: .noon)
        _ = try await test.store.claimJob(at: .noon)
        _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
        try await test.store.record(.published(.sample()), of: job.id, position: 0)
        let cancelled = try await act(.cancel, on: job, test).job
        #expect(cancelled.integrity.verifiedAt == nil)
        #expect(cancelled.progress.filesCancelled == 1)
        let retried = try await act(.retry, on: job, test).job
        #expect(retried.progress.filesDone == 1)
        _ = try await test.store.claimJob(at: .noon)
        let files = try await test.store.claimFiles(of: job.id, limit: 9, at: .noon)
        #expect(files.map(\.position) == [1])
        #expect(files.first?.expectedSHA256 != nil)
    }

    @Test(arguments: StoreKind.all)
    func `what an action cannot change is left alone, with the reason`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 1)
        _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
        guard case .refuse(let reason) = try await act(.retry, on: job, test).eligibility else {
            Issue.record("a running job is retried")
            return
        }
        #expect(reason == "Job 1 is running. It can be retried once it has ended.")
        try await test.store.record(.published(.sample()), of: job.id, position: 0)
        let completed = try await test.store.finish(
            job.id, as: .completed, errorMessage: nil, at: .noon)
        for action in [.cancel, .retry, .pause, .resume] as [JobAction] {
            let result = try await act(action, on: job, test)
            guard case .refuse(let reason) = result.eligibility else {
                Issue.record("\(action) of a completed job")
                continue
            }
            #expect(reason.hasPrefix("Job 1 "))
            #expect(result.job == completed)
        }
        await #expect(throws: JobError.notFound(JobID(9))) {
            try await test.store.execute(.cancel, on: JobID(9), by: .service, at: .noon)
        }
    }
}
