// The outbox as its sender sees it. It must not know SQL.

/// The notifications that wait to be delivered.
///
/// The promises of ``JobStoring`` hold.
package protocol OutboxStoring: Sendable {
    /// The notification to deliver next, of those that have neither been delivered nor given up:
    /// one that is to be tried again; otherwise the oldest one of the next user, by name, that has
    /// any, so that the many notifications of one user delay another's by one.
    ///
    /// Where more than ``MergedNews/toldAloneMax`` of its kind and user wait, it stands for all of
    /// them: ``JobNotification/merged``.
    ///
    /// - Parameter user: whose notification was delivered last; `nil` to begin with any user.
    func nextNotification(after user: String?) async throws -> JobNotification?
    /// Records what became of an attempt to deliver a notification, and of those of the same kind
    /// and user behind it up to `last`. Only the first is tried again: it then stands for them.
    func record(
        _ outcome: DeliveryRecord, of notification: Int64, through last: Int64
    ) async throws
}

extension OutboxStoring {
    /// The next notification, of any user.
    package func nextNotification() async throws -> JobNotification? {
        try await nextNotification(after: nil)
    }

    /// Records what became of an attempt to deliver one notification alone.
    package func record(_ outcome: DeliveryRecord, of notification: Int64) async throws {
        try await record(outcome, of: notification, through: notification)
    }
}
