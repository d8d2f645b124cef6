// Notifications about jobs, alerts about the service, and the outcome of delivering them.

package import Datasets

/// News about a job, waiting in the outbox.
package struct JobNotification: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case started
        case completed
        case failed
        case cancelled
    }

    /// Its place in the outbox; the news of one user keeps this order.
    package var id: Int64
    package var kind: Kind
    /// The job as it was when the news arose.
    package var job: Job
    /// When the news arose.
    package var at: Timestamp
    /// Attempts to deliver so far.
    package var attempts: Int
    /// Not to be tried before this moment.
    package var notBefore: Timestamp?
    /// What it stands for, itself included; `nil` where it is told alone.
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

/// Waiting news of one kind about the jobs of one user, told in one message.
package struct MergedNotifications: Hashable, Sendable {
    /// So many waiting ones of a kind are still told one by one.
    package static let unmergedMax = 12
    /// Jobs that the message names.
    package static let jobsNamed = 5

    /// How many notifications there are.
    package var count: Int
    /// How many jobs they are about.
    package var jobs: Int
    /// The first of these, at most ``jobsNamed``.
    package var firstJobs: [JobID]
    /// The place in the outbox of the last notification.
    package var last: Int64

    package init(count: Int, jobs: Int, firstJobs: [JobID], last: Int64) {
        self.count = count
        self.jobs = jobs
        self.firstJobs = firstJobs
        self.last = last
    }
}

/// Something that holds all jobs up, or puts them at risk: told once, however long it lasts and
/// however often the service is restarted meanwhile.
package struct ServiceAlert: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The upstream wants to be left alone: the quota is used up, or the key in use elsewhere.
        case upstreamPaused = "upstream_parked"
        /// There is less room on the disk than is to be kept free.
        case diskLow = "disk_low"
        /// The data root's file system can hold hardly any further file.
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
    /// Whether it is over, rather than news.
    package var isOver: Bool

    package init(_ kind: Kind, _ text: String, isOver: Bool = false) {
        self.kind = kind
        self.text = text
        self.isOver = isOver
    }
}

/// What became of an attempt to deliver.
package enum DeliveryOutcome: Hashable, Sendable {
    case delivered
    /// Worth another attempt: after the given time where the channel named one, else by back-off.
    case retry(after: Duration?, reason: String)
    /// The channel will never take it: logged once, then the next one.
    case refused(reason: String)
}

/// What the store keeps about an attempt to deliver.
package enum DeliveryRecord: Hashable, Sendable {
    case delivered(at: Timestamp)
    case retry(at: Timestamp, reason: String)
    case refused(at: Timestamp, reason: String)
}
