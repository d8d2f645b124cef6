// Small facts that outlive a restart. It must not know what they are for.

/// Texts by name.
///
/// The promises of ``JobStoring`` hold.
package protocol KeyValueStore: Sendable {
    /// What was remembered under a name, such as the chat that a Telegram group moved to.
    func fact(_ name: String) async throws -> String?
    /// Remembers a fact; `nil` forgets it.
    func remember(_ value: String?, as name: String) async throws
}
