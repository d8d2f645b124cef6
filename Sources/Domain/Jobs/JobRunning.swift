// What the queue changes about jobs and files while it runs them. It must not know SQL.

package import Datasets

/// Claiming, recording and ending.
///
/// The promises of ``JobStoring`` hold.
package protocol JobRunning: Sendable {
    /// Turns up to `limit` files of the job that are due into running ones, by position.
    func claimFiles(of id: JobID, limit: Int, at now: Timestamp) async throws -> [FileRecord]
    /// When the next pending file of the job is due: `nil` if none is pending.
    func nextDue(of id: JobID) async throws -> Timestamp?
    /// Where a file of this name was published before, newest first.
    func copies(of file: DatasetFile, limit: Int) async throws -> [PublishedCopy]
    /// Records how an attempt at a running file ended, the job's counters with it, and the attempt
    /// itself where it counts. That a verification found a file as it was is no attempt.
    func record(
        _ ending: AttemptResult, of id: JobID, position: Int, during span: AttemptSpan
    ) async throws
    /// Gives every file of a running job that is not final the same ending.
    func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure) async throws
    /// How the files of a job stand.
    func tally(of id: JobID) async throws -> FileStateCounts
    /// Ends a pending or running job and queues the notification about it.
    ///
    /// - Returns: the job, or `nil` where it had ended already, or is paused.
    func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) async throws -> Job?
}
