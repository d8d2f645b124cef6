// Puts a copy of a database in its place. It must not know which copy is the right one.

import CSQLite
import Glibc
import Posix

/// Replaces a database that nobody has open.
package enum DatabaseRestore {
    /// What SQLite keeps beside a database; the database itself last.
    private static let suffixes = ["-shm", "-wal", "-journal", ""]

    /// Proves a copy, and puts a copy of it in the place of a database. What was there is put aside
    /// with all that belongs to it, and never removed.
    ///
    /// The copy takes its place by one rename: a crash leaves the old database, the new one, or,
    /// for a moment between two renames, none; running it again is right in all three cases.
    ///
    /// - Parameters:
    ///   - source: the copy, which stays.
    ///   - target: the database; there need not be one.
    ///   - stamp: becomes part of the name of what is put aside.
    ///   - prepare: changes the new database before it takes its place.
    /// - Returns: the path of what was put aside, `nil` where there was nothing.
    /// - Throws: ``SQLiteError``; where the copy is damaged nothing has been touched.
    package static func put(
        _ source: String, inPlaceOf target: String, stamp: String,
        prepare: (Database) throws -> Void
    ) throws -> String? {
        // A link stays one: what it leads to is replaced.
        let target = ResolvedPath.of(target)
        let new = "\(target).restoring"
        // Left by a crash, and complete at best.
        for suffix in [OnlineBackup.partSuffix, ""] + suffixes { unlink(new + suffix) }
        // The backup is proven on the way; so is a source that is no database at all.
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

    /// What is wrong with a copy; empty where nothing is.
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
