// A TCP socket that waits for connections.

import CLinux
import Glibc

/// A listening TCP socket, non-blocking.
package struct ListeningSocket: ~Copyable {
    private let descriptor: FileDescriptor

    /// Binds and listens.
    ///
    /// - Parameters:
    ///   - sharesPort: whether several sockets of one user may listen on the port, over which the
    ///     kernel distributes the connections (SO_REUSEPORT, socket(7)).
    ///   - backlog: the most connections that wait to be accepted; the kernel caps it at
    ///     net.core.somaxconn.
    /// - Throws: ``SystemError``, with EADDRINUSE if the port is in use.
    package init(
        _ address: SocketAddress, sharesPort: Bool, backlog: Int32
    ) throws(SystemError) {
        let opened = try ListeningSocket.bound(to: address, sharesPort: sharesPort)
        let number = opened.number
        // Head and body of a response are sent in one call, so waiting for more only adds delay.
        // Accepted connections inherit the option from their listener, without a call for each.
        try setOption(Int32(IPPROTO_TCP), TCP_NODELAY, on: number)
        _ = try syscall("listen") { listen(number, backlog) }
        descriptor = opened
    }

    /// Checks that the port is free, without listening: clients of a listening socket would be
    /// reset.
    ///
    /// - Throws: ``SystemError``, with EADDRINUSE if the port is in use.
    package static func checkIsFree(_ address: SocketAddress) throws(SystemError) {
        _ = try bound(to: address, sharesPort: false)
    }

    private static func bound(
        to address: SocketAddress, sharesPort: Bool
    ) throws(SystemError) -> FileDescriptor {
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let family = address.family
        let opened = FileDescriptor(
            owning: try syscall("socket") { socket(family, flags, 0) })
        let number = opened.number
        // Connections of an earlier run in TIME_WAIT must not block the port.
        try setOption(SOL_SOCKET, SO_REUSEADDR, on: number)
        if sharesPort { try setOption(SOL_SOCKET, SO_REUSEPORT, on: number) }
        if family == AF_INET6 {
            // "::" stands for every address, also of IPv4.
            try setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0, on: number)
        }
        _ = try syscall("bind") { address.withPointer { bind(number, $0, $1) } }
        return opened
    }

    /// The descriptor to add to an ``Epoll``.
    package var number: Int32 { descriptor.number }

    /// The bound address, with the assigned port if 0 was requested.
    package func address() throws(SystemError) -> SocketAddress {
        var address = SocketAddress()
        let number = descriptor.number
        _ = try syscall("getsockname") {
            address.withMutablePointer { getsockname(number, $0, $1) }
        }
        return address
    }

    /// The result of ``accept()``.
    package enum Accepted: ~Copyable {
        case connection(StreamSocket, SocketAddress)
        /// No client is waiting.
        case none
        /// A client is waiting, but the process or the machine is out of descriptors or memory.
        case exhausted(SystemError)
    }

    /// Accepts the next waiting connection, with Nagle's algorithm off.
    package func accept() throws(SystemError) -> Accepted {
        while true {
            var address = SocketAddress()
            let listening = descriptor.number
            let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let number = address.withMutablePointer { accept4(listening, $0, $1, flags) }
            if number >= 0 {
                let socket = StreamSocket(FileDescriptor(owning: number))
                return .connection(socket, address)
            }
            let code = errno
            switch code {
            case EAGAIN: return .none
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                return .exhausted(SystemError(call: "accept4", code: code))
            case EBADF, EFAULT, EINVAL, ENOTSOCK, EOPNOTSUPP:
                throw SystemError(call: "accept4", code: code)
            default:
                // The connection broke while it waited; accept(2) advises to treat it like EAGAIN,
                // and the next one may be intact.
                continue
            }
        }
    }
}

/// Sets a socket option of type int.
func setOption(
    _ level: Int32, _ name: Int32, _ value: Int32 = 1, on number: Int32
) throws(SystemError) {
    var value = value
    _ = try syscall("setsockopt") {
        setsockopt(number, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

extension SystemError {
    /// Whether another socket already listens on the port.
    package var isAddressInUse: Bool { code == EADDRINUSE }
}
