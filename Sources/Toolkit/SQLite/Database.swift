// One connection to a SQLite file, with its cache of prepared statements.

import CSQLite
import Dispatch
import Glibc

/// A connection. Confined to one thread at a time: to ``owner`` if it has one, else to the holder
/// of the lock around it.
package final class Database {
    /// The access of a connection.
    package enum Access: Sendable {
        /// Reads and writes; a missing file is created.
        case readWrite
        /// Reads only; the file must exist.
        case readOnly
        /// Reads and writes an existing file in any journal mode, such as an unfinished copy.
        case plain
    }

    /// How long an operation waits for another connection's lock: longer than any transaction of
    /// the service, shorter than a client's time-out.
    static let busyTimeoutMilliseconds: Int32 = 5_000

    /// Pages in the WAL file after which they are copied into the database: 16 MiB of them. A busy
    /// writer changes the same few hundred pages again and again, and with SQLite's 1,000 it copied
    /// and synced them nine times a second.
    static let checkpointPages = 4_000

    /// The WAL file is truncated to this size after a checkpoint. Checkpoints happen every 16 MiB;
    /// a log of 64 MiB means that a reader has held it open, and need not stay.
    static let journalSizeLimitBytes = 64 << 20

    /// The page cache of a writing connection. With SQLite's 2 MiB the pages of four indexes evict
    /// each other, and a change of one row takes half as long again.
    static let writerCacheKiB = 16 << 10

    /// Set once, before the first connection. If SQLite is initialised already, memory is counted,
    /// with no other effect.
    private static let isConfigured = csqlite_forgo_memory_statistics() == SQLITE_OK

    package let path: String
    /// The queue that this connection is confined to; checked in debug builds.
    var owner: DispatchQueue?
    private var handle: OpaquePointer?
    private var statements: [StatementText: Statement] = [:]
    /// Checks that the open file is still in its place.
    var fileCheck = OpenFileCheck()
    /// Records changed rows while the connection is open.
    var changeRecorder: ChangeRecorder?

    /// Opens the file.
    ///
    /// A connection for writing is in WAL mode with `synchronous=FULL`: only that combination kept
    /// every commit through a power cut (sqlite.org/pragma.html#pragma_synchronous).
    ///
    /// - Parameter check: refuses a file by throwing. It runs before anything is changed: WAL mode
    ///   is part of the file.
    /// - Throws: ``SQLiteError``, also if the file is no database; what the check throws.
    package init(
        path: String, access: Access, checking check: (Database) throws -> Void = { _ in }
    ) throws {
        precondition(sqlite3_threadsafe() != 0, "SQLite is built for one thread")
        _ = Database.isConfigured
        self.path = path
        let opening =
            switch access {
            case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .readOnly: SQLITE_OPEN_READONLY
            case .plain: SQLITE_OPEN_READWRITE
            }
        let flags = opening | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        // A path and nothing else: SQLite takes "file:x" for a URI, and ":memory:" for no file.
        let name = path.utf8.first == UInt8(ascii: "/") ? path : "./\(path)"
        if access == .readWrite { Database.create(name) }
        let code = sqlite3_open_v2(name, &handle, flags, nil)
        guard code == SQLITE_OK else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close(handle)
            handle = nil
            throw SQLiteError(code: code, message: message, operation: "open \(path)")
        }
        do {
            try configure(access, check)
        } catch {
            close()
            throw error
        }
    }

    deinit {
        close()
    }

    /// Creates a missing file first: SQLite would make it readable for all users, and gives its log
    /// files the same mode. A failure here is repeated by SQLite, in its words.
    private static func create(_ path: String) {
        let number = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        if number >= 0 { Glibc.close(number) }
    }

    /// Closes the connection; every later operation is refused. Closing twice is allowed.
    package func close() {
        statements.removeAll()
        // Copying an incomplete log into the file would destroy the file, and SQLite removes the
        // log by its name, which may be another database's by now.
        if let handle, fileCheck.mustKeepLog(of: handle) { _ = csqlite_keep_log(handle) }
        // v2 waits for a statement that is still in use instead of leaking the connection.
        sqlite3_close_v2(handle)
        handle = nil
    }

    /// Whether a transaction is open. SQLite may end one by itself, such as when the disk is full.
    package var isInTransaction: Bool {
        handle.map { sqlite3_get_autocommit($0) == 0 } ?? false
    }

    /// Rows changed by the last statement.
    package var changes: Int {
        handle.map { Int(sqlite3_changes64($0)) } ?? 0
    }

    /// The rowid of the last row inserted, except by triggers; 0 before the first.
    package var lastInsertedRow: Int64 {
        handle.map { sqlite3_last_insert_rowid($0) } ?? 0
    }

    /// Runs statements without values one after the other, ignoring their rows.
    package func execute(_ script: String) throws(SQLiteError) {
        let handle = try checkedHandle(for: script)
        let code = sqlite3_exec(handle, script, nil, nil, nil)
        guard code == SQLITE_OK else {
            throw SQLiteError(
                code: code, message: String(cString: sqlite3_errmsg(handle)), operation: script)
        }
    }

    /// Runs a statement to its end.
    package func run(_ text: String, _ values: [SQLValue] = []) throws(SQLiteError) {
        let statement = try borrow(text)
        defer { giveBack(statement) }
        try statement.run(values)
    }

    /// Runs a statement and reads every row.
    package func rows<Element>(
        _ text: String, _ values: [SQLValue] = [], _ read: (borrowing Row) throws -> Element
    ) throws -> [Element] {
        let statement = try borrow(text)
        defer { giveBack(statement) }
        return try statement.rows(values, read)
    }

    /// Runs a statement and reads its first row, `nil` if there is none.
    package func first<Element>(
        _ text: String, _ values: [SQLValue] = [], _ read: (borrowing Row) throws -> Element
    ) throws -> Element? {
        let statement = try borrow(text)
        defer { giveBack(statement) }
        return try statement.first(values, read)
    }

    /// Lends a statement for many runs.
    package func withStatement<Result>(
        _ text: String, _ body: (Statement) throws -> Result
    ) throws -> Result {
        let statement = try borrow(text)
        defer { giveBack(statement) }
        return try body(statement)
    }

    /// The number in the first column of the first row; 0 if there is none.
    package func number(_ text: String, _ values: [SQLValue] = []) throws -> Int64 {
        try first(text, values) { $0.integer(0) } ?? 0
    }

    /// The first few problems of the file; empty if it is sound.
    ///
    /// - Parameter thorough: also compares every index with its table, which takes several times
    ///   as long (`integrity_check` instead of `quick_check`).
    package func problems(thorough: Bool) throws -> [String] {
        let check = thorough ? "PRAGMA integrity_check(5)" : "PRAGMA quick_check(5)"
        do {
            return try rows(check) { $0.text(0) }.filter { $0 != "ok" }
        } catch let error as SQLiteError where error.reason == .corrupt {
            // Some damage stops the check itself.
            return [error.message]
        }
    }

    // MARK: Inside the target

    /// The handle, for the operations that need the C interface.
    func checkedHandle(for operation: String) throws(SQLiteError) -> OpaquePointer {
        checkConfinement()
        guard let handle else { throw .closed(operation) }
        return handle
    }

    /// Lends a statement of the cache, or a new one that is not kept if the cached one is in use,
    /// as when the same text is run within its own rows.
    private func borrow(_ text: String) throws(SQLiteError) -> Statement {
        let handle = try checkedHandle(for: text)
        if let statement = statements[StatementText(text)] {
            if statement.isLent { return try Statement(text, on: handle) }
            statement.isLent = true
            return statement
        }
        let statement = try Statement(text, on: handle)
        statement.isLent = true
        statements[StatementText(text)] = statement
        return statement
    }

    private func giveBack(_ statement: Statement) {
        statement.isLent = false
    }

    private func checkConfinement() {
        #if DEBUG
        if let owner { dispatchPrecondition(condition: .onQueue(owner)) }
        #endif
    }

    private func configure(_ access: Access, _ check: (Database) throws -> Void) throws {
        let handle = try checkedHandle(for: "configure")
        sqlite3_busy_timeout(handle, Database.busyTimeoutMilliseconds)
        try execute(
            """
            PRAGMA foreign_keys = ON;
            PRAGMA trusted_schema = OFF;
            PRAGMA cell_size_check = ON;
            """)
        // Before the first read: a log cannot be read in a folder that is not writable.
        guard access != .readWrite || sqlite3_db_readonly(handle, "main") == 0 else {
            throw SQLiteError(
                code: SQLITE_READONLY, message: "attempt to write a readonly database",
                operation: "open \(path)")
        }
        // The first read of the file: SQLite refuses here what is no database.
        try run("SELECT count(*) FROM sqlite_schema")
        try check(self)
        guard access == .readWrite else { return fileCheck.rememberLog(of: handle) }
        // Effective for a new file only, before any other write; another is not to be touched.
        if try number("PRAGMA page_count") == 0 {
            try execute("PRAGMA auto_vacuum = INCREMENTAL")
        }
        try expect("wal", of: "PRAGMA journal_mode = WAL")
        try execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA journal_size_limit = \(Database.journalSizeLimitBytes);
            PRAGMA cache_size = -\(Database.writerCacheKiB);
            PRAGMA wal_autocheckpoint = \(Database.checkpointPages);
            """)
        try expect("2", of: "PRAGMA synchronous")
        try checkFile()
    }

    /// Durability depends on these two settings, so they are verified.
    private func expect(_ value: String, of pragma: String) throws {
        let found = try first(pragma) { $0.text(0) }
        guard found == value else {
            // A file system without shared memory keeps SQLite from having a write-ahead log.
            let code = value == "wal" ? SQLiteError.sharedMemoryCode : SQLITE_ERROR
            throw SQLiteError(
                code: code, message: "it stays \(found ?? "unset")", operation: pragma)
        }
    }
}

/// A statement's text as a key. Texts have some hundred bytes, and nearly all are constants:
/// hashing one takes longer than comparing it with the few others of its length, and equal
/// constants share an address.
private struct StatementText: Hashable {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(text.utf8.count)
    }
}

/// A connection belongs to one thread at a time.
@available(*, unavailable)
extension Database: Sendable {}
