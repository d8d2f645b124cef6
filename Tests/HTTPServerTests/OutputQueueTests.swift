// The queue of bytes on their way out, against a kernel that takes little.

import Glibc
import HTTP
import Posix
import TestSupport
import Testing

@testable import HTTPServer

@Suite struct OutputQueueTests {
    @Test func `sends small and large pieces in order, however little is taken at a time`() throws {
        var numbers: [Int32] = [0, 0]
        #expect(
            socketpair(
                AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &numbers) == 0)
        let sender = StreamSocket(FileDescriptor(owning: numbers[0]))
        let receiver = StreamSocket(FileDescriptor(owning: numbers[1]))
        var queue = OutputQueue()
        var wanted: [UInt8] = []
        for number in 0..<40 {
            let size = number % 5 == 0 ? 100_000 : number * 7
            let piece = [UInt8](repeating: UInt8(number), count: size)
            wanted += piece
            if number % 2 == 0 { queue.append(piece) } else { queue.write { $0 += piece } }
        }
        #expect(queue.count == wanted.count)
        var arrived: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 30_011)
        while arrived.count < wanted.count {
            _ = try queue.send(on: sender)
            #expect(queue.count <= wanted.count - arrived.count)
            let count = try buffer.withUnsafeMutableBytes { try receiver.receive(into: $0) } ?? 0
            arrived += buffer[..<count]
        }
        #expect(queue.isEmpty)
        #expect(arrived == wanted)
    }

    @Test func `sends a file behind bytes, and bytes behind the file`() throws {
        var numbers: [Int32] = [0, 0]
        #expect(
            socketpair(
                AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &numbers) == 0)
        let sender = StreamSocket(FileDescriptor(owning: numbers[0]))
        let receiver = StreamSocket(FileDescriptor(owning: numbers[1]))
        let files = FileFixture()
        let content = files.write("a", bytes: 2_500_000)
        let root = try ConfinedFolder(root: files.folder.path, creating: false)
        var queue = OutputQueue()
        var wanted: [UInt8] = []
        var arrived: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 30_011)
        for round in 0..<2 {
            let head = [UInt8](repeating: UInt8(round), count: round * 40_000 + 10)
            queue.append(head)
            wanted += head
            if let file = try root.regularFile("a") {
                let region = FileRegion(number: file.number, length: content.count, owner: file)
                queue.append(region.part(1..<2_400_000))
                wanted += content[1..<2_400_000]
            }
            #expect(queue.hasFile)
            while !queue.isEmpty {
                _ = try queue.send(on: sender)
                if queue.missing != nil { queue.fetched() }
                let count = try buffer.withUnsafeMutableBytes { try receiver.receive(into: $0) }
                arrived += buffer[..<(count ?? 0)]
            }
            #expect(!queue.hasFile)
            #expect(files.openCount("a") == 0)
        }
        while let count = try buffer.withUnsafeMutableBytes({ try receiver.receive(into: $0) }) {
            arrived += buffer[..<count]
        }
        let isSame = areSame(arrived, wanted)
        #expect(isSame)
    }

    @Test func `lets go of a file that is given up`() throws {
        let files = FileFixture()
        files.write("a", bytes: 100)
        var queue = OutputQueue()
        do {
            let root = try ConfinedFolder(root: files.folder.path, creating: false)
            let file = try #require(try root.regularFile("a"))
            queue.append(FileRegion(number: file.number, length: 100, owner: file))
        }
        #expect(queue.count == 100)
        #expect(files.openCount("a") == 1)
        queue.discard()
        #expect(queue.isEmpty)
        #expect(files.openCount("a") == 0)
    }

    @Test func `borrows storage and gives it back once it is empty`() {
        var queue = OutputQueue()
        var spare: [UInt8] = []
        spare.reserveCapacity(1000)
        queue.borrowStorage(from: &spare)
        #expect(spare.capacity == 0)
        queue.append([1])
        queue.returnStorage(to: &spare)
        #expect(spare.capacity == 0)
        var idle = OutputQueue()
        idle.returnStorage(to: &spare)
        #expect(spare.capacity == 0)
        var other = OutputQueue()
        var otherSpare: [UInt8] = []
        otherSpare.reserveCapacity(1000)
        other.borrowStorage(from: &otherSpare)
        other.returnStorage(to: &spare)
        #expect(spare.capacity >= 1000)
    }
}
