// What the store keeps of limits that somebody set. It must not know SQL.

package import Datasets

/// Limits that outlive a restart.
///
/// The promises of ``JobStoring`` hold.
package protocol LimitStoring: Sendable {
    /// Every limit that was ever set, as it was set last.
    func limitSettings() async throws -> [ServiceLimit: LimitSetting]
    /// Sets limits, all together or none; `nil` sets one back to its default. Adds one event of
    /// kind ``JobEvent/Kind/limitsChanged`` to the history.
    ///
    /// - Parameters:
    ///   - values: within their ``ServiceLimit/range``; at least one.
    ///   - detail: what changed, in words, for the history.
    /// - Returns: the limits that were set, as they are now.
    func set(
        _ values: [ServiceLimit: Int?], by principal: Principal, detail: String, at now: Timestamp
    ) async throws -> [ServiceLimit: LimitSetting]
}
