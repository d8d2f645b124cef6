// What the API needs from the store: submit, read, list, execute commands, and read the history;
// and what the limits need.

package import Datasets

/// Jobs as their owners and administrators see them. The promises of ``ServiceStore`` hold.
package protocol JobStore: JobReader, FileReader, KeyValueStore {
    // MARK: Submission

    /// Makes a job of a submission, unless one of these applies, in this order: its key was used
    /// before, an equal request is active, a limit is reached. All of that is checked in the
    /// transaction that stores the job, its event `submitted`, and what its key led to.
    ///
    /// A request is active while its job is pending, paused or running; not while the job's files
    /// are only being verified, because what failed then is not tried again.
    func submit(_ submission: Submission, at now: Timestamp) async throws -> SubmissionOutcome
    /// What a key has led to: ``SubmissionOutcome/replayed(_:)``, ``SubmissionOutcome/keyReused``,
    /// or `nil` where it is new or expired.
    func outcome(
        of key: String, fingerprint: [UInt8], by user: String, at now: Timestamp
    ) async throws -> SubmissionOutcome?

    // MARK: Reading

    /// One page of the jobs that match, newest first, and how many match in all.
    func jobs(
        matching filter: JobFilter, limit: Int, from start: JobPageStart
    ) async throws -> JobPage
    /// As ``files(of:in:limit:offset:)``, with the last attempts at each.
    func reports(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileReport]
    /// How many planned files of a job are in the given states, or in any.
    func fileCount(of id: JobID, in states: Set<FileState>?) async throws -> Int
    /// The sums of all published files of a job; their text is what the job's digest covers, where
    /// it has one.
    ///
    /// - Throws: ``JobError/notFound(_:)``.
    func checksums(of id: JobID) async throws -> ChecksumList
    /// See ``ClaimOrder/jobsAhead(of:in:)``; 0 for a job that does not wait to be claimed.
    func jobsAhead(of id: JobID, at now: Timestamp) async throws -> Int
    /// Calls the closure with the jobs that were changed, each time the change has reached the
    /// disk; replaces an earlier closure. It must return at once. Changes by other processes are
    /// not reported.
    func whenJobsChange(_ tell: @escaping @Sendable (Set<JobID>) -> Void)

    // MARK: Commands

    /// Executes a command on a job where ``JobAction/eligibility(of:)`` allows it at that very
    /// moment and, unless an administrator asks, its owner may have one more job that has not
    /// ended.
    ///
    /// After ``JobAction/cancel`` the files that were not final are `cancelled`; after
    /// ``JobAction/pause`` those that were running are pending, the attempt uncounted. The queue
    /// has to stop the run: see ``JobRunnerControl/waitUntilStopped(_:)``.
    ///
    /// - Throws: ``JobError/notFound(_:)``.
    func execute(
        _ action: JobAction, on id: JobID, by principal: Principal, within limits: UserQuota,
        at now: Timestamp
    ) async throws -> JobActionResult
    /// The jobs that match, up to a limit; those that the action can change come first, so that
    /// repeating it gets through all of them.
    func selection(
        for action: JobAction, matching filter: JobFilter, limit: Int
    ) async throws -> JobSelection
    /// Makes a job that has ended `pending` again, to verify all its published files from disk.
    ///
    /// Files that failed after they had been published are verified, too. When the job ends again,
    /// it has the time of its former end, and its digest as long as its files are the same.
    ///
    /// - Parameter acceptsRevision: see ``JobIntegrity/acceptsRevision``.
    /// - Returns: the job; `nil` where it has not ended, or has no published files.
    /// - Throws: ``JobError/notFound(_:)``.
    func beginVerification(
        of id: JobID, by principal: Principal, acceptsRevision: Bool, at now: Timestamp
    ) async throws -> Job?
    /// Makes failed files that are gaps `unavailable`, as ``Gaps`` decides at that very moment, and
    /// the job `completed` where nothing else is missing. Its end stays where it was.
    ///
    /// - Parameter names: of the files, all or none; `nil` for every gap.
    /// - Returns: the job as it is now; an eligibility other than ``JobAction/Eligibility/act``
    ///   says why nothing was changed.
    /// - Throws: ``JobError/notFound(_:)``.
    func acceptGaps(
        of id: JobID, named names: [String]?, by principal: Principal, at now: Timestamp
    ) async throws -> JobActionResult

    // MARK: History

    /// The history of a job, oldest event first; `nil` for that of the service and all jobs, newest
    /// event first.
    func events(of id: JobID?, limit: Int, offset: Int) async throws -> EventPage
    /// The last event of this kind in the history of a job.
    func lastEvent(of id: JobID, _ kind: JobEvent.Kind) async throws -> JobEvent?
}

/// The limits that administrators set. The promises of ``ServiceStore`` hold.
package protocol LimitStore: Sendable {
    /// The last setting of every limit that was ever set.
    func limitSettings() async throws -> [ServiceLimit: LimitSetting]
    /// Sets limits, all together or none; `nil` sets one back to its default. Adds one event of
    /// kind ``JobEvent/Kind/limitsChanged`` to the history.
    ///
    /// - Parameters:
    ///   - values: within their ``ServiceLimit/range``; at least one.
    ///   - detail: what changed, in words, for the history.
    /// - Returns: the limits that were set, as they are now.
    func set(
        _ values: [ServiceLimit: Int?], by principal: Principal, detail: String, at now: Timestamp
    ) async throws -> [ServiceLimit: LimitSetting]
}
