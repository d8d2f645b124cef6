// What the queue changes about jobs and files while it runs them. It must not know SQL.

package import Datasets

/// Claiming, recording and ending.
///
/// The promises of ``JobStoring`` hold.
package protocol JobRunning: Sendable {
    /// After a start: files that the last process left `running` are `pending` again, attempt
    /// uncounted.
    ///
    /// - Returns: the jobs that are `running`, oldest first.
    func recover() async throws -> [Job]
    /// Turns the oldest pending job that is not paused into a running one and queues its `started`
    /// notification, unless that was told since the job last ended.
    func claimJob(at now: Timestamp) async throws -> Job?
    /// Keeps the plan of a running job, once: a second call for the same job changes nothing.
    func expand(
        _ id: JobID, into plan: [PlannedFile], notes: [String], at now: Timestamp
    ) async throws
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
    /// Gives every file of a running job that is not final the same ending.
    func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure) async throws
    /// How the files of a job stand.
    func tally(of id: JobID) async throws -> FileTally
    /// Ends a pending or running job and queues the notification about it.
    ///
    /// - Returns: the job, or `nil` where it had ended already, or is paused.
    func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) async throws -> Job?
}
