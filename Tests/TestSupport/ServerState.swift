// The threads behind `RawServer`: one accepts, one more per connection talks.

import Dispatch
import Glibc
import Synchronization

/// What the server's threads share.
final class ServerState: Sendable {
    struct Log {
        var requests: [RecordedRequest] = []
        var accepted = 0
        /// The sockets of open connections, to wake their threads up at the end.
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

    /// Wakes every thread up; each closes what it owns.
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
            // Under the lock, so that stop() cannot shut down a stranger with the same number.
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
