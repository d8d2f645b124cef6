// What whoever changes jobs needs from whoever runs them. It must not know queues.

package import Datasets

/// Why a job that could run does not get on at this moment.
package enum Hindrance: Hashable, Sendable {
    /// Nothing can be had of the upstream before the moment, for this reason.
    case upstreamRests(until: Timestamp, reason: String?)
    /// There is less room on the disk than is to be kept free.
    case diskIsLow
    /// What there is upstream is not known yet.
    case awaitsCatalogue
    /// All files that are left have failed for now, and are due for another attempt then.
    case backsOff(until: Timestamp)
    /// Files of other jobs take up all there is.
    case awaitsTurn
}

/// Runs jobs, and can be told that one is not to run any more.
package protocol JobConducting: Sendable {
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
    func hindrance(of id: JobID) async -> Hindrance?
}
