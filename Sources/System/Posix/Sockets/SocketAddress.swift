// An address and a port, IPv4 or IPv6, between text and the kernel's structure.

import CLinux
import Glibc

/// The address of a listening socket or of a peer.
package struct SocketAddress: Sendable {
    private var storage = sockaddr_storage()
    private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// An empty address for the kernel to fill in.
    init() {}

    /// An IPv4 or IPv6 address, `localhost` (127.0.0.1), or a name that the machine's resolver
    /// knows, which may block; `nil` for any other text.
    package init?(host: String, port: UInt16) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let name = host == "localhost" ? "127.0.0.1" : host
        guard getaddrinfo(name, String(port), &hints, &list) == 0, let first = list else {
            return nil
        }
        defer { freeaddrinfo(list) }
        guard let address = first.pointee.ai_addr else { return nil }
        length = first.pointee.ai_addrlen
        withUnsafeMutableBytes(of: &storage) { target in
            target.copyMemory(
                from: UnsafeRawBufferPointer(start: address, count: Int(first.pointee.ai_addrlen)))
        }
    }

    /// AF_INET or AF_INET6.
    var family: Int32 { Int32(storage.ss_family) }

    /// The same host with another port.
    package func withPort(_ port: UInt16) -> SocketAddress {
        var changed = self
        withUnsafeMutableBytes(of: &changed.storage) { bytes in
            bytes.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
        }
        return changed
    }

    /// The port, in the machine's byte order.
    package var port: UInt16 {
        withUnsafeBytes(of: storage) { bytes in
            // sin_port and sin6_port both follow the family, in network byte order.
            UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
        }
    }

    /// The address without its port; an IPv4 address of an IPv6 socket is shown as IPv4.
    package var host: String {
        withUnsafeBytes(of: storage) { bytes in
            // Every log line of a connection has it: usually four numbers.
            if family == AF_INET { return "\(bytes[4]).\(bytes[5]).\(bytes[6]).\(bytes[7])" }
            let mapped =
                bytes[8..<18].allSatisfy { $0 == 0 } && bytes[18] == 255 && bytes[19] == 255
            return mapped
                ? SocketAddress.text(AF_INET, bytes, at: 20)
                : SocketAddress.text(AF_INET6, bytes, at: 8)
        }
    }

    /// The network that counts as one client: an IPv4 address, or the first 64 bits of an IPv6
    /// address, because a host may use any address behind them (RFC 4291 §2.5.1).
    package var network: UInt64 {
        withUnsafeBytes(of: storage) { bytes in
            func number(at offset: Int) -> UInt64 {
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            // An IPv4 address gets the form of its IPv4-mapped IPv6 address.
            let mapped: UInt64 = 0xFFFF << 32
            if family == AF_INET { return mapped | number(at: 4) >> 32 }
            let isMapped = number(at: 8) == 0 && number(at: 16) >> 32 == 0xFFFF
            return isMapped ? number(at: 16) : number(at: 8)
        }
    }

    /// For calls that read an address.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// For calls that write an address.
    mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }

    private static func text(
        _ family: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) -> String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard let base = bytes.baseAddress,
            inet_ntop(family, base + offset, &buffer, socklen_t(buffer.count)) != nil
        else { return "" }
        return String(
            decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
