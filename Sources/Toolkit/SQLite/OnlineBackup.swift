// A copy of a database that is being written meanwhile. It must not know what is in it.

import CSQLite
import Glibc
import Posix

/// Copies a live database into a new file.
package enum OnlineBackup {
    /// What a copy in the making has behind its name.
    static let partSuffix = ".part"

    /// Copies the database at `source`, as it is at one moment, to a new file that its owner
    /// and group may read, as far as umask lets them.
    ///
    /// The copy is checked, has reached the disk and then gets its name; a file that has it
    /// already is never touched. Blocks while it copies and checks; readers and the writer go on.
    ///
    /// - Throws: ``SQLiteError``. Nothing is left behind.
    package static func copy(_ source: String, to target: String) throws {
        try make(target) { part in
            // Not read-only: as the only connection, such a one could not clean up
            // after itself and would leave a write-ahead log behind.
            let reading = try Database(path: source, access: .plain)
            defer { reading.close() }
            try copyPages(of: reading, to: part)
        }
    }

    /// As ``copy(_:to:)``, of what a connection has open, whatever stands under its file's name.
    package static func copy(_ source: Database, to target: String) throws {
        try make(target) { try copyPages(of: source, to: $0) }
    }

    private static func make(_ target: String, _ copyPages: (String) throws -> Void) throws {
        guard access(target, F_OK) != 0 else { throw exists(target) }
        let part = target + partSuffix
        try create(part)
        do {
            try copyPages(part)
            try check(part)
            try publish(part, as: target)
        } catch {
            for suffix in ["", "-journal", "-wal", "-shm"] { unlink(part + suffix) }
            throw error
        }
    }

    /// Made before SQLite would, which would let everybody read it.
    private static func create(_ path: String) throws(SQLiteError) {
        try mapped("create \(path)") { () throws(SystemError) in
            let number = try syscall("open") {
                open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o640)
            }
            try FileDescriptor(owning: number).close()
        }
    }

    /// All pages in one step: that is one view of the data, and no other write makes it start
    /// again (sqlite.org/backup.html).
    private static func copyPages(of reading: Database, to part: String) throws {
        let writing = try Database(path: part, access: .plain)
        defer { writing.close() }
        let operation = "back up \(reading.path)"
        let target = try writing.checkedHandle(for: operation)
        let backup = sqlite3_backup_init(
            target, "main", try reading.checkedHandle(for: operation), "main")
        let stepped = backup.map { sqlite3_backup_step($0, -1) } ?? SQLITE_ERROR
        sqlite3_backup_finish(backup)
        guard stepped == SQLITE_DONE else {
            throw SQLiteError(
                code: stepped, message: String(cString: sqlite3_errmsg(target)),
                operation: operation)
        }
    }

    private static func check(_ part: String) throws {
        let copy = try Database(path: part, access: .plain)
        defer { copy.close() }
        // The copy inherits WAL mode; without it one file is the whole database.
        try copy.execute("PRAGMA journal_mode = DELETE")
        let problems = try copy.problems(thorough: true)
        guard problems.isEmpty else {
            throw SQLiteError(
                code: SQLITE_CORRUPT, message: problems.joined(separator: "; "),
                operation: "check \(part)")
        }
    }

    private static func publish(_ part: String, as target: String) throws(SQLiteError) {
        try mapped("publish \(target)") { () throws(SystemError) in
            try sync(part)
            // A second name instead of another one: link(2), unlike rename(2), never replaces.
            _ = try syscall("link") { link(part, target) }
            _ = try syscall("unlink") { unlink(part) }
            try sync(folder(of: target))
        }
    }

    static func sync(_ path: String) throws(SystemError) {
        let descriptor = FileDescriptor(
            owning: try syscall("open") { open(path, O_RDONLY | O_CLOEXEC) })
        _ = try syscall("fsync") { fsync(descriptor.number) }
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func exists(_ target: String) -> SQLiteError {
        SQLiteError(
            code: SQLITE_CANTOPEN, message: "there is a file already", operation: "create \(target)"
        )
    }
}
