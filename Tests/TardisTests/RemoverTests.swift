// Files that a job has published are removed if they are still what they were, and no other job has
// them.

import Datasets
import Glibc
import Jobs
import Posix
import Synchronization
import TestSupport
import Testing

@testable import Tardis

@Suite struct RemoverTests {
    private let folder = TemporaryFolder()
    private let file = DatasetFile(
        exchange: "binance", dataType: .trades, day: Day("2024-01-02")!, symbol: "BTCUSDT")
    /// SHA-256 of `abc`.
    private let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    private func published(in folder: String = "a", bytes: Int64 = 3) -> PublishedFile {
        PublishedFile(
            file: file, folder: self.folder.path(folder), bytes: bytes, sha256: sum)
    }

    private func put(_ text: String, in name: String = "a") -> String {
        mkdir(folder.path(name), 0o755)
        let path = folder.path("\(name)/\(file.name)")
        writeFile(Array(text.utf8), to: path)
        return path
    }

    private func remove(
        _ file: PublishedFile, users: FileReferences? = FileReferences()
    ) async -> FileRemoval {
        await DatasetRemover(root: DataRoot(folder.path)).remove(file) { users }
    }

    @Test func `what was published is removed, and then it is gone`() async {
        let path = put("abc")
        #expect(await remove(published()) == .removed)
        #expect(readFile(path) == nil)
        #expect(await remove(published()) == .gone)
        #expect(await remove(published(in: "never/made")) == .gone)
    }

    @Test func `anything else under its name stays`() async {
        let path = put("abd")
        #expect(await remove(published()) == .changed)
        _ = put("abc")
        #expect(await remove(published(bytes: 4)) == .changed)
        #expect(readFile(path) == Array("abc".utf8))
        unlink(path)
        let elsewhere = put("abc", in: "b")
        symlink(elsewhere, path)
        #expect(await remove(published()) == .changed)
        #expect(readFile(elsewhere) == Array("abc".utf8))
        unlink(path)
        mkdir(path, 0o755)
        #expect(await remove(published()) == .changed)
    }

    @Test func `nothing outside the data root is touched`() async {
        let outside = TemporaryFolder()
        writeFile(Array("abc".utf8), to: outside.path(file.name))
        let elsewhere = PublishedFile(
            file: file, folder: outside.path, bytes: 3, sha256: sum)
        #expect(await remove(elsewhere) == .changed)
        symlink(outside.path, folder.path("out"))
        #expect(await remove(published(in: "out")) == .gone)
        #expect(readFile(outside.path(file.name)) == Array("abc".utf8))
    }

    @Test func `another job's file stays, by any path`() async {
        let path = put("abc")
        symlink("a", folder.path("alias"))
        for other in ["a", "alias", "./a/."] {
            let users = FileReferences(folders: [folder.path("none"), folder.path(other)])
            #expect(await remove(published(), users: users) == .shared, "\(other)")
        }
        #expect(readFile(path) != nil)
        _ = put("abc", in: "b")
        #expect(
            await remove(published(), users: FileReferences(folders: [folder.path("b")]))
                == .removed)
        #expect(readFile(folder.path("b/\(file.name)")) != nil)
    }

    @Test func `what is wanted, or may be, stays`() async {
        let path = put("abc")
        #expect(await remove(published(), users: FileReferences(isWanted: true)) == .wanted)
        let unknown = await remove(published(), users: nil)
        #expect(!unknown.isSettled)
        #expect(readFile(path) != nil)
    }

    /// Remembers a folder below the root as one that the service made.
    private func remember(_ path: String, in facts: InMemoryJobStore) async throws {
        let made = MadeFolders(root: DataRoot(folder.path), facts: facts)
        let parts = path.split(separator: "/").map(String.init)[...]
        let place = try ConfinedFolder(root: folder.path).folder(path)
        await made.remember([MadeFolders.Folder(parts, place)].compactMap { $0 })
    }

    @Test func `empty folders that the service made go, up to the first that is not`() async throws
    {
        let facts = InMemoryJobStore()
        let remover = DatasetRemover(root: DataRoot(folder.path), facts: facts)
        for path in ["a", "a/b", "a/b/c"] { try await remember(path, in: facts) }
        writeFile([7], to: folder.path("a/mine"))
        #expect(await remover.removeEmptyFolders(folder.path("a/b/c")) == 2)
        #expect(readFile(folder.path("a/mine")) == [7])
        #expect(access(folder.path("a/b"), F_OK) != 0)
        unlink(folder.path("a/mine"))
        #expect(await remover.removeEmptyFolders(folder.path("a/b/c")) == 1)
        #expect(access(folder.path("a"), F_OK) != 0)
        #expect(await facts.facts.isEmpty)
        #expect(access(folder.path, F_OK) == 0)
    }

    @Test func `folders that the service did not make stay, empty as they are`() async throws {
        let facts = InMemoryJobStore()
        let remover = DatasetRemover(root: DataRoot(folder.path), facts: facts)
        mkdir(folder.path("mine"), 0o755)
        try await remember("mine/b", in: facts)
        #expect(await remover.removeEmptyFolders(folder.path("mine/b")) == 1)
        #expect(access(folder.path("mine"), F_OK) == 0)
        // Made anew by a person, under a path that was the service's; the first keeps its number.
        try await remember("again", in: facts)
        rename(folder.path("again"), folder.path("moved"))
        mkdir(folder.path("again"), 0o755)
        #expect(await remover.removeEmptyFolders(folder.path("again")) == 0)
        #expect(access(folder.path("again"), F_OK) == 0)
        // A link is no folder, wherever it leads to.
        try await remember("real", in: facts)
        rename(folder.path("real"), folder.path("kept"))
        symlink("kept", folder.path("real"))
        #expect(await remover.removeEmptyFolders(folder.path("real")) == 0)
        #expect(access(folder.path("kept"), F_OK) == 0)
        for path in [folder.path, "/", folder.path + "/../x", ""] {
            #expect(await remover.removeEmptyFolders(path) == 0)
        }
        #expect(access(folder.path, F_OK) == 0)
    }

    @Test func `it waits for its turn, and asks then`() async {
        let lock = FileLock()
        let remover = DatasetRemover(root: DataRoot(folder.path), fileLock: lock)
        _ = put("abc")
        let published = published()
        let order = Order()
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let file = file
        let holder = Task {
            await lock.withLock(on: file) {
                order.note("begun")
                for await _ in gate {}
                order.note("done")
            }
        }
        #expect(await eventually { order.notes == ["begun"] })
        let removal = Task {
            await remover.remove(published) {
                order.note("asked")
                return FileReferences()
            }
        }
        for _ in 0..<100 { await Task.yield() }
        #expect(order.notes == ["begun"])
        opener.finish()
        #expect(await removal.value == .removed)
        _ = await holder.value
        #expect(order.notes == ["begun", "done", "asked"])
    }

    private final class Order: Sendable {
        private let state = Mutex<[String]>([])

        var notes: [String] { state.withLock { $0 } }

        func note(_ text: String) {
            state.withLock { $0.append(text) }
        }
    }
}
