// What the process knows of jobs beside the database: a cache of those read last, and the listener.

import Jobs
import Synchronization

/// A cache of the jobs that were read last: scripts poll a few jobs hundreds of times between two
/// changes.
///
/// A change of this process removes the job from the cache before the change is acknowledged.
/// Changes of other processes, such as `sqlite3`, show after ``patience`` at the latest.
final class JobCache: Sendable {
    /// How long a job may be answered without reading the file.
    static let patience = Duration.seconds(1)
    /// Jobs held at most, some hundred bytes each. A full cache is emptied.
    private static let countMax = 4096

    private struct State {
        var jobs: [JobID: Job] = [:]
        /// Until when the jobs may be answered; all of them were read ``patience`` before it, or
        /// later.
        var end: ContinuousClock.Instant
        var writes = 0
    }

    private let state = Mutex(State(end: .now))

    /// The job as it was read last, `nil` if it may have changed.
    func job(_ id: JobID) -> Job? {
        state.withLock { state in
            guard let job = state.jobs[id] else { return nil }
            if .now < state.end { return job }
            state.jobs.removeAll(keepingCapacity: true)
            return nil
        }
    }

    /// The number of changes of jobs so far. Read it before a job is read.
    var writes: Int { state.withLock { $0.writes } }

    /// Keeps a job that was read, unless any job was changed since.
    ///
    /// - Parameter writes: how many changes there were before it was read.
    func keep(_ job: Job, readAfter writes: Int) {
        state.withLock { state in
            guard state.writes == writes else { return }
            if state.jobs.count >= JobCache.countMax { state.jobs.removeAll() }
            if state.jobs.isEmpty { state.end = .now + JobCache.patience }
            state.jobs[job.id] = job
        }
    }

    /// Removes changed jobs; called before their changes are acknowledged.
    func forget(_ jobs: Set<JobID>) {
        state.withLock { state in
            state.writes += 1
            if state.jobs.isEmpty { return }
            for job in jobs { state.jobs[job] = nil }
        }
    }

    /// Removes all jobs, after a write of unknown outcome.
    func forget() {
        state.withLock { state in
            state.writes += 1
            if !state.jobs.isEmpty { state.jobs.removeAll(keepingCapacity: true) }
        }
    }
}

/// Holds the listener that is called with changed jobs.
final class JobWatch: Sendable {
    /// A bare closure in a `Mutex` is wrapped once more by every read, because the lock writes the
    /// converted closure back: after ten thousand commits, a call went through ten thousand
    /// wrappers.
    private struct Listener {
        let call: @Sendable (Set<JobID>) -> Void
    }

    private let listener = Mutex<Listener?>(nil)

    /// Sets the listener, in place of any other.
    func listen(_ call: @escaping @Sendable (Set<JobID>) -> Void) {
        listener.withLock { $0 = Listener(call: call) }
    }

    /// Calls the listener, if there is one.
    func notify(_ jobs: Set<JobID>) {
        listener.withLock { $0 }?.call(jobs)
    }
}
