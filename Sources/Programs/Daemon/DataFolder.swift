// The folders of the service: checks that the data root and the database can be used, and by one
// process only.

import Glibc
import Jobs
import Posix
import SQLiteStore

/// Why a folder that the service needs cannot be used, in words for its operator.
struct FolderError: Error, CustomStringConvertible {
    let variable: String
    let path: String
    let cause: SystemError

    var description: String {
        "the folder \(path) (\(variable)) cannot be used: \(cause.reason). Create it, make it writable for the "
            + "user that runs the service, or set \(variable) to another place"
    }
}

/// Another service works on the same database.
struct DatabaseTaken: Error, CustomStringConvertible {
    let path: String
    let holder: Int32?

    var description: String {
        let who = holder.map { "process \($0)" } ?? "another process"
        return
            "\(who) is using the database \(path) (DATABASE_URL). One service works on a database: "
            + "stop the other one, or set DATABASE_URL to another file"
    }
}

/// The file system of the database does not lock files.
struct LockRefused: Error, CustomStringConvertible {
    let path: String
    let fileSystem: FileSystemType?
    let cause: SystemError

    var description: String {
        let type = fileSystem.map { " of type \($0.name)" } ?? ""
        return
            "the database \(path) (DATABASE_URL) lies on a file system\(type) that does not lock "
            + "files (\(cause.reason)), so nothing keeps a second service from it. Put the database "
            + "on a local disk; the datasets may stay where they are"
    }
}

/// The database may be another one than before, or one that lost its content.
enum DatabaseInDoubt: Error, CustomStringConvertible {
    case isNoFile(path: String)
    case hasFurtherNames(path: String)
    case isEmptied(path: String, backups: String)
    case isElsewhere(path: String, other: String)

    var description: String {
        switch self {
        case .isNoFile(let path):
            "the database \(path) (DATABASE_URL) is a folder or a device. Name a file, such as "
                + "\(path)/downloads.db in that folder"
        case .hasFurtherNames(let path):
            // sqlite.org/howtocorrupt.html, section 2.5.
            "the database \(path) (DATABASE_URL) has further names (hard links), and who uses it "
                + "under another one damages it. Remove the other names: `find . -samefile "
                + "\(path)` lists them"
        case .isElsewhere(let path, let other):
            "there is no database \(path) (DATABASE_URL), but there is \(other). To go on with "
                + "that one, set DATABASE_URL=\(other); to begin anew, give the new one another name, "
                + "or move the other one away"
        case .isEmptied(let path, let backups):
            "the database \(path) (DATABASE_URL) is empty, and there are backups of it in "
                + "\(backups). Bring the newest one back with `make restore-db` (download-service "
                + "restore); or remove the empty file to begin anew"
        }
    }
}

/// Opens and makes the service's folders.
enum DataFolder {
    /// The data root, made where it is missing.
    static func open(_ path: String) throws(FolderError) -> ConfinedFolder {
        do {
            let folder = try ConfinedFolder(root: path)
            try folder.checkIsWritable()
            return folder
        } catch {
            throw FolderError(variable: "DEFAULT_OUTPUT_PATH", path: path, cause: error)
        }
    }

    /// The folder that a database lies in, made where it is missing.
    static func openParent(ofDatabase path: String) throws(FolderError) -> ConfinedFolder {
        let parent = parent(of: path)
        do {
            return try ConfinedFolder(root: parent)
        } catch {
            throw FolderError(variable: "DATABASE_URL", path: parent, cause: error)
        }
    }

    /// Locks a database, under every path to it, for this process.
    ///
    /// - Throws: ``DatabaseTaken``; ``DatabaseInDoubt``; ``FolderError`` where its folder cannot be
    ///   written.
    static func claim(database path: String) throws -> ProcessLock {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw DatabaseInDoubt.isNoFile(path: path)
            }
            guard status.st_nlink <= 1 else { throw DatabaseInDoubt.hasFurtherNames(path: path) }
        }
        do {
            return try ProcessLock(ResolvedPath.of(path) + ".lock")
        } catch let error as ProcessLock.Held {
            throw DatabaseTaken(path: path, holder: error.holder)
        } catch let error as SystemError where error.call == "flock" {
            throw LockRefused(path: path, fileSystem: FileSystemType(of: path), cause: error)
        } catch let error as SystemError {
            throw FolderError(
                variable: "DATABASE_URL", path: parent(of: path), cause: error)
        }
    }

    /// Locks the database for this process, and checks that it was not emptied.
    ///
    /// - Throws: as ``claim(database:)``.
    static func claim(_ settings: Settings) throws -> ProcessLock {
        let claim = try claim(database: settings.databasePath)
        try checkIsNotEmptied(database: settings.databasePath, backups: settings.backupFolder)
        return claim
    }

    /// A database of no bytes is a new one to SQLite, and all jobs would seem never to have been.
    ///
    /// - Throws: ``DatabaseInDoubt`` where it cannot be new.
    private static func checkIsNotEmptied(database path: String, backups: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size == 0,
            try DatabaseBackups(of: path, in: backups).hasAny
        else { return }
        throw DatabaseInDoubt.isEmptied(path: path, backups: backups)
    }

    /// Makes sure that no new database is begun in silence beside the one that was meant.
    ///
    /// - Returns: what to say about databases that are there and are not used.
    /// - Throws: ``DatabaseInDoubt`` where a database of the same name lies in another usual
    ///   folder: a relative path means the working folder, as it did to the predecessor.
    static func warningsOfNewDatabase(_ settings: Settings) throws -> [String] {
        let path = settings.databasePath
        guard !isDatabase(path) else { return [] }
        let own = ResolvedPath.of(path)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let folders = ["", "data/", folder, folder + "data/", folder + "../"]
        func others(named name: String) -> [String] {
            folders.map { $0 + name }.filter { isDatabase($0) && ResolvedPath.of($0) != own }
        }
        if let other = others(named: name).first {
            throw DatabaseInDoubt.isElsewhere(path: path, other: other)
        }
        var warnings = others(named: "downloads.db").prefix(1).map { other in
            "a new database is begun at \(path) (DATABASE_URL); \(other) is there and is not used"
        }
        if try DatabaseBackups(of: path, in: settings.backupFolder).hasAny {
            warnings.append(
                "a new database is begun at \(path) (DATABASE_URL), though there are backups of an "
                    + "earlier one in \(settings.backupFolder): `make restore-db` "
                    + "(download-service restore) brings the newest back")
        }
        return warnings
    }

    /// Whether there is a database with something in it.
    private static func isDatabase(_ path: String) -> Bool {
        let beginning = Array("SQLite format 3\0".utf8)
        let found = try? FileContent.of(path, atMost: beginning.count)
        return found?.starts(with: beginning) == true
    }

    /// The folder that a file lies in.
    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    }

    /// The working directory: what relative settings start from.
    static var working: String? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }
}

extension ConfinedFolder {
    /// Whether these folders, one inside the other from here on, lead out through a link. Folders
    /// that do not exist yet lead nowhere. Blocks while the disk looks the names up.
    func isLeft(by components: [String]) -> Bool {
        do {
            _ = try folder(components.joined(separator: "/"), creating: false)
            return false
        } catch {
            return error.leavesFolder
        }
    }
}
