// The outbox as its sender sees it. It must not know SQL.

/// The notifications that wait to be delivered.
///
/// The promises of ``JobStoring`` hold.
package protocol OutboxStoring: Sendable {
    /// The oldest notification that has neither been delivered nor given up.
    func nextNotification() async throws -> JobNotification?
    /// Records what became of an attempt to deliver a notification.
    func record(_ outcome: DeliveryRecord, of notification: Int64) async throws
}
