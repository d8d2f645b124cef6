// What commands need from the queue: wake it, stop a job, and ask why a job waits.

package import Datasets

/// Why a job that could run makes no progress at this moment.
package enum WaitReason: Hashable, Sendable {
    /// The upstream is paused until the moment, for this reason.
    case upstreamPaused(until: Timestamp, reason: String?)
    /// Nothing can be written to the data root.
    case storage(StorageProblem)
    /// The catalogue is not known yet; says why, where reading it failed.
    case awaitsCatalogue(reason: String?)
    /// All files that are left have failed for now, the last one for this reason, and are due for
    /// another attempt then.
    case backsOff(until: Timestamp, reason: String?)
    /// Files of other jobs have all slots.
    case awaitsTurn
}

/// Runs jobs, and stops single ones.
package protocol JobRunnerControl: Sendable {
    /// Call when there may be something new to run. Never waits.
    func wake()
    /// Call when notifications were queued. Never waits.
    func notificationsQueued()
    /// Stops the run of a job that the store no longer has as running, and returns when nothing of
    /// it is in flight; at once where nothing was. Cancelling the caller ends the wait, not the
    /// stopping.
    ///
    /// Wait for this before a job becomes `pending` again, so results of one run are never recorded
    /// for the next.
    func waitUntilStopped(_ id: JobID) async
    /// Call when people have changed the priority or pin of a job that may be running.
    func controlsChanged(_ control: JobControl, of id: JobID) async
    /// Why a job waits that has not ended and is not paused; `nil` where it does not.
    func waitReason(of id: JobID) async -> WaitReason?
    /// The same of many jobs at once, without those that do not wait.
    func waitReasons(of ids: [JobID]) async -> [JobID: WaitReason]
    /// Why every job waits at this moment, and an unreadable catalogue.
    func obstacles() async -> [WaitReason]
    /// Ends a pause of the upstream at once.
    ///
    /// - Returns: the pause that was ended; `nil` where there was none.
    /// - Throws: what the store throws; the pause goes on then.
    func endUpstreamPause(by principal: Principal) async throws -> UpstreamPause?
    /// Confirms that the present data root is the right one.
    ///
    /// - Returns: `nil` where it was not in question.
    /// - Throws: what the store throws; ``StorageRefusal`` where it cannot be marked.
    func confirmDataRoot(by principal: Principal) async throws -> StorageReading?
}
