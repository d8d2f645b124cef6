// Makes names durable, many at a time: whoever comes while a folder is being synced shares the next
// sync of it with all others who do. It must not know what the names are of.

import Concurrency
import Dispatch
import Posix
import Synchronization

/// Syncs folders, each at most once at a time.
///
/// One sync after a hundred renames lasts as long as one after a single rename, and in small files
/// it costs as much as the content.
actor DirectorySyncCoalescer {
    private typealias Round = Task<Result<Void, SystemError>, Never>

    /// Rounds that have not begun: a name given by now is in time for them.
    private var next: [FileIdentity: Round] = [:]
    /// Rounds under way.
    private var present: [FileIdentity: Round] = [:]
    private nonisolated let log = Mutex(Log())
    /// Of its own: a name must not wait for the content of other files.
    private let queue = DispatchQueue(label: "tardis.folders", attributes: .concurrent)

    private let syncFolder: @Sendable (ConfinedFolder) throws(SystemError) -> Void
    /// How often somebody has come; for tests.
    private(set) var joinedCount = 0

    /// What went wrong so far.
    private struct Log {
        var failures = 0
        var last: SystemError?
    }

    /// - Parameter syncFolder: blocks; the real one but for tests.
    init(
        syncFolder: @escaping @Sendable (ConfinedFolder) throws(SystemError) -> Void = {
            folder throws(SystemError) in try folder.sync()
        }
    ) {
        self.syncFolder = syncFolder
    }

    /// How many syncs have failed so far; to be asked before a file gets its name.
    nonisolated var failures: Int { log.withLock(\.failures) }

    /// Returns when the names that the folder has by now are durable.
    ///
    /// - Parameters:
    ///   - failures: how many syncs had failed when the file had no name yet. Linux reports a
    ///     failed write once per open file (fsync(2)), so what another one failed by meanwhile may
    ///     have been about this name, and nobody would be told again.
    /// - Throws: ``SystemError`` of fsync(2); final, like every failed fsync.
    func sync(
        _ folder: ConfinedFolder, _ identity: FileIdentity, since failures: Int
    ) async throws(SystemError) {
        joinedCount += 1
        let round = next[identity] ?? makeRound(folder, identity)
        try await round.value.get()
        let (failuresNow, last) = log.withLock { ($0.failures, $0.last) }
        if failuresNow > failures, let last { throw last }
    }

    private func makeRound(_ folder: ConfinedFolder, _ identity: FileIdentity) -> Round {
        let former = present[identity]
        let round = Task {
            _ = await former?.value
            // From here on whoever comes is too late for this round.
            present[identity] = next.removeValue(forKey: identity)
            defer { present[identity] = nil }
            return await queue.run { self.syncNow(folder) }
        }
        next[identity] = round
        return round
    }

    private nonisolated func syncNow(_ folder: ConfinedFolder) -> Result<Void, SystemError> {
        do throws(SystemError) {
            return .success(try syncFolder(folder))
        } catch {
            log.withLock { log in
                log.failures += 1
                log.last = error
            }
            return .failure(error)
        }
    }
}
