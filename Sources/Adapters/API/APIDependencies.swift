// What the API is wired to, and how it learns the health of the parts that are not its store.

package import Datasets
package import Jobs
package import Logging

/// Everything that the API uses from outside.
package struct APIDependencies: Sendable {
    package var store: any JobStore
    package var limitStore: any LimitStore
    /// Runs the jobs.
    package var runner: any JobRunnerControl
    package var catalogue: any CatalogueProviding
    package var time: any Timekeeping
    package var health: any HealthChecking
    package var authentication: AuthenticationSettings
    package var dataRoot: DataRoot
    /// Whether a path of folders below the data root leaves it through a link. Folders that do not
    /// exist yet do not leave it.
    package var leavesRoot: @Sendable ([String]) async -> Bool
    /// The most files that one job may have.
    package var filesMax: Int
    package var limits: RuntimeLimits
    /// The service's own version, such as `2.0.0`.
    package var version: String
    /// Called with each job that is stored as pending, to wake the queue.
    package var submitted: @Sendable (Job) -> Void
    package var logger: Logger

    package init(
        store: any JobStore, limitStore: any LimitStore, runner: any JobRunnerControl,
        catalogue: any CatalogueProviding, time: any Timekeeping, health: any HealthChecking,
        authentication: AuthenticationSettings,
        dataRoot: DataRoot, leavesRoot: @escaping @Sendable ([String]) async -> Bool,
        filesMax: Int, limits: RuntimeLimits = RuntimeLimits(), version: String,
        submitted: @escaping @Sendable (Job) -> Void, logger: Logger
    ) {
        self.store = store
        self.limitStore = limitStore
        self.runner = runner
        self.catalogue = catalogue
        self.time = time
        self.health = health
        self.authentication = authentication
        self.dataRoot = dataRoot
        self.leavesRoot = leavesRoot
        self.filesMax = filesMax
        self.limits = limits
        self.version = version
        self.submitted = submitted
        self.logger = logger
    }
}

/// Checks what the service depends on, apart from its store.
///
/// Each part is checked on its own, so that one that hangs is reported as such and delays no other.
/// Everyone may read the results: they hold no secret.
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
