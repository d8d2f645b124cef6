// Which jobs a listing shows, and one page of it. It must not know a route or a query.

/// Which jobs a listing shows; a member that is `nil` lets all through.
package struct JobFilter: Hashable, Sendable {
    package var state: JobState?
    package var user: String?
    package var exchange: String?

    package init(state: JobState? = nil, user: String? = nil, exchange: String? = nil) {
        self.state = state
        self.user = user
        self.exchange = exchange
    }
}

/// One page of a listing.
package struct JobPage: Hashable, Sendable {
    package var jobs: [Job]
    /// How many jobs match, on all pages together.
    package var total: Int

    package init(jobs: [Job], total: Int) {
        self.jobs = jobs
        self.total = total
    }
}
