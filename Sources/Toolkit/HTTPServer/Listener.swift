// Takes in new connections for one event loop, or turns them away. It must not know what is spoken
// on them.

import HTTP
import Posix

/// A loop's listening socket.
///
/// `@unchecked Sendable`: confined to the loop's thread once the loop runs.
final class Listener: Watching, @unchecked Sendable {
    private let bench: Workbench
    private var socket: ListeningSocket?
    private var token: WatcherTable.Token?
    /// Kept open to be given up when descriptors run out: with the one it frees, a waiting client
    /// can be told so. Otherwise it would wait for ever, and the socket, always readable, would
    /// keep the loop spinning.
    private var spare: FileDescriptor?
    private var pausedUntil: Moment?

    /// How many connections to accept before those that are open have their turn.
    private static let batch = 64
    /// How long not to accept when not even the spare descriptor helps.
    private static let pause = Duration.milliseconds(100)

    init(_ socket: consuming ListeningSocket, bench: Workbench) throws(SystemError) {
        self.bench = bench
        spare = try FileDescriptor.placeholder()
        let number = socket.number
        self.socket = consume socket
        token = try bench.loop.watch(number, interest: .readable, self)
    }

    func ready(_ event: Epoll.Event) {
        guard pausedUntil == nil else { return }
        for _ in 0..<Listener.batch where !acceptOne() { return }
    }

    func due() {
        guard let pausedUntil, let token else { return }
        guard pausedUntil <= bench.loop.now else {
            bench.loop.schedule(token, at: pausedUntil)
            return
        }
        self.pausedUntil = nil
        setInterest(.readable)
    }

    /// Takes in whoever waits already, and nobody after that: closing a socket on which somebody
    /// waits would reset that connection.
    func stop() {
        guard let token else { return }
        while acceptOne() {}
        bench.loop.forget(token)
        self.token = nil
        socket = nil
    }

    /// - Returns: whether to try again at once.
    private func acceptOne() -> Bool {
        guard let accepted = try? socket?.accept() else { return false }
        switch consume accepted {
        case .none:
            return false
        case .connection(let stream, let address):
            admit(stream, peer: address.host)
            return true
        case .exhausted:
            return acceptWithSpare()
        }
    }

    private func admit(_ stream: consuming StreamSocket, peer: String) {
        guard bench.count.take() else {
            turnAway(stream, peer: peer)
            return
        }
        guard let connection = try? Connection(stream, peer: peer, bench: bench) else {
            bench.count.giveBack()
            return
        }
        bench.add(connection)
    }

    private func acceptWithSpare() -> Bool {
        guard spare != nil else { return pauseAccepting() }
        spare = nil
        defer { spare = try? FileDescriptor.placeholder() }
        guard let accepted = try? socket?.accept() else { return false }
        switch consume accepted {
        case .none: return false
        case .connection(let stream, let address):
            turnAway(stream, peer: address.host)
            return true
        case .exhausted: return pauseAccepting()
        }
    }

    private func pauseAccepting() -> Bool {
        if spare == nil { spare = try? FileDescriptor.placeholder() }
        let until = bench.loop.now + Listener.pause
        pausedUntil = until
        setInterest([])
        if let token { bench.loop.schedule(token, at: until) }
        return false
    }

    private func setInterest(_ interest: Epoll.Interest) {
        guard let token, let number = socket?.number else { return }
        // Fails only for a descriptor that is not watched.
        try? bench.loop.change(number, interest: interest, token)
    }

    /// Answers 503 without making a connection of it.
    private func turnAway(_ stream: consuming StreamSocket, peer: String) {
        let rejection = Rejection(
            .serviceUnavailable, "The server has all the clients it can serve.")
        let identifier = bench.freshIdentifier()
        var answer: [UInt8] = []
        bench.append(rejection, isHead: false, identifier: identifier, to: &answer)
        _ = try? stream.send(answer.span.bytes)
        stream.finishSending()
        // A request that has arrived unread would make the kernel reset the connection, and might
        // destroy the answer.
        _ = try? stream.receive(into: bench.readBuffer)
        bench.observer?.served(
            ServedExchange(
                id: identifier, peer: peer, method: "-", target: "-",
                status: rejection.status.code, bytesSent: answer.count, duration: .zero))
    }
}
