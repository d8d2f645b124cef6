// What the process knows of jobs beside the database: a cache of those read last, and the listener.

import Jobs
import Synchronization

/// Spares the database the same question asked again and again: scripts poll the status of a few
/// jobs, hundreds of times between two changes.
///
/// A job is answered from memory only as long as it was not changed since it was read, so that
/// whoever has seen a change acknowledged sees it here too. What other processes write, such as
/// somebody with `sqlite3`, is seen after ``patience`` at the latest.
final class JobCache: Sendable {
    /// How long a job may be answered without a look at the file.
    static let patience = Duration.seconds(1)
    /// Jobs held at most, some hundred bytes each; beyond it the cache starts anew.
    private static let countMax = 4096

    private struct State {
        var jobs: [JobID: CachedJob] = [:]
        /// Until when the jobs may be answered; all of them were read ``patience`` before it, or
        /// later.
        var end: ContinuousClock.Instant
        var writes = 0
    }

    private let state = Mutex(State(end: .now))

    /// The job as it was read last, `nil` where that may have changed.
    func job(_ id: JobID) -> CachedJob? {
        state.withLock { state in
            guard let job = state.jobs[id] else { return nil }
            if .now < state.end { return job }
            state.jobs.removeAll(keepingCapacity: true)
            return nil
        }
    }

    /// How many changes of jobs there were; to be asked before a job is read.
    var writes: Int { state.withLock { $0.writes } }

    /// Keeps a job that was read, unless any job was changed since.
    ///
    /// - Parameter writes: how many changes there were before it was read.
    func keep(_ job: Job, readAfter writes: Int) {
        state.withLock { state in
            guard state.writes == writes else { return }
            if state.jobs.count >= JobCache.countMax { state.jobs.removeAll() }
            if state.jobs.isEmpty { state.end = .now + JobCache.patience }
            state.jobs[job.id] = CachedJob(job)
        }
    }

    /// These jobs were changed; called before whoever changed them is told.
    func forget(_ jobs: Set<JobID>) {
        state.withLock { state in
            state.writes += 1
            if state.jobs.isEmpty { return }
            for job in jobs { state.jobs[job] = nil }
        }
    }

    /// Something may have been written.
    func forget() {
        state.withLock { state in
            state.writes += 1
            if !state.jobs.isEmpty { state.jobs.removeAll(keepingCapacity: true) }
        }
    }
}

/// Holds one listener.
final class JobWatch: Sendable {
    /// A closure alone in a `Mutex` gains a layer each time it is looked at, because reading it
    /// there converts it, and the lock writes back what was read: after ten thousand commits, a
    /// call went through ten thousand layers.
    private struct Listener {
        let hear: @Sendable (Set<JobID>) -> Void
    }

    private let listener = Mutex<Listener?>(nil)

    /// Sets the listener, in place of any other.
    func listen(_ hear: @escaping @Sendable (Set<JobID>) -> Void) {
        listener.withLock { $0 = Listener(hear: hear) }
    }

    /// Calls the listener, where there is one.
    func tell(_ jobs: Set<JobID>) {
        listener.withLock { $0 }?.hear(jobs)
    }
}
