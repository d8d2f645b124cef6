// A scripted TCP server for tests: it answers verbatim bytes, and stalls, closes or resets where
// told. It must not know HTTP beyond finding the end of a request.

import Dispatch
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
        /// Waits a while: for answers that trickle, never for something to happen.
        case wait(Duration)
        /// Sends nothing more, until the client leaves.
        case stall
        /// Closes the connection in an orderly way (FIN).
        case close
        /// Breaks the connection off (RST).
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
        let served = Counter()
        self.init(greeting: []) { _ in replies[min(served.next(), replies.count - 1)] }
    }

    /// Does the same on every connection before, and without, reading anything.
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
    /// A whole answer with its length.
    package static func reply(
        _ status: Int, _ body: String, headers: [String] = []
    ) -> RawServer.Step {
        .reply(status, Array(body.utf8), headers: headers)
    }

    /// A whole answer with its length.
    package static func reply(
        _ status: Int, _ body: [UInt8] = [], headers: [String] = []
    ) -> RawServer.Step {
        let lines = ["HTTP/1.1 \(status) Reason", "Content-Length: \(body.count)"] + headers
        return .send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }
}

/// Holds a server's step back until a test lets it go.
package final class Gate: Sendable {
    private let opened = Atomic<Bool>(false)

    package init() {}

    package var isOpen: Bool { opened.load(ordering: .acquiring) }

    /// Lets everything go that waits, now and later.
    package func open() {
        opened.store(true, ordering: .releasing)
    }
}

/// Counts up from 0.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
}
