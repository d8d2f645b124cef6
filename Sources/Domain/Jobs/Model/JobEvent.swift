// One line of the history: who did what, when, and from where.

package import Datasets

/// A change of a job, or of the service as a whole. History is append-only, written in the same
/// transaction as the change it records.
package struct JobEvent: Hashable, Sendable {
    /// What happened. The names are part of the wire format.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        case submitted
        case started
        case planned
        /// The job waits: the upstream is paused, or the disk is full.
        case parked
        case paused
        case resumed
        /// The failed files are tried again.
        case retried
        case cancelled
        case completed
        case failed
        /// Verification of all published files has begun.
        case verifying
        /// Verification has ended; the detail says what it found.
        case verified
        /// The job's digest is another than it was, or there is none any more.
        case digestChanged = "digest_changed"
        /// Files that Tardis does not have were accepted as gaps.
        case gapsAccepted = "gaps_accepted"
        /// The service crashed while the job ran.
        case crashed
        case prioritized
        case pinned
        case unpinned
        /// An administrator changed the service's limits; belongs to no job.
        case limitsChanged = "limits_changed"
        /// An administrator ended a pause that the upstream asked for; belongs to no job.
        case upstreamResumed = "upstream_resumed"
        /// The data root that is there now was confirmed; belongs to no job.
        case dataRootConfirmed = "data_root_confirmed"
        /// Retention removed the job.
        case removed
    }

    /// Its position in the history, ascending.
    package var id: Int64
    /// `nil` for what belongs to no job.
    package var job: JobID?
    package var kind: Kind
    package var at: Timestamp
    package var principal: Principal
    /// More in words; `nil` where the kind says it all.
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

/// Whose history an event is added to.
package enum EventSubject: Hashable, Sendable {
    /// That of the service alone.
    case service
    /// That of each of these jobs, which may be none.
    case jobs([JobID])
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
