// The one writer of a database, with group commit: whatever has queued up while the last commit was
// at the disk goes into the next transaction. It must not know what is written.

import Dispatch
import Synchronization

/// Who hears of changed rows of one table, after each commit and before whoever waits for it.
package struct ChangeReport: Sendable {
    let table: String
    let tell: @Sendable (Set<Int64>) -> Void

    /// - Parameters:
    ///   - table: one with rowids.
    ///   - tell: called on the writer's queue with the rowids; must return at once.
    package init(of table: String, tell: @escaping @Sendable (Set<Int64>) -> Void) {
        self.table = table
        self.tell = tell
    }
}

/// Runs writes one after the other and commits them in groups.
package final class WriterQueue: Sendable {
    /// What has been done so far; for tests, metrics and the curious.
    package struct Statistics: Hashable, Sendable {
        package var commits = 0
        package var writes = 0
        /// Writes that have been asked for and not begun.
        package var waiting = 0
        /// Whether a group is under way.
        package var isBusy = false
        /// Time spent on groups, from the beginning of their transactions to the end.
        package var busy = Duration.zero
        /// The part of that spent on committing, which is mostly waiting for the disk.
        package var committing = Duration.zero
    }

    private struct State {
        var waiting: [PendingWrite] = []
        var isDraining = false
        var isClosed = false
        var statistics = Statistics()
    }

    private let queue: DispatchQueue
    private let state = Mutex(State())
    /// Only ever touched on `queue`; the connection itself checks that in debug builds.
    private nonisolated(unsafe) let database: Database
    private let changes: ChangeReport?

    /// Opens the file for writing and prepares it, on the writer's own queue.
    ///
    /// Blocks until that is done: for the start of a program.
    ///
    /// - Parameters:
    ///   - changes: who is told of changed rows.
    ///   - prepare: such as the migrations.
    package init(
        path: String, reporting changes: ChangeReport? = nil, prepare: (Database) throws -> Void
    ) throws {
        let queue = DispatchQueue(label: "sqlite.writer")
        self.queue = queue
        self.changes = changes
        self.database = try queue.sync {
            let database = try Database(path: path, access: .readWrite)
            database.owner = queue
            try prepare(database)
            // What a savepoint may have to take back is otherwise written to a file, beyond 64 KiB
            // of a group: two system calls for each page that a write touches. Not before the
            // migrations, which may have more to sort than fits into memory.
            try database.execute("PRAGMA temp_store = MEMORY")
            if let changes { database.noteChanges(of: changes.table) }
            return database
        }
    }

    /// Runs the body on the writing connection, within a transaction, and returns when it has been
    /// committed to the disk.
    ///
    /// The body shares its transaction with others; when it throws, its changes alone are taken
    /// back. It may be run a second time, when another one of its group threw; so it must do
    /// nothing but use the connection.
    ///
    /// - Throws: what the body throws; ``SQLiteError`` where the transaction fails.
    package func write<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let write = PendingWrite(
                attempt: { database in
                    let result = try body(database)
                    return { continuation.resume(returning: result) }
                },
                fail: { continuation.resume(throwing: $0) })
            enqueue(write)
        }
    }

    /// Runs the body on the writing connection, outside of any transaction, after the writes that
    /// have begun.
    package func withConnection<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Swift.Result { try body(self.database) })
            }
        }
    }

    package var statistics: Statistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.waiting = state.waiting.count
            statistics.isBusy = state.isDraining
            return statistics
        }
    }

    /// Commits what has been asked for, then closes the connection; later writes are refused.
    ///
    /// Blocks until that is done: for the end of a program. Closing twice is fine.
    package func close() {
        dispatchPrecondition(condition: .notOnQueue(queue))
        state.withLock { $0.isClosed = true }
        // Everything that was accepted has its drain on the queue already, ahead of this.
        queue.sync { database.close() }
    }

    private func enqueue(_ write: PendingWrite) {
        enum Next { case refuse, wait, drain }
        let next: Next = state.withLock { state in
            if state.isClosed { return .refuse }
            state.waiting.append(write)
            if state.isDraining { return .wait }
            state.isDraining = true
            return .drain
        }
        switch next {
        case .refuse: write.fail(SQLiteError.closed("write"))
        case .wait: break
        case .drain: queue.async { self.drain() }
        }
    }

    /// Commits group after group until nothing waits.
    private func drain() {
        while true {
            let group = state.withLock { state in
                let group = state.waiting
                state.waiting.removeAll(keepingCapacity: true)
                if group.isEmpty { state.isDraining = false }
                return group
            }
            if group.isEmpty { return }
            commit(group)
        }
    }

    /// Commits the group, without those that fail; in more than one transaction only where SQLite
    /// gives one up by itself.
    private func commit(_ group: [PendingWrite]) {
        var remaining = group
        while !remaining.isEmpty {
            let start = ContinuousClock.now
            let outcome = GroupCommit.run(remaining, on: database)
            state.withLock { state in
                state.statistics.busy += .now - start
                state.statistics.committing += outcome.committing
                if outcome.isCommitted { state.statistics.commits += 1 }
                state.statistics.writes += remaining.count - outcome.again.count
            }
            if let changes {
                let rows = database.takeChangedRows()
                if outcome.isCommitted, !rows.isEmpty { changes.tell(rows) }
            }
            for conclude in outcome.conclusions { conclude() }
            remaining = outcome.again
        }
    }
}
