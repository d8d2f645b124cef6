// The store on SQLite: opening, closing, backing up, and the two ways to read and write. The
// operations on jobs, files and notifications are extensions in files of their own.

package import Jobs
import SQLite
import Synchronization

/// Keeps jobs, their files, the outbox and a few facts in one SQLite file.
///
/// Writes go through one writer with group commit and return after their commit has reached the
/// disk. Reads do not suspend: they run on the caller's thread, on a connection of their own.
package final class SQLiteJobStore: ServiceStore, Sendable {
    /// A file of at most this many bytes is checked as a whole at start: at 150 MB/s in at most
    /// about 100 ms. Damage of a larger file is found when it is read.
    private static let checkedSizeMaxBytes: Int64 = 16 << 20

    /// A file of the predecessor of at most this many bytes is rebuilt once, in half a second,
    /// so that it can shrink later. A larger file keeps its size and reuses free pages.
    private static let rebuiltSizeMaxBytes: Int64 = 64 << 20

    private let path: String
    /// `nil` if the file was opened for reading.
    private let writer: WriterQueue?
    private let pool: ReaderPool
    let cache: JobCache
    /// The closure to call when the file is gone from its place, and whether it was called.
    private let moved = Mutex<(report: (@Sendable (String) -> Void)?, isDone: Bool)>((nil, false))
    let watch = JobWatch()

    /// Opens the database, creates it where it is missing, and brings it to the newest schema; the
    /// predecessor's is adopted in place. Blocks meanwhile.
    ///
    /// - Parameters:
    ///   - path: of the file; its folder must exist.
    ///   - readers: read-only connections, at least as many as threads that read at once.
    /// - Throws: ``JobError/storeFailed(_:)``, saying what to do, where the file is damaged, no
    ///   database, not writable or locked; ``JobError/unknownVersion(_:)``.
    package init(path: String, readers: Int) throws {
        self.path = path
        do {
            let (cache, watch) = (JobCache(), watch)
            self.cache = cache
            let report = ChangeReport(of: "download_jobs") { rows in
                let jobs = Set(rows.map { JobID($0) })
                // First, because the listener reads the jobs at once.
                cache.forget(jobs)
                watch.notify(jobs)
            }
            writer = try WriterQueue(
                path: path, reporting: report, checking: { try Schema.migrator.check($0) }
            ) { database in
                let size =
                    try database.number("PRAGMA page_count")
                    * database.number("PRAGMA page_size")
                if size <= SQLiteJobStore.checkedSizeMaxBytes {
                    try SQLiteJobStore.check(database)
                }
                try Schema.migrator.run(on: database)
                if size <= SQLiteJobStore.rebuiltSizeMaxBytes {
                    SQLiteJobStore.makeShrinkable(database)
                }
            }
            pool = try ReaderPool(path: path, count: readers)
        } catch let error as SQLiteError {
            throw StoreFailure.jobError(for: error, at: path)
        }
    }

    /// Opens a database for reading, while other processes may work on it.
    ///
    /// - Throws: as ``init(path:readers:)``.
    package init(reading path: String) throws {
        self.path = path
        writer = nil
        cache = JobCache()
        do {
            pool = try ReaderPool(path: path, count: 1, access: .plain)
            _ = try pool.read { try Schema.migrator.check($0) }
        } catch let error as SQLiteError {
            throw StoreFailure.jobError(for: error, at: path)
        }
    }

    /// Commits what is under way and closes the file; later calls throw ``JobError/stopping``.
    /// Blocks meanwhile.
    package func close() {
        cache.forget()
        // The writer last: the last connection folds the write-ahead log into the file.
        pool.close()
        writer?.close()
    }

    /// Copies one snapshot of a store's database into a new file and checks the copy. Any process
    /// may have the database open. Blocks meanwhile.
    ///
    /// - Throws: ``JobError/storeFailed(_:)``, saying what to do, also where there is a file of
    ///   that name.
    package static func backUp(_ path: String, to target: String) throws {
        do {
            try OnlineBackup.copy(path, to: target)
        } catch let error as SQLiteError {
            throw StoreFailure.jobError(for: error, at: target)
        }
    }

    package func probe() async throws {
        try read { database in
            try database.checkFile()
            _ = try database.number("SELECT 1 FROM download_jobs LIMIT 1")
        }
        moved.withLock { $0.isDone = false }
    }

    /// Sets the closure that is called with the reason when the file is found removed, replaced or
    /// cut, once until the file is in its place again. It must return at once.
    package func whenDatabaseMoves(_ report: @escaping @Sendable (_ reason: String) -> Void) {
        moved.withLock { $0.report = report }
    }

    private func failure(for error: SQLiteError) -> JobError {
        let failure = StoreFailure.jobError(for: error, at: path)
        guard case .databaseMoved(let reason) = failure else { return failure }
        let report = moved.withLock { moved in
            defer { moved.isDone = true }
            return moved.isDone ? nil : moved.report
        }
        report?(reason)
        return failure
    }

    /// Runs the body on the writing connection, outside of any transaction.
    func withWriter<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        guard let writer else { throw JobError.stopping }
        return try await writer.withConnection(body)
    }

    package func whenJobsChange(_ call: @escaping @Sendable (Set<JobID>) -> Void) {
        watch.listen(call)
    }

    /// How long the writer has been at work, and how much of that at committing; for benchmarks.
    package var writerTime: (busy: Duration, committing: Duration) {
        guard let statistics = writer?.statistics else { return (.zero, .zero) }
        return (statistics.busy, statistics.committing)
    }

    // MARK: For the extensions

    /// Reads on a connection of its own, without suspending.
    func read<Result: Sendable>(_ body: (Database) throws -> Result) throws -> Result {
        do {
            return try pool.read(body)
        } catch let error as SQLiteError {
            throw failure(for: error)
        }
    }

    /// Reads one snapshot, so that the results of several statements agree.
    func readSnapshot<Result: Sendable>(_ body: (Database) throws -> Result) throws -> Result {
        try read { database in try database.snapshot { try body(database) } }
    }

    /// Changes something, whole or not at all; returns when it is on disk. The body may run twice.
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        guard let writer else { preconditionFailure("\(path) was opened to be read") }
        do {
            return try await writer.write(body)
        } catch let error as SQLiteError {
            // It may have reached the disk or not.
            cache.forget()
            throw failure(for: error)
        }
    }

    /// Lets a file return free pages in small steps (sqlite.org/pragma.html#pragma_auto_vacuum).
    /// An error, such as of a full disk, loses nothing.
    private static func makeShrinkable(_ database: Database) {
        guard (try? database.number("PRAGMA auto_vacuum")) == 0 else { return }
        try? database.execute("PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
    }

    private static func check(_ database: Database) throws {
        let problems = try database.problems(thorough: false)
        guard problems.isEmpty else { throw StoreFailure.damage(problems.joined(separator: "; ")) }
    }
}
