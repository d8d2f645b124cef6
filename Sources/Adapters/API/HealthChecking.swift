// What the API needs to know about the service's surroundings. It must not hold a secret: everybody
// may read it.

/// Looks at what the service depends on, apart from its store.
///
/// The parts are asked for one by one: each that does not answer in time is reported as such, and
/// none speaks for another.
package protocol HealthChecking: Sendable {
    /// The channel to the team: `configured`, `not configured`, or what is wrong with it.
    func telegram() async -> ComponentHealth
    /// The folder that datasets are written to: `ok`, or what is wrong with it; and the bytes that
    /// can still be written there, where that is known.
    func disk() async -> (finding: ComponentHealth, freeBytes: Int64?)
    /// Tardis: `reachable`, or what is known to be wrong with it at the moment.
    func upstream() async -> ComponentHealth
}

/// How one part is.
package struct ComponentHealth: Hashable, Sendable {
    /// What a part in a bad state means for the service as a whole.
    package enum Severity: Hashable, Sendable {
        /// Downloads cannot proceed, or not all; a restart would not help.
        case degraded
        /// Jobs cannot be taken: a restart or an operator must mend it now.
        case unhealthy
    }

    /// Why the service is not healthy with the part in this state.
    package struct Reason: Hashable, Sendable {
        package var severity: Severity
        /// Its name on the wire.
        package var code: String
        /// The same in sentences, with what to do; no secret, and no path of the machine.
        package var detail: String

        package init(_ severity: Severity, _ code: String, _ detail: String) {
            self.severity = severity
            self.code = code
            self.detail = detail
        }
    }

    /// The part's state in a few words.
    package var words: String
    /// `nil` where the part is well.
    package var reason: Reason?

    package init(_ words: String, _ reason: Reason? = nil) {
        self.words = words
        self.reason = reason
    }
}
