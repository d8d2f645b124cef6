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
    private var handover: Handover?

    /// How many connections to accept before those that are open have their turn.
    private static let batch = 64
    /// How long not to accept when not even the spare descriptor helps.
    private static let pause = Duration.milliseconds(100)

    /// The end of a listener whose port is shared with other processes.
    private struct Handover {
        /// When to ignore further newcomers, `nil` once that is done.
        var ignoresAt: Moment?
        var closesAt: Moment
    }

    /// How long newcomers are ignored before the end. They lose a second, so that it is better not
    /// to need it: by then all of them should go elsewhere. But none of them may come between the
    /// last accept and the close.
    private static let lastCall = Duration.milliseconds(200)

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
        continueHandover()
        guard socket != nil else { return }
        if let pausedUntil, pausedUntil <= bench.loop.now {
            self.pausedUntil = nil
            setInterest(.readable)
        }
        bench.loop.schedule(token, at: pausedUntil)
        bench.loop.schedule(token, at: handover?.ignoresAt ?? handover?.closesAt)
    }

    /// Leaves the port to other processes: has new connections go there, takes in those that the
    /// kernel has promised to this socket already, and stops a while later.
    func handOver(by deadline: Moment) {
        let grace = bench.loop.now + bench.settings.timeouts.drainHandshake
        let closesAt = min(grace, deadline)
        let ignoresAt = closesAt + (.zero - Listener.lastCall)
        handover = Handover(ignoresAt: ignoresAt, closesAt: closesAt)
        // The sockets of the next process follow ours, and are as many. Where that is not so, some
        // clients still come to this socket: they are answered until newcomers are ignored.
        let ours = bench.settings.loopCount
        try? socket?.steer(to: ours..<2 * ours)
        if let token { bench.loop.schedule(token, at: ignoresAt) }
    }

    private func continueHandover() {
        guard let handover else { return }
        if let ignoresAt = handover.ignoresAt, ignoresAt <= bench.loop.now {
            // Where the kernel cannot, clients are reset that come at the very end.
            try? socket?.ignoreNewcomers()
            self.handover?.ignoresAt = nil
        }
        if handover.closesAt <= bench.loop.now { stop() }
    }

    /// Takes in whoever waits already, and nobody after that: closing a socket on which somebody
    /// waits would reset that connection.
    func stop() {
        guard let token else { return }
        while acceptOne() {}
        if handover != nil {
            // With each socket that closes, the kernel puts the last one into its place. Only the
            // first of the next process keeps its own until all of ours are gone.
            let ours = bench.settings.loopCount
            try? socket?.steer(to: ours..<ours + 1)
        }
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
    var isStopping: Bool { handover != nil || token == nil }

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
