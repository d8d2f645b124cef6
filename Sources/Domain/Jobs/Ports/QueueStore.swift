// What the queue needs from the store: claim, plan, record, recover, finish.

package import Datasets

/// Jobs and files as the queue runs them. The promises of ``ServiceStore`` hold.
package protocol QueueStore: JobReader, KeyValueStore {
    // MARK: Recovery

    /// After a start: files that the last process left `running` are `pending` again, attempt
    /// uncounted.
    ///
    /// After a crash ``JobControl/crashes`` of each job that was at work is one more, with an event
    /// about it; a file that ends, or an attempt that counts, sets it back to 0. A job is at work
    /// while it is planned, while a file of it is `running`, and while none is open any more. At
    /// the limit its running files are `failed` instead, with ``PoisonJobPolicy/failure(after:)``.
    func recover(after end: ProcessEnd, at now: Timestamp) async throws -> Recovery

    // MARK: Claiming and planning

    /// Turns the pending job that is next in ``ClaimOrder`` into a running one and queues its
    /// `started` notification, unless that was sent since the job last ended. Paused jobs are
    /// passed over.
    func claimJob(for slot: ClaimSlot, at now: Timestamp) async throws -> Job?
    /// The files of a job's plan that are stored already, in no particular order: those of a plan
    /// that was interrupted when the service ended.
    func plannedFiles(of id: JobID) async throws -> Set<DatasetFile>
    /// Saves a batch of the plan of a running job that is not planned yet. Files whose positions
    /// are taken already stay as they are.
    ///
    /// - Returns: whether there is such a job.
    func save(_ batch: PlanBatch, of id: JobID, at now: Timestamp) async throws -> Bool
    /// Turns up to `limit` files of the job that are due into running ones, by position.
    func claimFiles(of id: JobID, limit: Int, at now: Timestamp) async throws -> [FileRecord]
    /// When the next pending file of the job is due: `nil` if none is pending.
    func nextDue(of id: JobID) async throws -> Timestamp?
    /// Where a file of this name was published before, newest first.
    func copies(of file: DatasetFile, limit: Int) async throws -> [PublishedCopy]

    // MARK: Recording

    /// Records the result of an attempt at a running file, the job's counters with it, and the
    /// attempt itself where it counts. A verification that found a file unchanged is no attempt.
    func record(
        _ result: AttemptResult, of id: JobID, position: Int, during span: AttemptSpan
    ) async throws
    /// Gives every file of a running job that is not final the same state and reason.
    func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure) async throws
    /// How many files of a job are in each state.
    func fileStateCounts(of id: JobID) async throws -> FileStateCounts
    /// The published files of a job by kind and symbol, each with the sizes of the same symbol's
    /// days nearby, this job's or another's.
    func sizes(of id: JobID) async throws -> [FileSizes]
    /// Replaces the size warnings of a job's files, by position.
    func setSizeWarnings(_ warnings: [Int: String], of id: JobID) async throws

    // MARK: Finishing

    /// Ends a pending or running job and queues the notification about it.
    ///
    /// - Returns: the job, or `nil` where it had ended already, or is paused.
    func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) async throws -> Job?

    // MARK: History

    /// Adds an event, and sets values together with it; `nil` removes one.
    func note(
        _ kind: JobEvent.Kind, about subject: EventSubject, by principal: Principal,
        detail: String, setting values: [String: String?], at now: Timestamp
    ) async throws
    /// Ends a pause of the upstream: removes its values, makes files due now that wait for its end,
    /// and adds `upstream_resumed` to the history.
    func endUpstreamPause(
        by principal: Principal, detail: String, at now: Timestamp
    ) async throws
}
