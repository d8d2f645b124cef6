// One line of the history: who did what, when, and from where.

package import Datasets

/// Something that happened to a job, or to the service as a whole. Events are only ever added.
package struct JobEvent: Hashable, Sendable {
    /// What happened. The names are part of the wire format.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        case submitted
        case started
        case planned
        /// Nothing can be had for a while: the upstream rests, or the disk is full.
        case parked
        case paused
        case resumed
        /// The failed files are tried again.
        case retried
        case cancelled
        case completed
        case failed
        /// All published files are proven again.
        case verifying
        /// They have been; the detail says what was found.
        case verified
        /// The job's digest is another than it was, or there is none any more.
        case digestChanged = "digest_changed"
        /// Files that Tardis does not have were accepted as gaps.
        case gapsAccepted = "gaps_accepted"
        /// The service died while the job ran.
        case crashed
        case prioritized
        case pinned
        case unpinned
        /// Somebody changed the service's limits; belongs to no job.
        case limitsChanged = "limits_changed"
        /// An administrator ended a pause that the upstream asked for; belongs to no job.
        case upstreamResumed = "upstream_resumed"
        /// The data root that is there now was confirmed; belongs to no job.
        case dataRootConfirmed = "data_root_confirmed"
        /// The job's row went by retention.
        case removed
    }

    /// Its place in the history, ascending.
    package var id: Int64
    /// `nil` for what belongs to no job.
    package var job: JobID?
    package var kind: Kind
    package var at: Timestamp
    package var principal: Principal
    /// What else is worth knowing, in words; `nil` where the kind says it all.
    package var detail: String?

    package init(
        id: Int64, job: JobID?, kind: Kind, at: Timestamp, by principal: Principal,
        detail: String? = nil
    ) {
        self.id = id
        self.job = job
        self.kind = kind
        self.at = at
        self.principal = principal
        self.detail = detail
    }
}

/// One page of the history.
package struct EventPage: Hashable, Sendable {
    package var events: [JobEvent]
    /// How many events there are, on all pages together.
    package var total: Int

    package init(events: [JobEvent], total: Int) {
        self.events = events
        self.total = total
    }
}
