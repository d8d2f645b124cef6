// The folders that must exist before anything else: the data root, and the database's own.

import Glibc
import Jobs
import Posix

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

/// Opens and makes the service's folders.
enum DataFolder {
    /// The data root, made where it is missing.
    static func open(_ path: String) throws(FolderError) -> ConfinedFolder {
        do {
            return try ConfinedFolder(root: path)
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

    /// Makes sure that nobody else works on a database.
    ///
    /// - Throws: ``DatabaseTaken``; ``FolderError`` where its folder cannot be written.
    static func claim(database path: String) throws -> ProcessLock {
        do {
            return try ProcessLock(path + ".lock")
        } catch let error as ProcessLock.Held {
            throw DatabaseTaken(path: path, holder: error.holder)
        } catch let error as SystemError {
            throw FolderError(
                variable: "DATABASE_URL", path: parent(of: path), cause: error)
        }
    }

    private static func parent(of path: String) -> String {
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
