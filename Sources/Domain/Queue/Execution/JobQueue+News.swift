// What others tell the queue from their own threads, kept until it looks. It must not decide what
// comes of it.

import Concurrency
import Datasets
package import Jobs
import Synchronization

extension JobQueue {
    /// Says that the store has a new job. Costs next to nothing, and never waits.
    package nonisolated func wake(for job: Job) {
        let isWanted = appetite.withLock {
            $0.wants(jobOf: job.createdBy, priority: job.control.priority)
        }
        if isWanted { wake() }
    }

    /// Says that there may be a job to run, of whatever kind.
    package nonisolated func wake() {
        jobsMayWait.store(true, ordering: .relaxed)
        bell.signal()
    }

    /// Says that the upstream has begun to send a file of a job.
    nonisolated func admitted(_ id: JobID, day: Day) {
        admissions.withLock { $0.append((id, day)) }
        bell.signal()
    }

    func takeAdmissions() -> [(job: JobID, day: Day)] {
        admissions.withLock { admissions in
            defer { admissions = [] }
            return admissions
        }
    }
}
