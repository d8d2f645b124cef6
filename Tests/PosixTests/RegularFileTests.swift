// Files opened to be sent, and what the kernel has of them in memory.

import Glibc
import Testing

@testable import Posix

@Suite struct RegularFileTests {
    private let scratch = Scratch()

    @Test func `opens a regular file with its status`() throws {
        scratch.write("a", "hello")
        let file = try #require(try scratch.root().regularFile("a"))
        var status = stat()
        stat("\(scratch.path)/a", &status)
        #expect(file.size == 5)
        #expect(file.inode == UInt64(status.st_ino))
        #expect(file.modifiedNanoseconds / 1_000_000_000 == Int64(status.st_mtim.tv_sec))
        #expect(fcntl(file.number, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func `opens only regular files`() throws {
        scratch.write("a", "hello")
        scratch.link("link", to: "a")
        mkdir("\(scratch.path)/folder", 0o700)
        // The pipe has no writer: opening it must not wait for one.
        mkfifo("\(scratch.path)/pipe", 0o600)
        for name in ["none", "link", "folder", "pipe"] {
            #expect(try scratch.root().regularFile(name) == nil, "\(name)")
        }
        for name in ["", ".", "..", "../a", "folder/a", "a\0"] {
            #expect(throws: SystemError.self, "\(name)") {
                try scratch.root().regularFile(name)
            }
        }
    }

    @Test func `closes the file with its last reference`() throws {
        scratch.write("a", "hello")
        var number: Int32 = -1
        do {
            let file = try #require(try scratch.root().regularFile("a"))
            number = file.number
            var status = stat()
            #expect(fstat(number, &status) == 0 && status.st_size == 5)
        }
        // Another test may have got the number by now, but not this file.
        var (left, file) = (stat(), stat())
        stat("\(scratch.path)/a", &file)
        #expect(fstat(number, &left) != 0 || left.st_ino != file.st_ino)
    }

    @Test func `reads all bytes from memory, or none`() throws {
        scratch.write("a", "hello")
        let file = try #require(try scratch.root().regularFile("a"))
        FilePages.fetch(file.number, 0..<5)
        #expect(FilePages.areInMemory(file.number, 0..<5))
        #expect(FilePages.areInMemory(file.number, 0..<0))
        // File systems without RWF_NOWAIT say so for every read.
        guard let all = FilePages.readFromMemory(file.number, 0..<5) else { return }
        #expect(all == Array("hello".utf8))
        #expect(FilePages.readFromMemory(file.number, 1..<3) == Array("el".utf8))
        #expect(FilePages.readFromMemory(file.number, 1..<6) == nil)
        #expect(FilePages.readFromMemory(file.number, 7..<9) == nil)
    }

    @Test func `fetches missing pages into memory`() throws {
        let size = 4_000_000
        scratch.write("a", String(repeating: "a", count: size))
        let file = try #require(try scratch.root().regularFile("a"))
        // Drops the pages, unless the file system is nothing but memory. Looking for them with
        // FilePages could bring some back before the next check.
        fsync(file.number)
        posix_fadvise(file.number, 0, 0, Int32(POSIX_FADV_DONTNEED))
        FilePages.fetch(file.number, 0..<size)
        #expect(missingPages(file.number, size) == 0)
        #expect(FilePages.areInMemory(file.number, 0..<size))
    }

    @Test func `sends a part of a file, and fails if it ends too early`() throws {
        scratch.write("a", "0123456789")
        let file = try #require(try scratch.root().regularFile("a"))
        let numbers = try socketPair()
        let sender = StreamSocket(FileDescriptor(owning: numbers[0]))
        let receiver = StreamSocket(FileDescriptor(owning: numbers[1]))
        #expect(try sender.sendFile(file.number, 3..<7) == 4)
        #expect(try sender.sendFile(file.number, 8..<100) == 2)
        var buffer = [UInt8](repeating: 0, count: 100)
        let count = try buffer.withUnsafeMutableBytes { try receiver.receive(into: $0) }
        #expect(buffer[..<(count ?? 0)].elementsEqual("345689".utf8))
        #expect(throws: SystemError(call: "sendfile", code: ENODATA)) {
            try sender.sendFile(file.number, 10..<11)
        }
    }

    @Test func `sending a file to a closed connection raises no signal`() throws {
        scratch.write("a", "0123456789")
        let file = try #require(try scratch.root().regularFile("a"))
        let numbers = try socketPair()
        let sender = StreamSocket(FileDescriptor(owning: numbers[0]))
        close(numbers[1])
        // The mask is the thread's own, and this one is the test's until it returns.
        BrokenPipeSignal.block()
        #expect(throws: SystemError(call: "sendfile", code: EPIPE)) {
            try sender.sendFile(file.number, 0..<10)
        }
    }

    private func missingPages(_ number: Int32, _ size: Int) -> Int {
        guard let map = mmap(nil, size, PROT_READ, MAP_SHARED, number, 0) else { return -1 }
        defer { munmap(map, size) }
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        var pages = [UInt8](repeating: 0, count: (size + pageBytes - 1) / pageBytes)
        mincore(map, size, &pages)
        return pages.count { $0 & 1 == 0 }
    }

    private func socketPair() throws -> [Int32] {
        var numbers: [Int32] = [0, 0]
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, flags, 0, &numbers) == 0)
        return numbers
    }
}
