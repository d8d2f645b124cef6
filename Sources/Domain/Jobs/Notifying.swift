// What the outbox needs from whatever tells the team. It must not know a channel.

/// A channel to the team.
package protocol Notifying: Sendable {
    /// Tries once to deliver; returns, and never throws, when it knows what became of it.
    func deliver(_ notification: JobNotification) async -> DeliveryOutcome
    /// The same for news about the service itself.
    func deliver(_ alert: ServiceAlert) async -> DeliveryOutcome
}
