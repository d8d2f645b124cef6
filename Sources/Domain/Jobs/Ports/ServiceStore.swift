// What every port of the store promises, and the reads that several of them share.

/// Everything that the service stores, for the composition root: one type keeps all ports.
///
/// Every method that changes something returns after the change has reached the disk, and either
/// happens whole or not at all. A change of state, its event in the history and the notification it
/// causes are one transaction. All methods throw ``JobError/storeFailed(_:)`` when the disk or the
/// database refuses.
package typealias ServiceStore =
    QueueStore & JobStore & LimitStore & RetentionStore & NotificationStore

/// Small texts by name that outlive a restart. The promises of ``ServiceStore`` hold.
package protocol KeyValueStore: Sendable {
    /// The value under a name, such as the chat that a Telegram group moved to.
    func value(for name: String) async throws -> String?
    /// Sets a value; `nil` removes it.
    func set(_ value: String?, for name: String) async throws
}

/// Reads of jobs that more than one port offers. The promises of ``ServiceStore`` hold.
package protocol JobReader: Sendable {
    /// The job with this id, `nil` if there is none.
    func job(_ id: JobID) async throws -> Job?
    /// All symbols of a job, in its order; none where there is no such job. Takes a millisecond for
    /// some ten thousand.
    func symbols(of id: JobID) async throws -> [String]
    /// Throws unless the store answers: one cheap read.
    func probe() async throws
}

/// Reads of files that more than one port offers. The promises of ``ServiceStore`` hold.
package protocol FileReader: Sendable {
    /// The planned files of a job by name in the order of its bytes, optionally only those in the
    /// given states.
    func files(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileRecord]
}

/// An error that the domain tells apart. The API maps it to responses, the client to exit codes.
package enum JobError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no job with this id.
    case notFound(JobID)
    /// The store could not do it: disk full, read-only, damaged. The text is for the log.
    case storeFailed(String)
    /// The store's file was removed, replaced or cut: what is written now would be lost. The text
    /// is for the log.
    case databaseMoved(String)
    /// The store was written by another version, and is left as it is. The text is for the log.
    case unknownVersion(String)
    /// The service is stopping and accepts nothing new.
    case stopping

    /// A sentence for the log.
    package var description: String {
        switch self {
        case .notFound(let id): "there is no job \(id)"
        case .storeFailed(let text), .databaseMoved(let text), .unknownVersion(let text): text
        case .stopping: "the service is stopping"
        }
    }
}
