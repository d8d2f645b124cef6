// Folders below a root: opening, escaping paths, making.

import Glibc
import Testing

@testable import Posix

@Suite struct ConfinedFolderTests {
    static let resolutions: [ConfinedFolder.Resolution] = [.kernel, .stepByStep]

    @Test(arguments: resolutions)
    func `makes missing folders below the root`(resolution: ConfinedFolder.Resolution) throws {
        let scratch = Scratch()
        let root = try scratch.root(resolution)
        let made = try root.folder("./a//b/./c")
        #expect(try made.identity == root.folder("a/b/c", creating: false).identity)
        #expect(scratch.mode(of: "a/b/c").map { $0 & S_IFMT } == S_IFDIR)
        #expect(try root.folder("").identity == root.identity)
    }

    @Test(arguments: resolutions)
    func `makes no folders unless asked to`(
        resolution: ConfinedFolder.Resolution
    ) throws {
        let scratch = Scratch()
        #expect(throws: SystemError(call: call(of: resolution), code: ENOENT)) {
            try scratch.root(resolution).folder("missing", creating: false)
        }
        #expect(scratch.mode(of: "missing") == nil)
    }

    @Test(arguments: resolutions, ["..", "a/../..", "../x", "/etc", "/", "a/.."])
    func `refuses paths that name a way out`(
        resolution: ConfinedFolder.Resolution, path: String
    ) throws {
        let scratch = Scratch()
        #expect {
            try scratch.root(resolution).folder(path)
        } throws: {
            ($0 as? SystemError)?.leavesFolder == true
        }
    }

    @Test(arguments: resolutions)
    func `refuses a NUL in a path`(resolution: ConfinedFolder.Resolution) throws {
        let scratch = Scratch()
        #expect(throws: SystemError.self) { try scratch.root(resolution).folder("a\0b") }
    }

    @Test(arguments: resolutions, ["/etc", "../..", "../outside"])
    func `refuses links that lead out, and makes no folder behind them`(
        resolution: ConfinedFolder.Resolution, target: String
    ) throws {
        let scratch = Scratch()
        scratch.link("door", to: target)
        #expect(throws: SystemError.self) { try scratch.root(resolution).folder("door") }
        #expect(throws: SystemError.self) { try scratch.root(resolution).folder("door/made") }
        #expect(access("/etc/made", F_OK) == -1)
    }

    @Test func `follows links that stay inside where the kernel resolves`() throws {
        let scratch = Scratch()
        let root = try scratch.root(.kernel)
        let inner = try root.folder("inner")
        scratch.link("alias", to: "inner")
        #expect(try root.folder("alias").identity == inner.identity)
        #expect(throws: SystemError.self) { try scratch.root(.stepByStep).folder("alias") }
    }

    @Test(arguments: resolutions)
    func `refuses a file where a folder should be`(
        resolution: ConfinedFolder.Resolution
    ) throws {
        let scratch = Scratch()
        scratch.write("file", "x")
        #expect(throws: SystemError(call: call(of: resolution), code: ENOTDIR)) {
            try scratch.root(resolution).folder("file/below")
        }
    }

    @Test func `makes the root itself with its parents`() throws {
        let scratch = Scratch()
        let root = try ConfinedFolder(root: scratch.path + "/deep/er/root")
        #expect(scratch.mode(of: "deep/er/root") != nil)
        #expect(try root.space.freeBytes > 0)
        #expect(try root.space.totalBytes >= root.space.freeBytes)
        #expect(throws: SystemError(call: "open", code: ENOENT)) {
            try ConfinedFolder(root: scratch.path + "/missing", creating: false)
        }
    }

    private func call(of resolution: ConfinedFolder.Resolution) -> String {
        resolution == .kernel ? "openat2" : "openat"
    }
}
