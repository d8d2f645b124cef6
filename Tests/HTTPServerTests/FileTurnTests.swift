// How much of a file one turn sends, and that no turn waits for the disk.

import Glibc
import HTTP
import Posix
import TestSupport
import Testing

@testable import HTTPServer

@Suite struct FileTurnTests {
    private static let turnBytes = 2 << 20
    private let files = FileFixture()

    /// Calls the closure with a socket that takes everything at once, and a way to learn how much
    /// that was; where the kernel grants no such room, the test says that it is skipped.
    private func withRoomySocket(
        _ body: (_ sender: borrowing StreamSocket, _ taken: () -> Int) throws -> Void
    ) throws {
        var numbers: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &numbers) == 0)
        let sender = StreamSocket(FileDescriptor(owning: numbers[0]))
        let receiver = FileDescriptor(owning: numbers[1])
        var room: Int32 = 64 << 20
        let length = socklen_t(MemoryLayout<Int32>.size)
        guard setsockopt(sender.number, SOL_SOCKET, SO_SNDBUFFORCE, &room, length) == 0 else {
            print("skipped: only root may have a socket with room for more than a turn")
            return
        }
        let number = receiver.number
        try body(sender) {
            var waiting: Int32 = 0
            return ioctl(number, UInt(FIONREAD), &waiting) == 0 ? Int(waiting) : -1
        }
    }

    private func queue(of name: String, _ count: Int) throws -> OutputQueue {
        let root = try ConfinedFolder(root: files.folder.path, creating: false)
        let file = try #require(try root.regularFile(name))
        var queue = OutputQueue()
        queue.append(FileRegion(number: file.number, length: count, owner: file))
        return queue
    }

    @Test func `a turn sends two MiB of a file, however much more the kernel would take`() throws {
        try withRoomySocket { sender, taken in
            let count = 5 << 20
            files.write("a", bytes: count)
            var queue = try queue(of: "a", count)
            var left = count
            while left > 0 {
                #expect(try queue.send(on: sender))
                left -= min(left, FileTurnTests.turnBytes)
                try #require(queue.count == left)
            }
            #expect(queue.isEmpty)
            #expect(taken() == count)
        }
    }

    @Test func `what is not in memory is asked for, and nothing is sent before that`() throws {
        try withRoomySocket { sender, taken in
            let count = 3 << 20
            files.write("a", bytes: count)
            let file = open(files.folder.path("a"), O_RDONLY | O_CLOEXEC)
            defer { close(file) }
            try #require(fsync(file) == 0)
            posix_fadvise(file, 0, 0, Int32(POSIX_FADV_DONTNEED))
            guard !FilePages.areInMemory(file, 0..<count) else {
                print("skipped: this file system keeps its files in memory")
                return
            }
            // Looking has begun to read.
            posix_fadvise(file, 0, 0, Int32(POSIX_FADV_DONTNEED))
            var queue = try queue(of: "a", count)
            #expect(try !queue.send(on: sender))
            let missing = try #require(queue.missing)
            #expect(missing.range == 0..<FileTurnTests.turnBytes)
            // Not even when somebody looks again.
            #expect(try !queue.send(on: sender))
            #expect(taken() == 0)
            FilePages.fetch(missing.number, missing.range)
            queue.fetched()
            #expect(try queue.send(on: sender))
            #expect(queue.count == count - FileTurnTests.turnBytes)
        }
    }
}
