// Notifications about jobs, and alerts about the service.

package import Datasets

/// A notification about a job, waiting in the outbox.
package struct JobNotification: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case started
        case completed
        case failed
        case cancelled
    }

    /// Its position in the outbox; the notifications of one user keep this order.
    package var id: Int64
    package var kind: Kind
    /// The job as it was when the notification was queued.
    package var job: Job
    /// When it was queued.
    package var at: Timestamp
    /// Attempts to deliver so far.
    package var attempts: Int
    /// Not to be tried before this moment.
    package var notBefore: Timestamp?
    /// The notifications that it stands for, itself included; `nil` where it is delivered alone.
    package var merged: MergedNotifications?

    /// Whether it is about a verification of the job's files, not about its download.
    package var isAboutVerification: Bool { job.integrity.verifiedAt == at }

    package init(
        id: Int64, kind: Kind, job: Job, at: Timestamp, attempts: Int = 0,
        notBefore: Timestamp? = nil, merged: MergedNotifications? = nil
    ) {
        self.id = id
        self.kind = kind
        self.job = job
        self.at = at
        self.attempts = attempts
        self.notBefore = notBefore
        self.merged = merged
    }
}

/// Waiting notifications of one kind about the jobs of one user, delivered as one message.
package struct MergedNotifications: Hashable, Sendable {
    /// Up to this many of a kind are delivered one by one.
    package static let unmergedMax = 12
    /// Jobs that the message names.
    package static let jobsNamed = 5

    /// How many notifications there are.
    package var count: Int
    /// How many jobs they are about.
    package var jobs: Int
    /// The first of these, at most ``jobsNamed``.
    package var firstJobs: [JobID]
    /// The position in the outbox of the last notification.
    package var last: Int64

    package init(count: Int, jobs: Int, firstJobs: [JobID], last: Int64) {
        self.count = count
        self.jobs = jobs
        self.firstJobs = firstJobs
        self.last = last
    }
}

/// A problem that blocks all jobs, or puts them at risk: delivered once while it lasts, also over
/// restarts.
package struct ServiceAlert: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The upstream is paused: the quota is used up, or the key is in use elsewhere.
        case upstreamPaused = "upstream_parked"
        /// Free disk space is below the reserve.
        case diskLow = "disk_low"
        /// The data root's file system has hardly any inodes left.
        case inodesLow = "inodes_low"
        /// The data root is not the one that the last files were written to.
        case dataRootChanged = "data_root_changed"
        /// The data root cannot be opened or written.
        case notWritable = "not_writable"
        /// The database file was removed, replaced or cut.
        case databaseMoved = "database_moved"
        /// The database could not be backed up. Jobs go on.
        case backupFailed = "backup_failed"
    }

    package var kind: Kind
    /// Why, and what happens next, in whole sentences.
    package var text: String
    /// Whether the problem is over.
    package var isOver: Bool

    package init(_ kind: Kind, _ text: String, isOver: Bool = false) {
        self.kind = kind
        self.text = text
        self.isOver = isOver
    }
}
