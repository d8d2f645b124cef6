// What the API needs to know about the service's surroundings. It must not hold a secret: everybody
// may read it.

/// Looks at what the service depends on, apart from its store.
package protocol HealthChecking: Sendable {
    /// How everything is at the moment.
    func look() async -> HealthFindings
}

/// How the service's surroundings are.
package struct HealthFindings: Hashable, Sendable {
    /// `configured`, `not configured`, or what is wrong with it.
    package var telegram: HealthFinding
    /// `ok`, or what is wrong with the folder that datasets are written to.
    package var disk: HealthFinding
    /// Bytes that can still be written there, where that is known.
    package var diskFreeBytes: Int64?
    /// `reachable`, or what is known to be wrong with Tardis at the moment.
    package var upstream: HealthFinding

    package init(
        telegram: HealthFinding, disk: HealthFinding, diskFreeBytes: Int64?,
        upstream: HealthFinding
    ) {
        self.telegram = telegram
        self.disk = disk
        self.diskFreeBytes = diskFreeBytes
        self.upstream = upstream
    }
}

/// How one part is.
package struct HealthFinding: Hashable, Sendable {
    /// The part's state in a few words.
    package var words: String
    /// Whether the service as a whole counts as healthy with the part in this state.
    package var isHealthy: Bool

    package init(_ words: String, isHealthy: Bool = true) {
        self.words = words
        self.isHealthy = isHealthy
    }
}
