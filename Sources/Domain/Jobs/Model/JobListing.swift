// Which jobs a listing shows, and one page of it.

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

/// Where a page of a listing begins; listings have the newest job first.
package enum JobPageStart: Hashable, Sendable {
    /// Behind so many of the newest jobs that match, at least 0.
    case offset(Int)
    /// With the newest job older than this one, which may have been removed: usually
    /// ``JobPage/next`` of the page before. Jobs that are submitted meanwhile change no such page.
    case before(JobID)
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
