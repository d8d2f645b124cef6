// Removes dataset files that jobs have published, each in the file's own turn: nobody looks for it,
// links it or writes it meanwhile. It must not know why they go.

import Bytes
import Concurrency
import Crypto
import Datasets
import Dispatch
import Glibc
package import Jobs
import Posix

/// Removes files below the data root, if they are what was published.
package final class DatasetRemover: FileRemoving {
    private let root: DataRoot
    private let turns: FileLock
    private let made: MadeFolders
    private let queue = DispatchQueue(label: "tardis.removal")

    /// - Parameters:
    ///   - turns: of whoever else works on the files.
    ///   - facts: where the service's own folders are remembered.
    init(root: DataRoot, turns: FileLock, facts: (any KeyValueStore)? = nil) {
        self.root = root
        self.turns = turns
        made = MadeFolders(root: root, facts: facts)
    }

    /// A remover for a process in which nobody else works on the files.
    package convenience init(root: DataRoot, facts: (any KeyValueStore)? = nil) {
        self.init(root: root, turns: FileLock(), facts: facts)
    }

    package func removeEmptyFolders(_ folder: String) async -> Int {
        guard var components = try? OutputPath(folder, below: root).components else { return 0 }
        var count = 0
        while !components.isEmpty {
            let inode = await made.inode(of: components)
            let fate = await queue.run { [root, components] in
                EmptyFolder(root: root.text, components: components).remove(ifMadeAs: inode)
            }
            guard fate != .stays else { break }
            if inode != nil { await made.forget(components) }
            if fate == .removed { count += 1 }
            components.removeLast()
        }
        return count
    }

    package func remove(
        _ file: PublishedFile, unless users: @Sendable () async -> FileReferences?
    ) async -> FileRemoval {
        guard let path = try? OutputPath(file.folder, below: root) else {
            // Not below the data root: whatever lies there is not ours to touch.
            return .changed
        }
        let removal = await turns.alone(with: file.file) {
            await removeAlone(file, at: path, unless: users)
        }
        return removal ?? .failed("the service is stopping")
    }

    private func removeAlone(
        _ file: PublishedFile, at path: OutputPath,
        unless users: @Sendable () async -> FileReferences?
    ) async -> FileRemoval {
        // Asked in our turn: a job that had the file in an earlier turn has it in the database, or
        // has not ended.
        guard let users = await users() else { return .failed("the store does not answer") }
        if users.isWanted { return .wanted }
        let root = root
        let others = users.folders.compactMap { try? OutputPath($0, below: root) }
        // What is not understood may be this very folder.
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
    enum Fate {
        case removed
        /// There is none.
        case gone
        case stays
    }

    let root: String
    let components: [String]

    /// - Parameter inode: the folder's number when the service made it; `nil` where it did not.
    func remove(ifMadeAs inode: UInt64?) -> Fate {
        guard let name = components.last else { return .stays }
        do throws(SystemError) {
            let parent = try ConfinedFolder(root: root, creating: false)
                .folder(components.dropLast().joined(separator: "/"), creating: false)
            guard let entry = try parent.status(of: name) else { return .gone }
            guard entry.isFolder, let inode, entry.identity.inode == inode,
                try parent.removeFolder(name)
            else { return .stays }
            // Should a crash bring it back, it stays: it is forgotten by then.
            try? parent.sync()
            return .removed
        } catch {
            return error.code == ENOENT ? .gone : .stays
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

    /// - Parameter others: where others have published a file of this dataset.
    func run(at path: OutputPath, others: [OutputPath]) throws(SystemError) -> FileRemoval {
        let base = try ConfinedFolder(root: root, creating: false)
        guard case .folder(let folder) = try place(path, in: base) else { return .gone }
        let identity = try folder.identity
        for other in others {
            // By what it is, not by how it is spelled: links may lead to one folder. Where that
            // cannot be told, it may be this one.
            switch try place(other, in: base) {
            case .folder(let place): if try place.identity == identity { return .shared }
            case .unreachable: return .shared
            case .none: break
            }
        }
        let name = file.file.name
        guard let entry = try folder.status(of: name) else { return .gone }
        guard entry.isRegularFile, entry.size == file.bytes, let stored = try folder.file(name),
            try digest(of: stored) == file.sha256
        else { return .changed }
        // What was read is what stands there now.
        guard try folder.status(of: name)?.identity == entry.identity else { return .changed }
        try folder.remove(name)
        try folder.sync()
        return .removed
    }

    /// What there is at a path below the root.
    private enum Place {
        case none
        case folder(ConfinedFolder)
        /// A link that is not followed, or no folder.
        case unreachable
    }

    private func place(
        _ path: OutputPath, in base: ConfinedFolder
    ) throws(SystemError) -> Place {
        do throws(SystemError) {
            return .folder(
                try base.folder(path.components.joined(separator: "/"), creating: false))
        } catch {
            if error.code == ENOENT { return .none }
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

/// The service's own folders, kept as facts with the number that the file system gave them: a
/// folder that was made anew under the same path by other means is not the service's.
struct MadeFolders: Sendable {
    /// A folder that was made just now.
    struct Folder: Sendable {
        var components: [String]
        var inode: UInt64

        /// `nil` where its number cannot be found out.
        init?(_ components: ArraySlice<String>, _ folder: ConfinedFolder) {
            guard let identity = try? folder.identity else { return nil }
            self.components = Array(components)
            inode = identity.inode
        }
    }

    let root: DataRoot
    /// `nil` where nothing is remembered, and so nothing is removed.
    let facts: (any KeyValueStore)?

    /// Remembers folders. One that cannot be remembered stays for ever, which harms less than a job
    /// that fails for it.
    func remember(_ folders: [Folder]) async {
        for folder in folders {
            try? await facts?.set(String(folder.inode), for: fact(of: folder.components))
        }
    }

    /// The number of a folder that the service has made; `nil` for every other one.
    func inode(of components: [String]) async -> UInt64? {
        let text = try? await facts?.value(for: fact(of: components))
        return text.flatMap { UInt64($0) }
    }

    /// Forgets a folder that is gone.
    func forget(_ components: [String]) async {
        try? await facts?.set(nil, for: fact(of: components))
    }

    private func fact(of components: [String]) -> String {
        "folder_made_\(root.text)/\(components.joined(separator: "/"))"
    }
}
