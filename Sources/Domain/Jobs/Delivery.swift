// How an attempt to tell the team went: as the channel says, and as the store keeps it.

package import Datasets

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
