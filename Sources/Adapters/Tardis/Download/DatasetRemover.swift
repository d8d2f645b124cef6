// Removes dataset files that jobs have published, each under the file's lock, so that no other task
// looks for it, links it or writes it meanwhile; and folders that the service has made.

import Bytes
import Concurrency
import Crypto
import Datasets
import Dispatch
import Glibc
package import Jobs
import Posix

/// Removes files below the data root if they are still what was published.
package final class DatasetRemover: FileRemoving {
    private let root: DataRoot
    private let fileLock: FileLock
    private let madeFolders: MadeFolders
    private let queue = DispatchQueue(label: "tardis.removal")

    /// - Parameters:
    ///   - fileLock: shared with all other users of the files.
    ///   - facts: remembers the service's own folders.
    init(root: DataRoot, fileLock: FileLock, facts: (any KeyValueStore)? = nil) {
        self.root = root
        self.fileLock = fileLock
        madeFolders = MadeFolders(root: root, facts: facts)
    }

    /// A remover for a process that does nothing else with the files.
    package convenience init(root: DataRoot, facts: (any KeyValueStore)? = nil) {
        self.init(root: root, fileLock: FileLock(), facts: facts)
    }

    package func removeEmptyFolders(_ folder: String) async -> Int {
        guard var components = try? OutputPath(folder, below: root).components else { return 0 }
        var count = 0
        while !components.isEmpty {
            let inode = await madeFolders.inode(of: components)
            let result = await queue.run { [root, components] in
                EmptyFolder(root: root.text, components: components).remove(ifMadeAs: inode)
            }
            guard result != .kept else { break }
            if inode != nil { await madeFolders.forget(components) }
            if result == .removed { count += 1 }
            components.removeLast()
        }
        return count
    }

    package func remove(
        _ file: PublishedFile, unless users: @Sendable () async -> FileReferences?
    ) async -> FileRemoval {
        guard let path = try? OutputPath(file.folder, below: root) else {
            // Not below the data root: not the service's file.
            return .changed
        }
        let removal = await fileLock.withLock(on: file.file) {
            await removeLocked(file, at: path, unless: users)
        }
        return removal ?? .failed("the service is stopping")
    }

    private func removeLocked(
        _ file: PublishedFile, at path: OutputPath,
        unless users: @Sendable () async -> FileReferences?
    ) async -> FileRemoval {
        // Asked under the lock: a job that used the file before is in the database with it, or has
        // not ended.
        guard let users = await users() else { return .failed("the store does not answer") }
        if users.isWanted { return .wanted }
        let root = root
        let others = users.folders.compactMap { try? OutputPath($0, below: root) }
        // A path that cannot be read may be this very folder.
        guard others.count == users.folders.count else { return .shared }
        return await queue.run {
            do throws(SystemError) {
                return try DatasetRemoval(file, below: root.text).run(at: path, others: others)
            } catch {
                return .failed("\(error)")
            }
        }
    }
}

/// A folder that may be empty. Blocks while the disk works.
private struct EmptyFolder {
    enum Removal {
        case removed
        /// The folder did not exist.
        case missing
        case kept
    }

    let root: String
    let components: [String]

    /// - Parameter inode: the folder's number when the service made it; `nil` if it did not.
    func remove(ifMadeAs inode: UInt64?) -> Removal {
        guard let name = components.last else { return .kept }
        do throws(SystemError) {
            let parent = try ConfinedFolder(root: root, creating: false)
                .folder(components.dropLast().joined(separator: "/"), creating: false)
            guard let entry = try parent.status(of: name) else { return .missing }
            guard entry.isFolder, let inode, entry.identity.inode == inode,
                try parent.removeFolder(name)
            else { return .kept }
            // If a crash restores the folder, it stays: its record is gone by then.
            try? parent.sync()
            return .removed
        } catch {
            return error.code == ENOENT ? .missing : .kept
        }
    }
}

/// The removal of one file. Blocks while the disk works.
private struct DatasetRemoval {
    private static let readBytes = 256 * 1024

    private let file: PublishedFile
    private let root: String

    init(_ file: PublishedFile, below root: String) {
        self.file = file
        self.root = root
    }

    /// - Parameter others: folders to which other jobs have published this dataset file.
    func run(at path: OutputPath, others: [OutputPath]) throws(SystemError) -> FileRemoval {
        let base = try ConfinedFolder(root: root, creating: false)
        guard case .folder(let folder) = try lookUp(path, in: base) else { return .gone }
        let identity = try folder.identity
        for other in others {
            // Compared by identity, not by spelling: links may lead to one folder. An unreachable
            // one may be this one.
            switch try lookUp(other, in: base) {
            case .folder(let shared): if try shared.identity == identity { return .shared }
            case .unreachable: return .shared
            case .missing: break
            }
        }
        let name = file.file.name
        guard let entry = try folder.status(of: name) else { return .gone }
        guard entry.isRegularFile, entry.size == file.bytes, let stored = try folder.file(name),
            try digest(of: stored) == file.sha256
        else { return .changed }
        // The name still belongs to the file that was read.
        guard try folder.status(of: name)?.identity == entry.identity else { return .changed }
        try folder.remove(name)
        try folder.sync()
        return .removed
    }

    private enum Lookup {
        case missing
        case folder(ConfinedFolder)
        /// A link that is not followed, or no folder.
        case unreachable
    }

    private func lookUp(
        _ path: OutputPath, in base: ConfinedFolder
    ) throws(SystemError) -> Lookup {
        do throws(SystemError) {
            return .folder(
                try base.folder(path.components.joined(separator: "/"), creating: false))
        } catch {
            if error.code == ENOENT { return .missing }
            if error.code == ENOTDIR || error.leavesFolder { return .unreachable }
            throw error
        }
    }

    private func digest(of stored: borrowing StoredFile) throws(SystemError) -> String {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: DatasetRemoval.readBytes, alignment: 64)
        defer { buffer.deallocate() }
        var hash = SHA256()
        while true {
            let count = try stored.read(into: buffer)
            guard count > 0 else { break }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return Hexadecimal.text(hash.finalize())
    }
}

/// The folders below the data root that the service has made, stored with their inode numbers: a
/// folder made again under the same path by other means is not the service's. Only these are
/// removed when they are empty; a folder whose record a crash lost stays.
struct MadeFolders: Sendable {
    /// A folder that was just made.
    struct Folder: Sendable {
        var components: [String]
        var inode: UInt64

        /// `nil` if its number cannot be read.
        init?(_ components: ArraySlice<String>, _ folder: ConfinedFolder) {
            guard let identity = try? folder.identity else { return nil }
            self.components = Array(components)
            inode = identity.inode
        }
    }

    let root: DataRoot
    /// `nil` if nothing is remembered, and so nothing is removed.
    let facts: (any KeyValueStore)?

    /// Remembers folders. One that cannot be remembered is never removed, which harms less than a
    /// failed job.
    func remember(_ folders: [Folder]) async {
        for folder in folders {
            try? await facts?.set(String(folder.inode), for: fact(of: folder.components))
        }
    }

    /// The number of a folder that the service has made; `nil` for any other.
    func inode(of components: [String]) async -> UInt64? {
        let text = try? await facts?.value(for: fact(of: components))
        return text.flatMap { UInt64($0) }
    }

    /// Forgets a removed folder.
    func forget(_ components: [String]) async {
        try? await facts?.set(nil, for: fact(of: components))
    }

    private func fact(of components: [String]) -> String {
        "folder_made_\(root.text)/\(components.joined(separator: "/"))"
    }
}
