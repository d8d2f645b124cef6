// A client that misbehaves on purpose: half requests, resets, silence.

import Glibc
import Synchronization

/// One blocking connection to a server on this machine. Calls that wait for a response hold the
/// calling thread, so they belong inside ``blocking(_:)``, not into a task.
package final class RawClient: Sendable {
    package let descriptor: Int32
    private let isOpen = Atomic(true)
    /// Bytes received after the last response.
    private let rest = Mutex<[UInt8]>([])

    package struct CannotConnect: Error {
        package let code: Int32
    }

    /// - Parameter source: the address to come from, any in 127.0.0.0/8.
    package init(port: UInt16, from source: String? = nil) throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw CannotConnect(code: errno) }
        descriptor = socket
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(
            socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var noDelay: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, 4)
        var code: Int32 = 0
        if let source {
            RawClient.withAddress(source, 0) { if bind(socket, $0, $1) != 0 { code = errno } }
        }
        RawClient.withAddress("127.0.0.1", port) {
            if code == 0, connect(socket, $0, $1) != 0 { code = errno }
        }
        if code != 0 {
            close()
            throw CannotConnect(code: code)
        }
    }

    deinit {
        close()
    }

    /// - Returns: whether the kernel accepted all of it.
    @discardableResult
    package func send(_ text: String) -> Bool {
        isOpen.load(ordering: .relaxed) && Sockets.send(Array(text.utf8), to: descriptor)
    }

    /// The next response, as long as its Content-Length; `nil` if the connection ends first, or no
    /// byte arrives for ten seconds.
    package func answer() -> RawAnswer? {
        var bytes = rest.withLock { $0 }
        while true {
            if let (answer, length) = RawAnswer.first(in: bytes) {
                let further = Array(bytes[length...])
                rest.withLock { $0 = further }
                return answer
            }
            guard let more = Sockets.receive(descriptor) else { return nil }
            bytes += more
        }
    }

    /// Waits for some bytes of a response and drops them.
    ///
    /// - Returns: whether there were any.
    package func receiveSome() -> Bool { Sockets.receive(descriptor) != nil }

    /// Sends a request and reads its response.
    package func ask(_ path: String = "/", _ fields: String...) -> RawAnswer? {
        let lines = fields.map { $0 + "\r\n" }.joined()
        guard send("GET \(path) HTTP/1.1\r\nHost: test\r\n\(lines)\r\n") else { return nil }
        return answer()
    }

    /// Whether the server ends the connection within the duration.
    package func hasEnded(within duration: Duration) -> Bool {
        Sockets.hasEnded(descriptor, within: duration)
    }

    package func close() {
        if isOpen.exchange(false, ordering: .relaxed) { _ = Glibc.close(descriptor) }
    }

    /// Aborts the connection (RST).
    package func reset() {
        Sockets.armReset(descriptor)
        close()
    }

    /// Closes without a packet to the server, as a machine that loses power (TCP_REPAIR, tcp(7)).
    ///
    /// - Returns: `false` where that is not permitted; the connection then stays open.
    package func vanish() -> Bool {
        var on: Int32 = 1
        guard setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_REPAIR, &on, 4) == 0 else {
            return false
        }
        close()
        return true
    }

    private static func withAddress(
        _ host: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Void
    ) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// A response, parsed as far as tests need it.
package struct RawAnswer: Sendable {
    package let status: Int
    /// In lower case.
    package let head: String
    package let body: String

    package var isLast: Bool { head.contains("connection: close") }

    fileprivate static func first(in bytes: [UInt8]) -> (RawAnswer, length: Int)? {
        guard let end = bytes.endOfHead else { return nil }
        let head = String(decoding: bytes[..<(end - 4)], as: UTF8.self).lowercased()
        let length =
            head.firstRange(of: "content-length: ").flatMap {
                Int(head[$0.upperBound...].prefix { $0.isNumber })
            } ?? 0
        let total = end + length
        guard bytes.count >= total else { return nil }
        let answer = RawAnswer(
            status: Int(head.dropFirst(9).prefix(3)) ?? 0, head: head,
            body: String(decoding: bytes[end..<total], as: UTF8.self))
        return (answer, total)
    }
}
