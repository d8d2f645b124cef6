// A folder of dated copies of one database. It must not know when they are made.

import Glibc
import Posix

/// Copies named `STEM-STAMP.db`, where stamps sort as text in the order of time, such as
/// `downloads-20251113T102030Z.db`.
package struct BackupFolder: Sendable {
    /// One copy.
    package struct Entry: Hashable, Sendable {
        /// Its name in the folder.
        package let name: String
        package let path: String
        /// The part of its name that says when it was made.
        package let stamp: String
    }

    package let path: String
    private let stem: String

    /// - Parameter path: made when the first copy is.
    package init(path: String, stem: String) {
        self.path = path
        self.stem = stem
    }

    /// The copies, newest first; none where there is no folder.
    ///
    /// - Throws: ``SQLiteError`` where the folder cannot be read.
    package func entries() throws(SQLiteError) -> [Entry] {
        guard access(path, F_OK) == 0 else { return [] }
        return try mapped("read \(path)") { () throws(SystemError) in
            try ConfinedFolder(root: path, creating: false).names.compactMap(entry(named:))
                .sorted { $0.stamp > $1.stamp }
        }
    }

    /// Copies a database into the folder, proven.
    ///
    /// - Parameter stamp: of digits and letters.
    /// - Throws: ``SQLiteError``; nothing is left behind then.
    package func copy(_ source: String, stamp: String) throws -> Entry {
        try mapped("create \(path)") { () throws(SystemError) in
            _ = try ConfinedFolder(root: path)
        }
        let name = "\(stem)-\(stamp).db"
        let entry = Entry(name: name, path: "\(path)/\(name)", stamp: stamp)
        try OnlineBackup.copy(source, to: entry.path)
        return entry
    }

    /// Removes all copies but the newest, and what crashes have left of copies in the making.
    ///
    /// - Returns: the names of the copies that went.
    package func prune(keeping count: Int) throws(SQLiteError) -> [String] {
        precondition(count > 0, "the newest copy is kept")
        let old = try entries().dropFirst(count).map(\.name)
        return try mapped("remove old backups in \(path)") { () throws(SystemError) in
            let folder = try ConfinedFolder(root: path, creating: false)
            let parts = try folder.names.filter { name in
                name.hasPrefix(stem + "-") && name.contains(".db" + OnlineBackup.partSuffix)
            }
            for name in old + parts { try folder.remove(name) }
            return old
        }
    }

    private func entry(named name: String) -> Entry? {
        guard name.hasPrefix(stem + "-"), name.hasSuffix(".db") else { return nil }
        let stamp = name.dropFirst(stem.count + 1).dropLast(3)
        guard !stamp.isEmpty, stamp.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
        else { return nil }
        return Entry(name: name, path: "\(path)/\(name)", stamp: String(stamp))
    }
}
