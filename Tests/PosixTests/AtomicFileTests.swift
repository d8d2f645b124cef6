// Files that are published whole or not at all.

import Glibc
import TestSupport
import Testing

@testable import Posix

@Suite struct AtomicFileTests {
    @Test func `has its name only after it was published`() throws {
        let scratch = Scratch()
        var file = try AtomicFile(replacing: "x.csv.gz", in: scratch.root())
        try write("content", to: &file)
        #expect(scratch.names == ["x.csv.gz.part"])
        try file.publish()
        #expect(scratch.names == ["x.csv.gz"])
        #expect(scratch.read("x.csv.gz") == "content")
    }

    @Test func `leaves no file if it is not published`() throws {
        let scratch = Scratch()
        do {
            var file = try AtomicFile(replacing: "x", in: scratch.root())
            try write("content", to: &file)
        }
        #expect(scratch.names == [])
    }

    @Test func `a large file with an early write-back is whole`() throws {
        let scratch = Scratch()
        var file = try AtomicFile(replacing: "x", in: scratch.root())
        let pieces = (0..<9).map { String(repeating: "\($0)", count: 1_500_001) }
        for piece in pieces { try write(piece, to: &file) }
        try file.publish()
        let isWhole = readFile(scratch.path + "/x") == Array(pieces.joined().utf8)
        #expect(isWhole)
    }

    @Test func `replaces a part that a crash left behind`() throws {
        let scratch = Scratch()
        scratch.write("x.part", "a longer leftover of another life")
        var file = try AtomicFile(replacing: "x", in: scratch.root())
        try write("new", to: &file)
        try file.publish()
        #expect(scratch.read("x") == "new")
        #expect(scratch.names == ["x"])
    }

    @Test func `does not write through a link with the part's name`() throws {
        let scratch = Scratch()
        scratch.write("victim", "untouched")
        scratch.link("x.part", to: "victim")
        var file = try AtomicFile(replacing: "x", in: scratch.root())
        try write("new", to: &file)
        try file.publish()
        #expect(scratch.read("victim") == "untouched")
        #expect(scratch.read("x") == "new")
    }

    @Test func `replaces an older file of the same name whole`() throws {
        let scratch = Scratch()
        scratch.write("x", "older and longer")
        var file = try AtomicFile(replacing: "x", in: scratch.root())
        try write("new", to: &file)
        #expect(scratch.read("x") == "older and longer")
        try file.publish()
        #expect(scratch.read("x") == "new")
    }

    @Test func `a part is swept only after its writer has ended`() throws {
        let scratch = Scratch()
        let folder = try scratch.root()
        scratch.write("old.part", "leftover")
        scratch.write("final", "no part")
        scratch.link("link.part", to: "final")
        mkdir("\(scratch.path)/folder.part", 0o755)
        var file = try AtomicFile(replacing: "new", in: folder)
        try write("content", to: &file)
        #expect(try AtomicFile.sweep("old", in: folder))
        for name in ["new", "old", "final", "link", "folder", "nothing"] {
            #expect(try !AtomicFile.sweep(name, in: folder), "\(name)")
        }
        #expect(scratch.names == ["final", "folder.part", "link.part", "new.part"])
        try file.publish()
        #expect(scratch.read("new") == "content")
    }

    @Test func `refuses a name that a folder has`() throws {
        let scratch = Scratch()
        _ = try scratch.root().folder("x")
        #expect(throws: SystemError(call: "openat", code: EISDIR)) {
            _ = try AtomicFile(replacing: "x", in: scratch.root())
        }
    }

    @Test(arguments: ["", ".", "..", "a/b", "../a", "a\0b"])
    func `refuses text that is not a single name`(name: String) throws {
        let scratch = Scratch()
        #expect(throws: SystemError(call: "openat", code: EINVAL)) {
            _ = try AtomicFile(replacing: name, in: scratch.root())
        }
    }

    @Test func `does not publish a file that another process put under the part's name`() throws {
        let scratch = Scratch()
        var file = try AtomicFile(replacing: "x", in: scratch.root())
        try write("mine", to: &file)
        // First its own name, then the part's: a new file, never the same inode again.
        scratch.write("other", "theirs")
        #expect(rename(scratch.path + "/other", scratch.path + "/x.part") == 0)
        do throws(SystemError) {
            try file.publish()
            Issue.record("it was published")
        } catch {
            #expect(error == SystemError(call: "renameat", code: ESTALE))
        }
        #expect(scratch.names == ["x.part"])
        #expect(scratch.read("x.part") == "theirs")
    }

    @Test func `reads a published file`() throws {
        let scratch = Scratch()
        scratch.write("x", "content")
        let root = try scratch.root()
        #expect(try isReadable("missing", in: root) == false)
        guard let file = try root.file("x") else {
            Issue.record("the file cannot be opened")
            return
        }
        #expect(file.size == 7)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 1)
        defer { buffer.deallocate() }
        #expect(try file.read(into: buffer) == 7)
        #expect(try file.read(into: buffer) == 0)
        scratch.link("door", to: "x")
        #expect(try isReadable("door", in: root) == false)
    }

    private func isReadable(_ name: String, in folder: ConfinedFolder) throws -> Bool {
        try folder.file(name) != nil
    }

    private func write(_ text: String, to file: inout AtomicFile) throws {
        var text = text
        try text.withUTF8 { try file.write(UnsafeRawBufferPointer($0)) }
    }
}
