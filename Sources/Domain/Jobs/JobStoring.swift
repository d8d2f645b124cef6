// What the service needs from whatever keeps its jobs. It must not know SQL.

package import Datasets

/// The store of jobs, their files and the notifications about them.
///
/// Every method that changes something returns after the change has reached the disk, and either
/// happens whole or not at all. A state change and the notification it causes are one transaction.
/// All methods throw ``JobError/storeFailed(_:)`` when the disk or the database refuses.
package protocol JobStoring: Sendable {
    // MARK: Submitting and looking

    /// Keeps a new job in state `pending`.
    func insert(_ request: DownloadRequest, at now: Timestamp) async throws -> Job
    /// The job with this id, `nil` if there is none.
    func job(_ id: JobID) async throws -> Job?
    /// The job with this id where that is known without waiting for anything, as fresh as
    /// ``job(_:)`` would find it; `nil` says nothing.
    func jobInMemory(_ id: JobID) -> RememberedJob?
    /// One page of the jobs that match, newest first, and how many match in all.
    func jobs(matching filter: JobFilter, limit: Int, offset: Int) async throws -> JobPage
    /// The planned files of a job by position, optionally only those in the given states.
    func files(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileRecord]
    /// As ``files(of:in:limit:offset:)``, with all attempts at each.
    func reports(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileReport]
    /// How many planned files of a job are in the given states, or in any.
    func fileCount(of id: JobID, in states: Set<FileState>?) async throws -> Int
    /// The sums of all published files of a job, by name in the order of its bytes.
    func sums(of id: JobID) async throws -> [FileSum]
    /// Whether the store answers: one cheap read.
    func probe() async throws

    // MARK: Running

    /// After a start: files that the last process left `running` are `pending` again, attempt
    /// uncounted.
    ///
    /// - Returns: the jobs that are `running`, oldest first.
    func recover() async throws -> [Job]
    /// Turns the oldest pending job into a running one and queues its `started` notification.
    func claimJob(at now: Timestamp) async throws -> Job?
    /// Keeps the plan of a running job, once: a second call for the same job changes nothing.
    func expand(_ id: JobID, into plan: [PlannedFile], notes: [String]) async throws
    /// Turns up to `limit` files of the job that are due into running ones, by position.
    func claimFiles(of id: JobID, limit: Int, at now: Timestamp) async throws -> [FileRecord]
    /// When the next pending file of the job is due: `nil` if none is pending.
    func nextDue(of id: JobID) async throws -> Timestamp?
    /// Where a file of this name was published before, newest first.
    func copies(of file: DatasetFile, limit: Int) async throws -> [PublishedCopy]
    /// Records how an attempt at a running file ended, the job's counters with it, and the attempt
    /// itself where it counts.
    func record(
        _ ending: FileEnding, of id: JobID, position: Int, during span: AttemptSpan
    ) async throws
    /// Gives every file of the job that is not final the same ending.
    func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure) async throws
    /// How the files of a job stand.
    func tally(of id: JobID) async throws -> FileTally
    /// Ends a pending or running job and queues the notification about it.
    ///
    /// - Returns: the job, or `nil` where it had ended already.
    func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) async throws -> Job?

    // MARK: Evidence

    /// Makes a job that has ended `pending` again, to have all its published files proven from
    /// disk.
    ///
    /// - Returns: the job; `nil` where it has not ended, or has no published files.
    /// - Throws: ``JobError/notFound(_:)``.
    func beginVerification(of id: JobID) async throws -> Job?
    /// The published files of a job by kind and symbol, each with the sizes of the same symbol's
    /// days nearby, this job's or another's.
    func sizes(of id: JobID) async throws -> [FileSizes]
    /// Keeps what was found odd about files, by position, in place of what was found before.
    func mark(_ suspicions: [Int: String], of id: JobID) async throws

    // MARK: Notifications

    /// The oldest notification that has neither been delivered nor given up.
    func nextNotification() async throws -> JobNotification?
    /// Records what became of an attempt to deliver a notification.
    func record(_ outcome: DeliveryRecord, of notification: Int64) async throws

    // MARK: Small facts that outlive a restart

    /// What was remembered under a name, such as the chat that a Telegram group moved to.
    func fact(_ name: String) async throws -> String?
    /// Remembers a fact; `nil` forgets it.
    func remember(_ value: String?, as name: String) async throws
}

extension JobStoring {
    package func jobInMemory(_ id: JobID) -> RememberedJob? { nil }
}
