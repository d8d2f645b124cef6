// Takes in new connections for one event loop, makes room for them, or turns them away. It must not
// know what is spoken on them.

import HTTP
import Posix

/// A loop's listening socket.
///
/// `@unchecked Sendable`: confined to the loop's thread once the loop runs.
final class Listener: Watching, @unchecked Sendable {
    let bench: Workbench
    /// The other loops' benches, set before the loops run.
    var others: [Workbench] = []
    /// Clients for whom other loops are asked for room.
    var newcomers = 0
    /// Other loops are not asked for room before.
    var nextQuestion: Moment?
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
        guard let token else { return }
        if let pausedUntil, pausedUntil <= bench.loop.now {
            self.pausedUntil = nil
            setInterest(.readable)
        }
        bench.loop.schedule(token, at: pausedUntil)
    }

    /// Takes in whoever waits already, and nobody after that: closing a socket on which somebody
    /// waits would reset that connection.
    func stop() {
        guard let token else { return }
        while acceptOne() {}
        bench.loop.forget(token)
        self.token = nil
        socket = nil
        reportEnd()
    }

    /// Tells the bench when nothing can come from here any more.
    func reportEnd() {
        if socket == nil, newcomers == 0 { bench.stoppedListening() }
    }

    /// Whether it takes in whoever comes.
    var isStopping: Bool { token == nil }

    /// - Returns: whether to try again at once.
    private func acceptOne() -> Bool {
        guard let accepted = try? socket?.accept() else { return false }
        switch consume accepted {
        case .none:
            return false
        case .connection(let stream, let address):
            admit(stream, address)
            return true
        case .exhausted:
            return bench.makeRoom(of: nil) || acceptWithSpare()
        }
    }

    private func acceptWithSpare() -> Bool {
        guard spare != nil else { return pauseAccepting() }
        spare = nil
        defer { spare = try? FileDescriptor.placeholder() }
        guard let accepted = try? socket?.accept() else { return false }
        switch consume accepted {
        case .none: return false
        case .connection(let stream, let address):
            bench.turnAwayAtOnce(stream, peer: address.host)
            return true
        case .exhausted: return pauseAccepting()
        }
    }

    private func pauseAccepting() -> Bool {
        if spare == nil { spare = try? FileDescriptor.placeholder() }
        if spare == nil { askForSpare(others[...]) }
        let until = bench.loop.now + Listener.pause
        pausedUntil = until
        setInterest([])
        if let token { bench.loop.schedule(token, at: until) }
        return false
    }

    /// Another loop that accepts at the same moment may have been quicker to take the descriptor
    /// that was given up here, and keeps it for a client. So it, or the next one, has to close what
    /// it can best do without; or whoever comes here would not be told anything.
    private func askForSpare(_ remaining: ArraySlice<Workbench>) {
        guard let other = remaining.first else { return }
        other.loop.perform {
            _ = other.makeRoom(of: nil)
            self.bench.loop.perform {
                guard self.token != nil, self.spare == nil else { return }
                self.spare = try? FileDescriptor.placeholder()
                if self.spare == nil { self.askForSpare(remaining.dropFirst()) }
            }
        }
    }

    private func setInterest(_ interest: Epoll.Interest) {
        guard let token, let number = socket?.number else { return }
        // Fails only for a descriptor that is not watched.
        try? bench.loop.change(number, interest: interest, token)
    }
}
