// What can go wrong between a request and its job, by kind. Mapped to replies in API, to exit codes
// in the client.

/// An error that the domain tells apart.
package enum JobError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no job with this id.
    case notFound(JobID)
    /// The store could not do it: disk full, read-only, damaged. The text is for the log.
    case storeFailed(String)
    /// The store's file was removed, replaced or cut: what is written now would be lost. The text
    /// is for the log.
    case databaseMoved(String)
    /// The service is stopping and takes nothing new.
    case stopping

    /// A sentence for the log.
    package var description: String {
        switch self {
        case .notFound(let id): "there is no job \(id)"
        case .storeFailed(let text), .databaseMoved(let text): text
        case .stopping: "the service is stopping"
        }
    }
}
