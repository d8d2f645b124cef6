// How one run of a job is stopped from outside. It must not know who wants that.

import Jobs

/// What holds one run of a job: a job that runs again gets others.
final class Reins: Sendable {
    /// Given when the job is not to run any more.
    let stop = StopSignal()
    /// Given when nothing of the run is under way any more.
    let ended = StopSignal()

    init() {}
}

/// The wish that nothing of a run is under way any more, if the run is over.
struct Release {
    let job: JobID
    let lane: Reins
    /// Given when it is fulfilled, or there is nothing to do.
    let done = StopSignal()
}
