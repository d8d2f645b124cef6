// A client that speaks bytes: what a browser or a proxy would never send must be sent too.

import Dispatch
import Glibc
import Synchronization

/// One connection to a server on this machine. Its calls block a queue of its own, never a task's
/// thread.
final class TestClient: Sendable {
    private let queue = DispatchQueue(label: "test-client")
    private let descriptor: Int32
    private let received = Mutex<[UInt8]>([])

    /// What went wrong, in place of an answer.
    enum Problem: Error, Hashable {
        case refused
        /// The connection ended before what was waited for came.
        case ended
        /// Nothing came for ten seconds.
        case silence
        case reset
    }

    /// - Parameter receiveBytes: how much the kernel may take from the server before it is read
    ///   here; `nil` leaves that to the kernel.
    init(port: UInt16, receiveBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBytes {
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBytes,
                socklen_t(MemoryLayout<Int32>.size))
        }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
            socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result != 0 { throw Problem.refused }
    }

    deinit {
        close(descriptor)
    }

    /// Sends bytes.
    func send(_ text: String) async {
        let bytes = Array(text.utf8)
        await onQueue {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count <= 0 { return }
                sent += count
            }
        }
    }

    /// Ends this side of the connection.
    func finish() async {
        await onQueue { _ = shutdown(self.descriptor, Int32(SHUT_WR)) }
    }

    /// The next answer, with a body as long as its Content-Length.
    func response(hasBody: Bool = true) async throws -> TestResponse {
        let head = try await read(until: "\r\n\r\n")
        var response = TestResponse(head: head)
        if hasBody, let length = response.headers["content-length"].flatMap({ Int($0) }) {
            response.body = try await read(count: length)
        }
        return response
    }

    /// Everything up to and including a mark.
    func read(until mark: String) async throws -> String {
        let wanted = Array(mark.utf8)
        return try await take { bytes in
            bytes.indices.first { bytes[$0...].starts(with: wanted) }.map { $0 + wanted.count }
        }
    }

    func read(count: Int) async throws -> String {
        try await take { $0.count >= count ? count : nil }
    }

    /// The next bytes, as they are.
    func bytes(count: Int) async throws -> [UInt8] {
        while received.withLock({ $0.count }) < count { try await receiveMore() }
        return received.withLock { bytes in
            defer { bytes.removeFirst(count) }
            return Array(bytes[..<count])
        }
    }

    /// Everything up to the end of the connection.
    func rest() async throws -> String { String(decoding: try await restBytes(), as: UTF8.self) }

    /// Everything up to the end of the connection, as it is.
    func restBytes() async throws -> [UInt8] {
        while true {
            do {
                try await receiveMore()
            } catch Problem.ended {
                return received.withLock { $0 }
            }
        }
    }

    private func take(_ length: @Sendable ([UInt8]) -> Int?) async throws -> String {
        while true {
            let taken = received.withLock { bytes -> String? in
                guard let length = length(bytes) else { return nil }
                defer { bytes.removeFirst(length) }
                return String(decoding: bytes[..<length], as: UTF8.self)
            }
            if let taken { return taken }
            try await receiveMore()
        }
    }

    private func receiveMore() async throws {
        let problem = await onQueue { () -> Problem? in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(self.descriptor, &buffer, buffer.count, 0)
            let code = errno
            if count > 0 {
                self.received.withLock { $0 += buffer[..<count] }
                return nil
            }
            if count == 0 { return .ended }
            return code == EAGAIN ? .silence : .reset
        }
        if let problem { throw problem }
    }

    private func onQueue<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result
    {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}

/// An answer, taken apart.
struct TestResponse: Sendable {
    var status: Int
    /// By lower-case name; of several lines with one name the last.
    var headers: [String: String] = [:]
    var body = ""

    init(head: String) {
        let lines = head.split(separator: "\r\n")
        status = lines.first.flatMap { Int($0.dropFirst(9).prefix(3)) } ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ": ", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1]) : ""
        }
    }
}
