// Leaving a port to another socket without resetting anybody.

import Glibc
import Posix
import Testing

@Suite struct HandoverTests {
    /// A socket that begins to connect and does not wait for the end of it.
    private struct Caller: ~Copyable {
        let descriptor: FileDescriptor

        init(port: UInt16) {
            let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
            descriptor = FileDescriptor(owning: socket(AF_INET, flags, 0))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let number = descriptor.number
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    private func listener(_ port: UInt16 = 0) throws -> ListeningSocket {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: port))
        return try ListeningSocket(address, sharesPort: true, backlog: 64)
    }

    /// How many connections wait at a socket.
    private func count(_ listening: borrowing ListeningSocket) throws -> Int {
        var count = 0
        while case .connection = try listening.accept() { count += 1 }
        return count
    }

    @Test func `new connections go to the sockets that are named, until that ends`() throws {
        let old = try listener()
        let port = try old.address().port
        let new = try listener(port)
        let newer = try listener(port)
        try old.steer(to: 1..<3)
        for _ in 0..<64 { _ = Caller(port: port) }
        #expect(try count(old) == 0)
        // By chance one socket may get none: once in ten million million million times.
        let (first, second) = (try count(new), try count(newer))
        #expect(first > 0)
        #expect(second > 0)
        #expect(first + second == 64)
        old.endSteering()
        for _ in 0..<64 { _ = Caller(port: port) }
        #expect(try count(old) > 0)
    }

    @Test func `without the sockets that are named, the kernel chooses among those there are`()
        throws
    {
        let old = try listener()
        let port = try old.address().port
        try old.steer(to: 1..<2)
        _ = Caller(port: port)
        #expect(try count(old) == 1)
    }

    @Test func `a socket that ignores newcomers still gives out those it has promised to`() throws {
        let listening = try listener()
        let port = try listening.address().port
        _ = Caller(port: port)
        try listening.ignoreNewcomers()
        _ = Caller(port: port)
        #expect(try count(listening) == 1)
    }

    @Test func `looks whether a port is free without listening on it`() throws {
        let listening = try listener()
        let address = try listening.address()
        #expect { try ListeningSocket.checkIsFree(address) } throws: { error in
            (error as? SystemError)?.isAddressInUse == true
        }
        let free = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        try ListeningSocket.checkIsFree(free)
    }

    @Test func `counts the hosts of an IPv6 network as one, and IPv4 hosts each`() throws {
        func network(_ host: String) throws -> UInt64 {
            try #require(SocketAddress(host: host, port: 1)).network
        }
        #expect(try network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9"))
        #expect(try network("2001:db8:1:2::1") != network("2001:db8:1:3::1"))
        #expect(try network("10.0.0.1") != network("10.0.0.2"))
        #expect(try network("::ffff:10.0.0.1") == network("10.0.0.1"))
        #expect(try network("::1") != network("127.0.0.1"))
    }
}
