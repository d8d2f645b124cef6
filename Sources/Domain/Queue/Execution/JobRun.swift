// The runs of jobs that are in progress, and how one is stopped from outside.

import Concurrency
import Jobs

/// One run of a job. A job that runs again gets another.
final class JobRun: Sendable {
    /// Fired when the job is to run no more.
    let stop = ShutdownSignal()
    /// Fired when no work of the run is in progress.
    let ended = ShutdownSignal()

    init() {}
}

/// A request to stop a run, if the store no longer has the job as running.
struct StopRequest {
    let job: JobID
    let run: JobRun
    /// Fired when the run has ended, or goes on because the job still runs.
    let done = ShutdownSignal()
}

/// The runs in progress and the requests to stop them.
struct JobRuns {
    /// Jobs to stop that have no run, but may be claimed at this moment: a claim checks them again.
    var pendingStops: Set<JobID> = []
    private var runs: [JobID: JobRun] = [:]
    private var requests: [StopRequest] = []

    /// The run of a job, if it has one.
    subscript(id: JobID) -> JobRun? { runs[id] }

    mutating func begin(_ id: JobID) {
        runs[id] = JobRun()
    }

    mutating func end(_ id: JobID) {
        runs.removeValue(forKey: id)?.ended.fire()
    }

    /// Ends all runs and answers all requests, once no work is in progress.
    mutating func endAll() {
        for request in takeRequests() { request.done.fire() }
        for run in runs.values { run.ended.fire() }
        runs = [:]
    }

    // MARK: Stopping

    /// - Returns: the request, which ``takeRequests()`` returns next; `nil` where the job has no
    ///   run.
    mutating func requestStop(of id: JobID) -> StopRequest? {
        guard let run = runs[id] else { return nil }
        let request = StopRequest(job: id, run: run)
        requests.append(request)
        return request
    }

    mutating func takeRequests() -> [StopRequest] {
        defer { requests = [] }
        return requests
    }
}
