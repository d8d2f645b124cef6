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
    /// Attempts to deliver so far.
    package var attempts: Int
    /// Not to be tried before this moment.
    package var notBefore: Timestamp?

    package init(id: Int64, kind: Kind, job: Job, attempts: Int = 0, notBefore: Timestamp? = nil) {
        self.id = id
        self.kind = kind
        self.job = job
        self.attempts = attempts
        self.notBefore = notBefore
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

/// A channel to the team.
package protocol Notifying: Sendable {
    /// Tries once to deliver; returns, and never throws, when it knows what became of it.
    func deliver(_ notification: JobNotification) async -> DeliveryOutcome
}
