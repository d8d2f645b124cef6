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

    /// Its place in the outbox; deliveries keep this order.
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

    package init(
        id: Int64, kind: Kind, job: Job, at: Timestamp, attempts: Int = 0,
        notBefore: Timestamp? = nil
    ) {
        self.id = id
        self.kind = kind
        self.job = job
        self.at = at
        self.attempts = attempts
        self.notBefore = notBefore
    }
}
