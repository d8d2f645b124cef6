// What the API is wired to. It must not know who made the parts.

package import Datasets
package import Jobs
package import Logging

/// Everything that the API needs from outside.
package struct APIDependencies: Sendable {
    package var store: any JobStoring
    /// Whoever runs the jobs.
    package var conductor: any JobRunnerControl
    package var catalogue: any CatalogueProviding
    package var time: any Timekeeping
    package var health: any HealthChecking
    package var authentication: AuthenticationSettings
    package var dataRoot: DataRoot
    /// Whether these folders, one inside the other from the data root on, lead out of it through a
    /// link. Folders that do not exist yet lead nowhere.
    package var leavesRoot: @Sendable ([String]) async -> Bool
    /// The most files that one job may have.
    package var filesMax: Int
    package var limits: RuntimeLimits
    /// The service's own version, such as `2.0.0`.
    package var version: String
    /// Called with each job that has become pending and is in the store, to wake the queue.
    package var submitted: @Sendable (Job) -> Void
    package var logger: Logger

    package init(
        store: any JobStoring, conductor: any JobRunnerControl, catalogue: any CatalogueProviding,
        time: any Timekeeping, health: any HealthChecking, authentication: AuthenticationSettings,
        dataRoot: DataRoot, leavesRoot: @escaping @Sendable ([String]) async -> Bool,
        filesMax: Int, limits: RuntimeLimits = RuntimeLimits(), version: String,
        submitted: @escaping @Sendable (Job) -> Void, logger: Logger
    ) {
        self.store = store
        self.conductor = conductor
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
