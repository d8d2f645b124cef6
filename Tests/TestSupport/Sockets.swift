// The socket calls of the test server and client. Failures that only a broken machine causes end
// the test process.

import Glibc

/// Blocking TCP on the loopback interface.
enum Sockets {
    /// A listening socket on 127.0.0.1 and a free port.
    static func listener() -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        precondition(socket >= 0, "no socket")
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(bound == 0 && listen(socket, 128) == 0, "no port")
        return socket
    }

    static func port(of socket: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(socket, $0, &length)
            }
        }
        precondition(found == 0, "no port")
        return UInt16(bigEndian: address.sin_port)
    }

    /// The next bytes, `nil` at the end of the connection, however it came.
    static func receive(_ socket: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = buffer.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    /// Sends all of it; `false` when the client has left.
    static func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { all in
                Glibc.send(
                    socket, all.baseAddress! + sent, all.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Whether the client has left, or leaves within the duration; what it sends is left to read.
    static func hasEnded(_ socket: Int32, within duration: Duration) -> Bool {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        // Without POLLIN: a pipelined request must not end the wait.
        var waiting = pollfd(fd: socket, events: Int16(peerClosed), revents: 0)
        return poll(&waiting, 1, Int32(milliseconds)) > 0
    }

    /// Makes the coming close break the connection off: no lingering means RST (socket(7)).
    static func armReset(_ socket: Int32) {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    /// POLLRDHUP: the peer has closed its side. Its definition is hidden behind _GNU_SOURCE.
    private static let peerClosed = 0x2000
}

extension [UInt8] {
    /// The position after the first empty line.
    var endOfHead: Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard count >= mark.count else { return nil }
        return (mark.count...count).first { self[($0 - mark.count)..<$0].elementsEqual(mark) }
    }
}
