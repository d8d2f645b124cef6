// Copies of a live database, and putting one in the place of a database.

import CSQLite
import Glibc
import Posix

/// Copies a live database into a new file.
package enum OnlineBackup {
    /// The suffix of an unfinished copy.
    static let partSuffix = ".part"

    /// Copies one consistent state of the database at `source` to a new file that its owner and
    /// group may read, within umask.
    ///
    /// The copy is checked and synced before it gets its name; an existing file of that name is
    /// never touched. Blocks while it copies and checks; readers and the writer go on.
    ///
    /// - Throws: ``SQLiteError``; no file is left behind then.
    package static func copy(_ source: String, to target: String) throws {
        try make(target) { part in
            // Not read-only: a read-only connection that is the last one cannot remove the
            // write-ahead log.
            let reading = try Database(path: source, access: .plain)
            defer { reading.close() }
            try copyPages(of: reading, to: part)
        }
    }

    /// As ``copy(_:to:)``, of the file that a connection has open, even if it lost its name.
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

    /// Creates the file first: SQLite would make it readable for all users.
    private static func create(_ path: String) throws(SQLiteError) {
        try mapped("create \(path)") { () throws(SystemError) in
            let number = try syscall("open") {
                open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o640)
            }
            try FileDescriptor(owning: number).close()
        }
    }

    /// All pages in one step, which is one view of the data that no other write restarts
    /// (sqlite.org/backup.html).
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
            // link(2), unlike rename(2), never replaces a file.
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

/// Replaces a database that no process has open.
package enum DatabaseRestore {
    /// The files that SQLite keeps beside a database; the database itself last.
    private static let suffixes = ["-shm", "-wal", "-journal", ""]

    /// Checks a copy, and replaces a database by a copy of it. The old database and its log files
    /// are renamed, never removed.
    ///
    /// The copy takes its place by one rename: a crash leaves the old database, the new one, or,
    /// between two renames, none; running it again is correct in all three cases.
    ///
    /// - Parameters:
    ///   - source: the copy, which stays.
    ///   - target: the database; it need not exist.
    ///   - stamp: becomes part of the new name of the old database.
    ///   - prepare: changes the new database before it takes its place.
    /// - Returns: the new path of the old database, `nil` if there was none.
    /// - Throws: ``SQLiteError``; if the copy is damaged, no file was touched.
    package static func put(
        _ source: String, inPlaceOf target: String, stamp: String,
        prepare: (Database) throws -> Void
    ) throws -> String? {
        // A symbolic link stays; its target is replaced.
        let target = ResolvedPath.of(target)
        let new = "\(target).restoring"
        // Left by an earlier crash.
        for suffix in [OnlineBackup.partSuffix, ""] + suffixes { unlink(new + suffix) }
        // This also checks the source.
        try OnlineBackup.copy(source, to: new)
        do {
            let database = try Database(path: new, access: .plain)
            defer { database.close() }
            try prepare(database)
        } catch {
            unlink(new)
            throw error
        }
        let aside = "\(target).broken-\(stamp)"
        var isPutAside = false
        try mapped("put \(target) aside") { () throws(SystemError) in
            for suffix in suffixes where access(target + suffix, F_OK) == 0 {
                try syscall("rename") { rename(target + suffix, aside + suffix) }
                isPutAside = true
            }
            try OnlineBackup.sync(new)
            try syscall("rename") { rename(new, target) }
            try OnlineBackup.sync(OnlineBackup.folder(of: target))
        }
        return isPutAside ? aside : nil
    }

    /// The problems of a copy; empty if it is sound.
    package static func problems(of path: String) -> [String] {
        do {
            let database = try Database(path: path, access: .readOnly)
            defer { database.close() }
            return try database.problems(thorough: true)
        } catch {
            return ["\(error)"]
        }
    }
}
