// What commands need from the queue: wake it, stop a job, and ask why a job waits.

package import Datasets

/// Why a job that could run does not get on at this moment.
package enum WaitReason: Hashable, Sendable {
    /// Nothing can be had of the upstream before the moment, for this reason.
    case upstreamRests(until: Timestamp, reason: String?)
    /// Nothing can be written to the data root.
    case storage(StorageProblem)
    /// What there is upstream is not known yet; says why, where it was asked in vain.
    case awaitsCatalogue(reason: String?)
    /// All files that are left have failed for now, the last one for this reason, and are due for
    /// another attempt then.
    case backsOff(until: Timestamp, reason: String?)
    /// Files of other jobs take up all there is.
    case awaitsTurn
}

/// Runs jobs, and can be told that one is not to run any more.
package protocol JobRunnerControl: Sendable {
    /// Says that there may be something new to run. Never waits.
    func wake()
    /// Says that there is news to tell the team. Never waits.
    func tell()
    /// Ends all that is under way of a job which the store no longer has as running, and returns
    /// when nothing is; at once where nothing was. A caller that is cancelled waits no longer,
    /// which changes nothing about the ending.
    ///
    /// A job must be released before it is made `pending` again: what its last run still does would
    /// be taken for the next one's doing.
    func release(_ id: JobID) async
    /// Says that people have decided something about a job that may be running.
    func note(_ control: JobControl, of id: JobID) async
    /// What holds a job up that has not ended and is not paused; `nil` where nothing does.
    func waitReason(of id: JobID) async -> WaitReason?
    /// The same of many jobs at once; those that nothing holds up are left out.
    func waitReasons(of ids: [JobID]) async -> [JobID: WaitReason]
    /// What holds every job up at this moment, and a catalogue that cannot be read.
    func obstacles() async -> [WaitReason]
    /// Ends a pause that the upstream asked for, at once.
    ///
    /// - Returns: the pause that was ended; `nil` where there was none.
    /// - Throws: what the store throws; the pause goes on then.
    func endUpstreamPause(by principal: Principal) async throws -> UpstreamPause?
    /// Takes the data root that is there now for the right one.
    ///
    /// - Returns: `nil` where it was not in question.
    /// - Throws: what the store throws; ``StorageRefusal`` where it cannot be marked.
    func confirmDataRoot(by principal: Principal) async throws -> StorageReading?
}

/// A time in which nothing is asked of the upstream.
package struct UpstreamPause: Hashable, Sendable {
    /// When it would have been over, or will be.
    package var until: Timestamp
    /// Why, in sentences, where that is known.
    package var reason: String?

    package init(until: Timestamp, reason: String? = nil) {
        self.until = until
        self.reason = reason
    }
}

/// The names of the facts that outlive a restart.
package enum UpstreamPauseRecord {
    /// The moment until which nobody is asked for anything, as ``Timestamp/iso8601``.
    package static let untilFact = "upstream_parked_until"
    /// Why, in words.
    package static let reasonFact = "upstream_parked_because"

    /// When running jobs go on, `nil` unless the upstream rests.
    package static func resumption(
        at now: Timestamp, in store: any KeyValueStore
    ) async throws -> Timestamp? {
        guard let text = try await store.fact(untilFact), let moment = Timestamp(text),
            moment > now
        else { return nil }
        return moment
    }

    /// When a job goes on, `nil` unless it is running and the upstream rests.
    package static func resumption(
        of job: Job, at now: Timestamp, in store: any KeyValueStore
    ) async throws -> Timestamp? {
        job.state == .running ? try await resumption(at: now, in: store) : nil
    }
}
