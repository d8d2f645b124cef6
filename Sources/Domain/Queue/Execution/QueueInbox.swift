// What other threads report to the queue, kept until its loop reads it.

import Concurrency
import Datasets
import Jobs
import Synchronization

/// Reports to the queue; sending one never waits.
final class QueueInbox: Sendable {
    private struct Reports {
        var jobsMayWait = false
        var transfers: [(job: JobID, day: Day)] = []
        var filter = ClaimFilter.all
    }

    private let reports = Mutex(Reports())
    /// Wakes the queue's loop.
    let changed = AsyncSignal()

    init() {}

    // MARK: Reports

    /// The store has a new job. Wakes the queue only if it could claim the job.
    func submitted(_ job: Job) {
        let isAccepted = reports.withLock {
            $0.filter.accepts(jobOf: job.createdBy, priority: job.control.priority)
        }
        if isAccepted { jobsMayWait() }
    }

    /// The store may have a job to run.
    func jobsMayWait() {
        reports.withLock { $0.jobsMayWait = true }
        changed.signal()
    }

    /// The upstream has begun to send a file.
    func transferBegan(_ id: JobID, day: Day) {
        reports.withLock { $0.transfers.append((id, day)) }
        changed.signal()
    }

    // MARK: Reading

    /// Sets which submitted jobs wake the queue.
    func filter(by filter: ClaimFilter) {
        reports.withLock { $0.filter = filter }
    }

    func takeJobsMayWait() -> Bool {
        reports.withLock { reports in
            defer { reports.jobsMayWait = false }
            return reports.jobsMayWait
        }
    }

    func takeTransfers() -> [(job: JobID, day: Day)] {
        reports.withLock { reports in
            defer { reports.transfers = [] }
            return reports.transfers
        }
    }
}
