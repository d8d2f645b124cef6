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

    /// A pair of sockets of which the first takes everything at once; `nil` where the kernel grants
    /// no such room.
    private func roomyPair() -> (sender: Int32, receiver: Int32)? {
        var numbers: [Int32] = [0, 0]
        guard
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &numbers)
                == 0
        else { return nil }
        var size: Int32 = 64 << 20
        guard
            setsockopt(
                numbers[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, socklen_t(MemoryLayout<Int32>.size))
                == 0
        else {
            for number in numbers { close(number) }
            return nil
        }
        return (numbers[0], numbers[1])
    }

    private func queue(of name: String, _ count: Int) throws -> OutputQueue {
        let root = try ConfinedFolder(root: files.folder.path, creating: false)
        let file = try #require(try root.regularFile(name))
        var queue = OutputQueue()
        queue.append(FileRegion(number: file.number, length: count, owner: file))
        return queue
    }

    @Test func `a turn sends two MiB of a file, however much more the kernel would take`() throws {
        guard let pair = roomyPair() else {
            print("skipped: only root may have a socket with room for more than a turn")
            return
        }
        let sender = StreamSocket(FileDescriptor(owning: pair.sender))
        let receiver = FileDescriptor(owning: pair.receiver)
        let count = 5 << 20
        files.write("a", bytes: count)
        var queue = try queue(of: "a", count)
        var left = count
        while left > 0 {
            #expect(try queue.send(on: sender))
            left -= min(left, FileTurnTests.turnBytes)
            #expect(queue.count == left)
        }
        #expect(queue.isEmpty)
        var waiting: Int32 = 0
        #expect(ioctl(receiver.number, UInt(FIONREAD), &waiting) == 0)
        #expect(waiting == count)
    }

    @Test func `what is not in memory is asked for, and nothing is sent before that`() throws {
        guard let pair = roomyPair() else {
            print("skipped: only root may have a socket with room for more than a turn")
            return
        }
        let sender = StreamSocket(FileDescriptor(owning: pair.sender))
        let receiver = FileDescriptor(owning: pair.receiver)
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
        var waiting: Int32 = 0
        #expect(ioctl(receiver.number, UInt(FIONREAD), &waiting) == 0 && waiting == 0)
        FilePages.fetch(missing.number, missing.range)
        queue.fetched()
        #expect(try queue.send(on: sender))
        #expect(queue.count == count - FileTurnTests.turnBytes)
    }
}
