// A folder of numbered copies of one database.

import Glibc
import Posix

/// Copies named `STEM-STAMP-NUMBER.db`, such as `downloads-20251113T102030Z-42.db`, in the order of
/// their numbers, which a wrong clock does not change. Copies without a number were made by earlier
/// versions, and are older than all others.
package struct BackupFolder: Sendable {
    /// One copy.
    package struct Backup: Hashable, Sendable {
        /// The file name.
        package let name: String
        package let path: String
        /// The part of the name with the time of its making.
        package let stamp: String
        /// Its position in the order of all copies; 0 without a number.
        package let number: Int64
    }

    package let path: String
    private let stem: String

    /// - Parameter path: created with the first copy.
    package init(path: String, stem: String) {
        self.path = path
        self.stem = stem
    }

    /// The copies, newest first; none without the folder.
    ///
    /// - Parameter now: of copies without a number, those with a later stamp are the oldest: they
    ///   were made while the clock was wrong.
    /// - Throws: ``SQLiteError`` if the folder cannot be read.
    package func entries(now: String) throws(SQLiteError) -> [Backup] {
        guard access(path, F_OK) == 0 else { return [] }
        let found = try mapped("read \(path)") { () throws(SystemError) in
            try ConfinedFolder(root: path, creating: false).names.compactMap(backup(named:))
        }
        func rank(_ entry: Backup) -> (Int64, Int, String) {
            (entry.number, entry.stamp > now ? 0 : 1, entry.stamp)
        }
        return found.sorted { rank($0) > rank($1) }
    }

    /// Makes a copy in the folder.
    ///
    /// - Parameters:
    ///   - stamp: of digits and letters.
    ///   - number: higher than those of all existing copies.
    ///   - copy: makes it at the given path.
    /// - Throws: ``SQLiteError``; no file is left behind then.
    package func add(
        stamp: String, number: Int64, copy: (String) throws -> Void
    ) throws -> Backup {
        try mapped("create \(path)") { () throws(SystemError) in
            _ = try ConfinedFolder(root: path)
        }
        let name = "\(stem)-\(stamp)-\(number).db"
        let entry = Backup(name: name, path: "\(path)/\(name)", stamp: stamp, number: number)
        try copy(entry.path)
        return entry
    }

    /// Removes all copies but the newest, and unfinished copies that crashes have left.
    ///
    /// - Returns: the names of the removed copies.
    package func prune(keeping count: Int, now: String) throws(SQLiteError) -> [String] {
        precondition(count > 0, "the newest copy is kept")
        let old = try entries(now: now).dropFirst(count).map(\.name)
        return try mapped("remove old backups in \(path)") { () throws(SystemError) in
            let folder = try ConfinedFolder(root: path, creating: false)
            let parts = try folder.names.filter { name in
                name.hasPrefix(stem + "-") && name.contains(".db" + OnlineBackup.partSuffix)
            }
            for name in old + parts { try folder.remove(name) }
            return old
        }
    }

    private func backup(named name: String) -> Backup? {
        guard name.hasPrefix(stem + "-"), name.hasSuffix(".db") else { return nil }
        let parts = name.dropFirst(stem.count + 1).dropLast(3)
            .split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let stamp = parts.first, !stamp.isEmpty,
            stamp.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
        else { return nil }
        var number: Int64 = 0
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let found = Int64(parts[1]), found > 0
            else { return nil }
            number = found
        }
        return Backup(name: name, path: "\(path)/\(name)", stamp: String(stamp), number: number)
    }
}
