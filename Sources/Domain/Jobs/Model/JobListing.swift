// Which jobs a listing shows, one page of it, and a job held in memory.

import Synchronization

/// Which jobs a listing shows; a member that is `nil` lets all through.
package struct JobFilter: Hashable, Sendable {
    package var state: JobState?
    /// In the one spelling of ``UserName/canonical(_:)``.
    package var user: String?
    package var exchange: String?

    package init(state: JobState? = nil, user: String? = nil, exchange: String? = nil) {
        self.state = state
        self.user = user.map(UserName.canonical)
        self.exchange = exchange
    }
}

/// One page of a listing.
package struct JobPage: Hashable, Sendable {
    package var jobs: [Job]
    /// How many jobs match, on all pages together.
    package var total: Int
    /// The job that the next page begins behind; `nil` on the last page.
    package var next: JobID?

    package init(jobs: [Job], total: Int, next: JobID? = nil) {
        self.jobs = jobs
        self.total = total
        self.next = next
    }

    /// The page of a list that was read one job further than the page reaches.
    package init(reading jobs: [Job], limit: Int, total: Int) {
        let isLast = jobs.count <= limit
        self.init(jobs: Array(jobs.prefix(limit)), total: total)
        next = isLast ? nil : self.jobs.last?.id
    }
}

/// A job that a store answers from memory, and the answer that was made of it: scripts ask for the
/// same few jobs hundreds of times between two changes.
package final class CachedJob: Sendable {
    package let job: Job
    private let kept = Mutex<[UInt8]?>(nil)

    package init(_ job: Job) {
        self.job = job
    }

    /// The answer that was made of the job, `nil` where none was. There is one that is worth it:
    /// callers that keep one must always make the same.
    package var answer: [UInt8]? { kept.withLock { $0 } }

    /// Keeps an answer for as long as the job is kept.
    package func keep(_ answer: [UInt8]) { kept.withLock { $0 = answer } }
}
