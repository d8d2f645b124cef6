// How one run of a job is stopped from outside. It must not know who wants that.

import Concurrency
import Jobs

/// What holds one run of a job: a job that runs again gets others.
final class JobRun: Sendable {
    /// Given when the job is not to run any more.
    let stop = ShutdownSignal()
    /// Given when nothing of the run is under way any more.
    let ended = ShutdownSignal()

    init() {}
}

/// The wish that nothing of a run is under way any more, if the run is over.
struct StopRequest {
    let job: JobID
    let lane: JobRun
    /// Given when it is fulfilled, or there is nothing to do.
    let done = ShutdownSignal()
}
