// Who does something to a job. It must not know how callers prove who they are.

/// Somebody on whose behalf the service acts, or the service itself.
package struct Principal: Hashable, Sendable {
    /// The service, where it acts by itself.
    package static let service = Principal(name: "service", isAdmin: true)

    /// In the one spelling of ``UserName/canonical(_:)``.
    package let name: String
    /// The address that the request came from; empty where there was none.
    package var address: String
    /// Whether jobs of others may be acted on, and the service's limits be changed.
    package var isAdmin: Bool

    package init(name: String, address: String = "", isAdmin: Bool = false) {
        self.name = UserName.canonical(name)
        self.address = address
        self.isAdmin = isAdmin
    }

    /// Whether this principal may act on a job: its owner and administrators may.
    package func mayAct(on job: Job) -> Bool { isAdmin || job.createdBy == name }
}
