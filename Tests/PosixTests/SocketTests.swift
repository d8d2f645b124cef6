// Sockets, epoll and wake-ups, on the loopback interface.

import Glibc
import Posix
import TestSupport
import Testing

@Suite struct SocketTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("::1", "::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"), ("0.0.0.0", "0.0.0.0"),
    ])
    func `reads an address`(host: String, shown: String) throws {
        let address = try #require(SocketAddress(host: host, port: 8000))
        #expect(address.host == shown)
        #expect(address.port == 8000)
        #expect(address.withPort(9).port == 9)
    }

    @Test func `refuses text that is no host`() {
        #expect(SocketAddress(host: "not a host", port: 1) == nil)
    }

    @Test func `listens on a port that no other socket gets`() throws {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listening = try ListeningSocket(address, sharesPort: false, backlog: 8)
        let port = try listening.address().port
        #expect(port != 0)
        #expect(throws: SystemError.self) {
            _ = try ListeningSocket(
                try #require(SocketAddress(host: "127.0.0.1", port: port)), sharesPort: true,
                backlog: 8)
        }
        switch try listening.accept() {
        case .none: break
        default: Issue.record("no client has connected")
        }
    }

    @Test func `a connection sends small pieces at once`() throws {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let listening = try ListeningSocket(address, sharesPort: false, backlog: 8)
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = try listening.address().port.bigEndian
        target.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
        switch try listening.accept() {
        case .connection(let stream, let peer):
            var isSet: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(stream.number, Int32(IPPROTO_TCP), TCP_NODELAY, &isSet, &size)
            #expect(isSet == 1)
            #expect(peer.host == "127.0.0.1")
        default: Issue.record("a client has connected")
        }
    }

    @Test func `many signals wake once`() throws {
        let epoll = try Epoll()
        let wakeUp = try WakeUp()
        let buffer = Epoll.EventBuffer(capacity: 4)
        try epoll.add(wakeUp.number, interest: .readable, token: 7)
        #expect(try epoll.wait(milliseconds: 0, into: buffer) == 0)
        wakeUp.signal()
        wakeUp.signal()
        #expect(try epoll.wait(milliseconds: 10_000, into: buffer) == 1)
        #expect(buffer[0].token == 7)
        #expect(buffer[0].isReadable)
        #expect(!buffer[0].isWritable)
        wakeUp.clear()
        #expect(try epoll.wait(milliseconds: 0, into: buffer) == 0)
    }

    @Test func `fills buffers of any size with random bytes`() {
        var bytes = [UInt8](repeating: 0, count: 1000)
        bytes.withUnsafeMutableBytes { RandomBytes.fill($0) }
        #expect(Set(bytes).count > 100)
        #expect(bytes.suffix(100).contains { $0 != 0 })
    }

    @Test func `has clocks that go forward`() {
        let before = MonotonicClock.nanoseconds
        #expect(MonotonicClock.nanoseconds >= before)
        // Later than the year 2020.
        #expect(WallClock.coarseSeconds > 1_577_836_800)
        #expect(DescriptorLimit.current > 0)
    }
}
