// What the outbox needs: the store's notifications that wait for delivery, and a channel to the
// team.

package import Datasets

/// The notifications that wait for delivery. The promises of ``ServiceStore`` hold.
package protocol NotificationStore: KeyValueStore {
    /// The notification to deliver next, of those that have neither been delivered nor given up:
    /// one that is to be tried again; otherwise the oldest one of the next user, by name, that has
    /// any, so that the many notifications of one user delay another's by one.
    ///
    /// Where more than ``MergedNotifications/unmergedMax`` of its kind and user wait, it stands for
    /// all of them: ``JobNotification/merged``.
    ///
    /// - Parameter user: whose notification was delivered last; `nil` to begin with any user.
    func nextNotification(after user: String?) async throws -> JobNotification?
    /// Records the outcome of an attempt to deliver a notification, and those of the same kind and
    /// user behind it up to `last`. Only the first is tried again: it then stands for them.
    func record(
        _ outcome: DeliveryRecord, of notification: Int64, through last: Int64
    ) async throws
}

/// A channel to the team.
package protocol Notifying: Sendable {
    /// Tries once to deliver and returns the outcome; never throws.
    func deliver(_ notification: JobNotification) async -> DeliveryOutcome
    /// The same for alerts about the service itself.
    func deliver(_ alert: ServiceAlert) async -> DeliveryOutcome
}

/// The outcome of an attempt to deliver.
package enum DeliveryOutcome: Hashable, Sendable {
    case delivered
    /// Worth another attempt: after the given time where the channel named one, else by back-off.
    case retry(after: Duration?, reason: String)
    /// The channel will never accept it: it is logged once and given up.
    case refused(reason: String)
}

/// The outcome of an attempt to deliver, as the store records it.
package enum DeliveryRecord: Hashable, Sendable {
    case delivered(at: Timestamp)
    case retry(at: Timestamp, reason: String)
    case refused(at: Timestamp, reason: String)
}
