// Calls of the store with the arguments that most tests do not care about left out.

package import Datasets
package import Jobs

extension JobStore {
    /// A new job, even where an equal request is active.
    package func insert(_ request: DownloadRequest, at now: Timestamp) async throws -> Job {
        let submission = Submission(
            request, by: Principal(name: request.createdBy), isForced: true)
        guard case .accepted(let job) = try await submit(submission, at: now) else {
            preconditionFailure("a forced submission without key and limits is accepted")
        }
        return job
    }

    /// Executes a command on a job, without a quota for its owner.
    package func execute(
        _ action: JobAction, on id: JobID, by principal: Principal, at now: Timestamp
    ) async throws -> JobActionResult {
        try await execute(action, on: id, by: principal, within: .none, at: now)
    }

    /// Begins to verify a job, by the service and at time 0.
    package func beginVerification(of id: JobID) async throws -> Job? {
        try await beginVerification(of: id, by: .service, at: Timestamp(microseconds: 0))
    }

    /// Begins to verify a job without accepting revisions.
    package func beginVerification(
        of id: JobID, by principal: Principal, at now: Timestamp
    ) async throws -> Job? {
        try await beginVerification(of: id, by: principal, acceptsRevision: false, at: now)
    }
}

extension QueueStore {
    /// Recovers after a clean shutdown.
    package func recover() async throws -> [Job] {
        try await recover(after: .clean, at: Timestamp(microseconds: 0)).jobs
    }

    /// Claims within the limit of running jobs.
    package func claimJob(at now: Timestamp) async throws -> Job? {
        try await claimJob(for: .regular, at: now)
    }

    /// Saves a batch of a plan at time 0.
    package func save(_ batch: PlanBatch, of id: JobID) async throws -> Bool {
        try await save(batch, of: id, at: Timestamp(microseconds: 0))
    }

    /// Saves a whole plan at once.
    package func expand(
        _ id: JobID, into plan: [PlannedFile], notes: [String],
        at now: Timestamp = Timestamp(microseconds: 0)
    ) async throws {
        _ = try await save(
            PlanBatch(plan, ofTotal: plan.count, notes: notes, isLast: true), of: id, at: now)
    }

    /// Records the result of an attempt that took no time.
    package func record(_ result: AttemptResult, of id: JobID, position: Int) async throws {
        let moment = Timestamp(microseconds: 0)
        try await record(
            result, of: id, position: position, during: AttemptSpan(from: moment, to: moment))
    }
}

extension NotificationStore {
    /// The next notification, of any user.
    package func nextNotification() async throws -> JobNotification? {
        try await nextNotification(after: nil)
    }

    /// Records the outcome of an attempt to deliver one notification alone.
    package func record(_ outcome: DeliveryRecord, of notification: Int64) async throws {
        try await record(outcome, of: notification, through: notification)
    }
}
