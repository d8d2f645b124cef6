// What the team is told about a job, before it has words or a channel.

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
    package var merged: MergedNews?

    /// Whether it is about a verification of the job's files, not about its download.
    package var isAboutVerification: Bool { job.evidence.verifiedAt == at }

    package init(
        id: Int64, kind: Kind, job: Job, at: Timestamp, attempts: Int = 0,
        notBefore: Timestamp? = nil, merged: MergedNews? = nil
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
package struct MergedNews: Hashable, Sendable {
    /// So many waiting ones of a kind are still told one by one.
    package static let toldAloneMax = 12
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
