// Which jobs a listing shows, one page of it, and a job held in memory.

import Synchronization

/// Which jobs a listing shows; a member that is `nil` matches all.
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

    /// The page of a list that was read one job beyond the page's limit.
    package init(reading jobs: [Job], limit: Int, total: Int) {
        let isLast = jobs.count <= limit
        self.init(jobs: Array(jobs.prefix(limit)), total: total)
        next = isLast ? nil : self.jobs.last?.id
    }
}

/// A job that the store has in memory, with the encoded response made of it: scripts poll the same
/// few jobs hundreds of times between two changes.
package final class CachedJob: Sendable {
    package let job: Job
    private let encoded = Mutex<[UInt8]?>(nil)

    package init(_ job: Job) {
        self.job = job
    }

    /// The response made of the job, `nil` before ``setResponse(_:)``. There is one kind of it:
    /// every caller must encode the job in the same way.
    package var response: [UInt8]? { encoded.withLock { $0 } }

    /// Keeps a response for as long as the job is cached.
    package func setResponse(_ response: [UInt8]) { encoded.withLock { $0 = response } }
}
