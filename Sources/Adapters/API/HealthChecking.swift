// What the API needs to know about the service's surroundings. It must not hold a secret: everybody
// may read it.

/// Looks at what the service depends on, apart from its store.
///
/// The parts are asked for one by one: each that does not answer in time is reported as such, and
/// none speaks for another.
package protocol HealthChecking: Sendable {
    /// The channel to the team: `configured`, `not configured`, or what is wrong with it.
    func telegram() async -> HealthFinding
    /// The folder that datasets are written to: `ok`, or what is wrong with it; and the bytes that
    /// can still be written there, where that is known.
    func disk() async -> (finding: HealthFinding, freeBytes: Int64?)
    /// Tardis: `reachable`, or what is known to be wrong with it at the moment.
    func upstream() async -> HealthFinding
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
