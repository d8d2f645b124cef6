// One connection to a SQLite file, with its cache of prepared statements. It must not know what is
// stored in it.

import CSQLite
import Dispatch
import Glibc

/// A connection. Confined to one thread at a time: to ``owner`` where it has one, else to whoever
/// holds the lock around it.
package final class Database {
    /// What a connection may do.
    package enum Access: Sendable {
        /// Reads and writes; the file is created where it is missing.
        case readWrite
        /// Reads only; the file must exist.
        case readOnly
        /// Reads and writes an existing file in whatever mode it is, such as a copy in the making.
        case plain
    }

    /// How long an operation waits for another connection's lock, in milliseconds: longer than any
    /// transaction of ours, shorter than a client's patience.
    package static let busyTimeoutMilliseconds: Int32 = 5_000

    /// Pages in the WAL file after which they are copied into the database: 16 MiB of them. A busy
    /// writer changes the same few hundred pages again and again, and with SQLite's 1,000 it copied
    /// and synced them nine times a second.
    static let checkpointPages = 4_000

    /// The WAL file is cut back to this size after a checkpoint, in bytes. We checkpoint every
    /// 16 MiB; a log of 64 MiB means that a reader has held it open, and need not stay.
    static let journalSizeLimitBytes = 64 << 20

    /// Pages that a writing connection keeps, in KiB. With SQLite's 2 MiB the pages of four indexes
    /// push each other out: a change of one row then takes half as long again.
    static let writerCacheKiB = 16 << 10

    /// Once, before the first connection; where somebody else in the process was quicker, memory is
    /// counted, and nothing else is different.
    private static let isConfigured = csqlite_forgo_memory_statistics() == SQLITE_OK

    package let path: String
    /// The queue that this connection is confined to; checked in debug builds.
    var owner: DispatchQueue?
    private var handle: OpaquePointer?
    private var statements: [StatementText: Statement] = [:]
    /// What is known of the file in its place.
    var fileCheck = OpenFileCheck()
    /// Where changed rows are noted, for as long as the connection is open.
    var changeNotes: ChangeNotes?

    /// Opens the file.
    ///
    /// A connection for writing is in WAL mode with `synchronous=FULL`: only that combination kept
    /// every commit through a power cut (sqlite.org/pragma.html#pragma_synchronous).
    ///
    /// - Throws: ``SQLiteError``, also where the file is no database.
    package init(path: String, access: Access) throws {
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
            try configure(access)
        } catch {
            close()
            throw error
        }
    }

    deinit {
        close()
    }

    /// Makes a missing file before SQLite would, which would let everybody read it; what SQLite
    /// puts beside it gets the same mode. What fails here fails there, with SQLite's words.
    private static func create(_ path: String) {
        let number = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        if number >= 0 { Glibc.close(number) }
    }

    /// Closes the connection; every later operation is refused. Closing twice is fine.
    package func close() {
        statements.removeAll()
        // Folding a log that is not whole into the file would destroy that, and SQLite removes the
        // log by its name, which may be another database's by now.
        if let handle, fileCheck.mustKeepLog(of: handle) { _ = csqlite_keep_log(handle) }
        // v2 waits for a statement that is still borrowed instead of leaking the connection.
        sqlite3_close_v2(handle)
        handle = nil
    }

    /// Whether a transaction is open. SQLite may end one by itself, such as when the disk is full.
    package var isInTransaction: Bool {
        handle.map { sqlite3_get_autocommit($0) == 0 } ?? false
    }

    /// How many rows the last statement changed.
    package var changes: Int {
        handle.map { Int(sqlite3_changes64($0)) } ?? 0
    }

    /// The rowid of the row that was inserted last, not by a trigger; 0 before there was one.
    package var lastInsertedRow: Int64 {
        handle.map { sqlite3_last_insert_rowid($0) } ?? 0
    }

    /// Runs statements that take no values and whose rows are of no interest, one after the other.
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

    /// Runs a statement and reads its first row, `nil` where there is none.
    package func first<Element>(
        _ text: String, _ values: [SQLValue] = [], _ read: (borrowing Row) throws -> Element
    ) throws -> Element? {
        let statement = try borrow(text)
        defer { giveBack(statement) }
        return try statement.first(values, read)
    }

    /// Lends a statement that is run many times in a row.
    package func withStatement<Result>(
        _ text: String, _ body: (Statement) throws -> Result
    ) throws -> Result {
        let statement = try borrow(text)
        defer { giveBack(statement) }
        return try body(statement)
    }

    /// The number in the first column of the first row; 0 where there is none.
    package func number(_ text: String, _ values: [SQLValue] = []) throws -> Int64 {
        try first(text, values) { $0.integer(0) } ?? 0
    }

    /// What is wrong with the file, the first few findings; empty where nothing is.
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

    /// Lends a statement of the cache; where it is lent already, as when the same text is used
    /// within its own rows, one that is not kept.
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

    private func configure(_ access: Access) throws {
        let handle = try checkedHandle(for: "configure")
        sqlite3_busy_timeout(handle, Database.busyTimeoutMilliseconds)
        try execute(
            """
            PRAGMA foreign_keys = ON;
            PRAGMA trusted_schema = OFF;
            PRAGMA cell_size_check = ON;
            """)
        // Before the first look: a log cannot even be read where nothing may be written beside it.
        guard access != .readWrite || sqlite3_db_readonly(handle, "main") == 0 else {
            throw SQLiteError(
                code: SQLITE_READONLY, message: "attempt to write a readonly database",
                operation: "open \(path)")
        }
        // The first look at the file: this is where one that is no database is refused.
        try run("SELECT count(*) FROM sqlite_schema")
        guard access == .readWrite else { return fileCheck.noteLog(of: handle) }
        // Counts for a new file only, and only before anything else is written to it.
        try execute("PRAGMA auto_vacuum = INCREMENTAL")
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

    /// Durability rests on these two settings, so they are looked at rather than believed.
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
/// hashing them takes longer than telling one from the few others of its length, and the same
/// constant is equal by its address alone.
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
