// The one writer of a database, with group commit: writes that queue up during a commit share the
// next transaction.

import CSQLite
import Dispatch
import Synchronization

/// Receives the changed rows of one table, after each commit and before the writers resume.
package struct ChangeReport: Sendable {
    let table: String
    let notify: @Sendable (Set<Int64>) -> Void

    /// - Parameters:
    ///   - table: one with rowids.
    ///   - notify: called on the writer's queue with the rowids; must return at once.
    package init(of table: String, notify: @escaping @Sendable (Set<Int64>) -> Void) {
        self.table = table
        self.notify = notify
    }
}

/// Runs writes one after the other and commits them in groups.
package final class WriterQueue: Sendable {
    /// Counts and times since the start, for metrics and tests.
    package struct Statistics: Hashable, Sendable {
        package var commits = 0
        package var writes = 0
        /// Writes that are queued and not started.
        package var waiting = 0
        /// Whether a group is under way.
        package var isBusy = false
        /// Time spent on groups, from the start of their transactions to the end.
        package var busy = Duration.zero
        /// The part of `busy` spent on committing, which is mostly waiting for the disk.
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
    /// Used on `queue` only; the connection checks that in debug builds.
    private nonisolated(unsafe) let database: Database
    private let changes: ChangeReport?

    /// Opens the file for writing and prepares it, on the writer's own queue.
    ///
    /// Blocks until that is done: for the start of a program.
    ///
    /// - Parameters:
    ///   - changes: receives the changed rows of a table.
    ///   - check: refuses a file by throwing, before anything is changed.
    ///   - prepare: such as the migrations.
    package init(
        path: String, reporting changes: ChangeReport? = nil,
        checking check: (Database) throws -> Void = { _ in }, prepare: (Database) throws -> Void
    ) throws {
        let queue = DispatchQueue(label: "sqlite.writer")
        self.queue = queue
        self.changes = changes
        self.database = try queue.sync {
            let database = try Database(path: path, access: .readWrite, checking: check)
            database.owner = queue
            try prepare(database)
            // The pages that a savepoint may restore otherwise go to a file, beyond 64 KiB of a
            // group: two system calls for each page that a write touches. Not before the
            // migrations, which may sort more than fits into memory.
            try database.execute("PRAGMA temp_store = MEMORY")
            if let changes { database.recordChanges(of: changes.table) }
            return database
        }
    }

    /// Runs the body on the writing connection, within a transaction, and returns when it has been
    /// committed to the disk.
    ///
    /// The body shares its transaction with others; if it throws, only its own changes are rolled
    /// back. It may run a second time, after another body of its group threw, so it must only use
    /// the connection.
    ///
    /// - Throws: what the body throws; ``SQLiteError`` if the transaction fails.
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
    /// have started.
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

    /// Commits the queued writes, then closes the connection; later writes are refused.
    ///
    /// Blocks until that is done: for the end of a program. Closing twice is allowed.
    package func close() {
        dispatchPrecondition(condition: .notOnQueue(queue))
        state.withLock { $0.isClosed = true }
        // The drain of every accepted write is on the queue already, ahead of this.
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

    /// Commits group after group until no write waits.
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

    /// Commits the group without the writes that fail; in more than one transaction only if SQLite
    /// rolls one back by itself.
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
                if outcome.isCommitted, !rows.isEmpty { changes.notify(rows) }
            }
            for conclude in outcome.conclusions { conclude() }
            remaining = outcome.again
        }
    }
}

/// The changed rowids since they were last taken. Confined to its connection.
final class ChangeRecorder {
    let table: String
    fileprivate var rows: Set<Int64> = []

    init(of table: String) {
        self.table = table
    }

    /// Whether a name from SQLite is the table's.
    fileprivate func isTable(_ name: UnsafePointer<CChar>) -> Bool {
        var position = name
        for byte in table.utf8 {
            // The zero at the end of a shorter name equals no byte of the table's name.
            guard UInt8(bitPattern: position.pointee) == byte else { return false }
            position += 1
        }
        return position.pointee == 0
    }
}

extension Database {
    /// Records from now on which rows of a table are inserted, changed or removed, also by triggers
    /// and without regard to a later commit (sqlite.org/c3ref/update_hook.html).
    ///
    /// - Parameter table: one with rowids.
    func recordChanges(of table: String) {
        guard let handle = try? checkedHandle(for: "record changes") else { return }
        let recorder = ChangeRecorder(of: table)
        changeRecorder = recorder
        // The connection keeps the object as long as SQLite may call this.
        let context = Unmanaged.passUnretained(recorder).toOpaque()
        sqlite3_update_hook(
            handle,
            { context, _, _, table, row in
                guard let context, let table else { return }
                let recorder = Unmanaged<ChangeRecorder>.fromOpaque(context).takeUnretainedValue()
                if recorder.isTable(table) { recorder.rows.insert(row) }
            }, context)
    }

    /// The rows that were changed since the last call.
    func takeChangedRows() -> Set<Int64> {
        guard let changeRecorder else { return [] }
        defer { changeRecorder.rows.removeAll(keepingCapacity: true) }
        return changeRecorder.rows
    }
}
