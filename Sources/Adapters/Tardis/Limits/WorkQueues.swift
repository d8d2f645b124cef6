// Blocking work with the disk: a fixed few threads that verify, write and sync files, apart from
// the transfer thread and the pool that runs async code; and syncs of folders, many names at a
// time.

import Concurrency
import Dispatch
import Posix
import Synchronization

/// A fixed set of serial queues; each task gets the one with the fewest tasks.
///
/// A transfer keeps its queue, so that its bytes stay in order; more queues than these would only
/// add threads.
final class WorkQueues: Sendable {
    private let queues: [DispatchQueue]
    /// Tasks that hold each queue.
    private let loads: Mutex<[Int]>

    init(count: Int) {
        precondition(count > 0, "work needs at least one queue")
        queues = (0..<count).map { DispatchQueue(label: "tardis.proof.\($0)") }
        loads = Mutex(Array(repeating: 0, count: count))
    }

    /// Lends a queue for as long as the body runs.
    func lend<Result>(_ body: (DispatchQueue) async -> Result) async -> Result {
        let index = loads.withLock { loads in
            let index = loads.indices.min { loads[$0] < loads[$1] } ?? 0
            loads[index] += 1
            return index
        }
        defer { loads.withLock { $0[index] -= 1 } }
        return await body(queues[index])
    }
}

/// Syncs folders, each at most once at a time.
///
/// One sync after a hundred renames lasts as long as one after a single rename, and in small files
/// it costs as much as the content.
actor DirectorySyncCoalescer {
    private typealias Round = Task<Result<Void, SystemError>, Never>

    /// Rounds that have not begun: they cover all names given so far.
    private var next: [FileIdentity: Round] = [:]
    /// Rounds that have begun.
    private var present: [FileIdentity: Round] = [:]
    private nonisolated let log = Mutex(FailureLog())
    /// A queue of its own: a name does not wait for the content of other files.
    private let queue = DispatchQueue(label: "tardis.folders", attributes: .concurrent)

    private let syncFolder: @Sendable (ConfinedFolder) throws(SystemError) -> Void
    /// How many calls there were; for tests.
    private(set) var joinedCount = 0

    private struct FailureLog {
        var failures = 0
        var last: SystemError?
    }

    /// - Parameter syncFolder: blocks; replaced in tests only.
    init(
        syncFolder: @escaping @Sendable (ConfinedFolder) throws(SystemError) -> Void = {
            folder throws(SystemError) in try folder.sync()
        }
    ) {
        self.syncFolder = syncFolder
    }

    /// How many syncs have failed so far; read it before a file gets its name.
    nonisolated var failures: Int { log.withLock(\.failures) }

    /// Returns when all names that the folder has now are durable.
    ///
    /// - Parameters:
    ///   - failures: how many syncs had failed before the file got its name. Linux reports a failed
    ///     write once per open file (fsync(2)), so a failure that another call received since then
    ///     may concern this name and is not reported again.
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
            // Later calls are too late for this round.
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
