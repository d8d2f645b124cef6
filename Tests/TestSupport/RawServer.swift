// A scripted TCP server: it sends bytes verbatim, and stalls, closes or resets as a script says.

import Dispatch
import Glibc
import Synchronization

/// Listens on 127.0.0.1, on a port of the kernel's choice, until it is released.
///
/// Each connection has a thread of its own, off the cooperative pool, so that it may block.
package final class RawServer: Sendable {
    /// What the server does next on a connection.
    package enum Step: Sendable {
        /// Sends bytes verbatim.
        case send([UInt8])
        /// Sends text verbatim.
        case text(String)
        /// Waits before the next step, until the gate opens or the client leaves.
        case hold(Gate)
        /// Waits before the next step, for replies that trickle.
        case wait(Duration)
        /// Sends nothing more, until the client leaves.
        case stall
        /// Closes the connection (FIN).
        case close
        /// Aborts the connection (RST).
        case reset
    }

    /// The steps that answer a request. A connection whose steps do not end in a close awaits the
    /// next request.
    package typealias Script = @Sendable (RecordedRequest) -> [Step]

    /// `http://127.0.0.1:PORT`.
    package var url: String { "http://127.0.0.1:\(port)" }
    package var port: UInt16 { state.port }
    /// The requests so far, in the order in which they were complete.
    package var requests: [RecordedRequest] { state.log.withLock { $0.requests } }
    /// Connections accepted so far.
    package var connectionsAccepted: Int { state.log.withLock { $0.accepted } }
    /// Connections that neither side has closed.
    package var connectionsOpen: Int { state.log.withLock { $0.open.count } }

    private let state: ServerState

    /// Answers every request by the script.
    package convenience init(_ script: @escaping Script) {
        self.init(greeting: [], script: script)
    }

    /// Answers the first request with the first script, the second with the second …, and all
    /// further ones with the last.
    package convenience init(replies: [Step]...) {
        let served = Mutex(0)
        self.init(greeting: []) { _ in
            let number = served.withLock { served in
                defer { served += 1 }
                return served
            }
            return replies[min(number, replies.count - 1)]
        }
    }

    /// Performs the same steps on every connection without reading a request.
    package convenience init(greeting: [Step]) {
        self.init(greeting: greeting) { _ in [.close] }
    }

    private init(greeting: [Step], script: @escaping Script) {
        let state = ServerState(listener: Sockets.listener(), greeting: greeting, script: script)
        self.state = state
        DispatchQueue(label: "raw-server").async { state.acceptConnections() }
    }

    deinit {
        state.stop()
    }
}

extension RawServer.Step {
    /// A complete response with its length.
    package static func reply(
        _ status: Int, _ body: String, headers: [String] = []
    ) -> RawServer.Step {
        .reply(status, Array(body.utf8), headers: headers)
    }

    /// A complete response with its length.
    package static func reply(
        _ status: Int, _ body: [UInt8] = [], headers: [String] = []
    ) -> RawServer.Step {
        let lines = ["HTTP/1.1 \(status) Reason", "Content-Length: \(body.count)"] + headers
        return .send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }
}

/// Holds a server's step back until a test opens it.
package final class Gate: Sendable {
    private let opened = Atomic<Bool>(false)

    package init() {}

    package var isOpen: Bool { opened.load(ordering: .acquiring) }

    /// Ends all waits, now and later.
    package func open() {
        opened.store(true, ordering: .releasing)
    }
}

/// What the server's threads share: one accepts, and one for each connection talks.
private final class ServerState: Sendable {
    struct Log {
        var requests: [RecordedRequest] = []
        var accepted = 0
        /// The sockets of open connections, to wake their threads at the end.
        var open: [Int: Int32] = [:]
    }

    let port: UInt16
    let log = Mutex(Log())
    private let listener: Int32
    private let greeting: [RawServer.Step]
    private let script: RawServer.Script
    private let stopped = Atomic<Bool>(false)

    init(listener: Int32, greeting: [RawServer.Step], script: @escaping RawServer.Script) {
        self.listener = listener
        self.greeting = greeting
        self.script = script
        port = Sockets.port(of: listener)
    }

    var isStopped: Bool { stopped.load(ordering: .acquiring) }

    /// Wakes all threads; each closes the sockets that it owns.
    func stop() {
        stopped.store(true, ordering: .releasing)
        shutdown(listener, Int32(SHUT_RDWR))
        log.withLock { log in
            for socket in log.open.values { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Runs until the server stops, on a thread of its own.
    func acceptConnections() {
        while !isStopped {
            let socket = accept(listener, nil, nil)
            guard socket >= 0 else { continue }
            let number = log.withLock { log in
                log.open[log.accepted] = socket
                log.accepted += 1
                return log.accepted - 1
            }
            DispatchQueue(label: "raw-connection").async { self.serve(socket, number) }
        }
        close(listener)
    }

    private func serve(_ socket: Int32, _ number: Int) {
        talk(socket, number)
        log.withLock { log in
            log.open[number] = nil
            // Under the lock, so that stop() cannot shut down another socket of the same number.
            close(socket)
        }
    }

    private func talk(_ socket: Int32, _ number: Int) {
        guard greeting.isEmpty else {
            _ = perform(greeting, on: socket)
            return
        }
        var received: [UInt8] = []
        while !isStopped {
            if let request = RecordedRequest.take(from: &received, connection: number) {
                log.withLock { $0.requests.append(request) }
                guard perform(script(request), on: socket) else { return }
            } else {
                guard let more = Sockets.receive(socket) else { return }
                received += more
            }
        }
    }

    /// - Returns: whether the connection may go on.
    private func perform(_ steps: [RawServer.Step], on socket: Int32) -> Bool {
        for step in steps {
            switch step {
            case .send(let bytes): guard Sockets.send(bytes, to: socket) else { return false }
            case .text(let text):
                guard Sockets.send(Array(text.utf8), to: socket) else { return false }
            case .hold(let gate):
                while !gate.isOpen {
                    if isStopped || Sockets.hasEnded(socket, within: .milliseconds(1)) {
                        return false
                    }
                }
            case .wait(let duration):
                if Sockets.hasEnded(socket, within: duration) { return false }
            case .stall:
                while !isStopped, !Sockets.hasEnded(socket, within: .milliseconds(20)) {}
                return false
            case .close: return false
            case .reset:
                Sockets.armReset(socket)
                return false
            }
        }
        return true
    }
}

/// A request as the server received it.
package struct RecordedRequest: Sendable {
    /// The connection it came on: 0 for the first one that the server accepted.
    package var connection: Int
    /// Everything up to and including the empty line.
    package var head: String
    package var body: [UInt8]

    package var method: String { String(requestLine.first ?? "") }
    /// The request target, such as `/v1/exchanges?x=1`.
    package var target: String { requestLine.count > 1 ? String(requestLine[1]) : "" }
    package var bodyText: String { String(decoding: body, as: UTF8.self) }

    private var requestLine: [Substring] {
        head.prefix { $0 != "\r\n" && $0 != "\n" }.split(separator: " ")
    }

    /// The value of the first field with this name, in any case.
    package subscript(name: String) -> String? {
        for line in head.split(whereSeparator: { $0 == "\r\n" }).dropFirst() {
            guard let colon = line.firstIndex(of: ":"),
                line[..<colon].lowercased() == name.lowercased()
            else { continue }
            let value = line[line.index(after: colon)...]
            return String(value.drop { $0 == " " })
        }
        return nil
    }

    /// Removes the first request from the bytes; `nil` while it is incomplete. A body needs a
    /// Content-Length.
    fileprivate static func take(from bytes: inout [UInt8], connection: Int) -> RecordedRequest? {
        guard let headEnd = bytes.endOfHead else { return nil }
        var request = RecordedRequest(
            connection: connection, head: String(decoding: bytes[..<headEnd], as: UTF8.self),
            body: [])
        let length = request["Content-Length"].flatMap { Int($0) } ?? 0
        guard bytes.count >= headEnd + length else { return nil }
        request.body = Array(bytes[headEnd..<(headEnd + length)])
        bytes.removeFirst(headEnd + length)
        return request
    }
}
