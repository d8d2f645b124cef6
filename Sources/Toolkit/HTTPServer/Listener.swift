// Accepts connections for one event loop: each gets a free slot, that of an idle connection of this
// loop or of another, or the answer 503.

import HTTP
import Posix
import Synchronization

/// A loop's listening socket.
///
/// `@unchecked Sendable`: confined to the loop's thread once the loop runs.
final class Listener: Watching, @unchecked Sendable {
    private let context: LoopContext
    /// The other loops' contexts, set before the loops run.
    var others: [LoopContext] = []
    private var socket: ListeningSocket?
    private var token: WatcherTable.Token?
    /// Kept open to be given up when descriptors run out: with the one it frees, a waiting client
    /// can be told so. Otherwise it would wait for ever, and the socket, always readable, would
    /// keep the loop spinning.
    private var spare: FileDescriptor?
    private var pausedUntil: Moment?
    /// Accepted connections for which other loops are asked to close an idle one.
    private var pendingCount = 0
    /// Other loops are not asked before.
    private var nextQuestion: Moment?

    /// How many connections to accept before those that are open have their turn.
    private static let batch = 64
    /// How long not to accept when not even the spare descriptor helps.
    private static let pause = Duration.milliseconds(100)
    /// How many connections may wait for other loops' answers; each holds a descriptor.
    private static let pendingMax = 8
    /// How long not to ask other loops again when they had no idle connection: under a flood, the
    /// question would cost more than the answer 503.
    private static let questionPause = Duration.milliseconds(50)

    init(_ socket: consuming ListeningSocket, context: LoopContext) throws(SystemError) {
        self.context = context
        spare = try FileDescriptor.placeholder()
        let number = socket.number
        self.socket = consume socket
        token = try context.loop.watch(number, interest: .readable, self)
    }

    func ready(_ event: Epoll.Event) {
        guard pausedUntil == nil else { return }
        for _ in 0..<Listener.batch where !acceptOne() { return }
    }

    func due() {
        guard let token else { return }
        if let pausedUntil, pausedUntil <= context.loop.now {
            self.pausedUntil = nil
            setInterest(.readable)
        }
        context.loop.schedule(token, at: pausedUntil)
    }

    /// Accepts what waits already, and nothing after that: closing a socket on which a client waits
    /// would reset its connection.
    func stop() {
        guard let token else { return }
        while acceptOne() {}
        context.loop.forget(token)
        self.token = nil
        socket = nil
        reportEnd()
    }

    /// Tells the context when no connection can come from here any more.
    private func reportEnd() {
        if socket == nil, pendingCount == 0 { context.stoppedListening() }
    }

    // MARK: - Accepting

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
            return context.evictIdle(of: nil) || acceptWithSpare()
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
            context.turnAwayAtOnce(stream, peer: address.host)
            return true
        case .exhausted: return pauseAccepting()
        }
    }

    private func pauseAccepting() -> Bool {
        if spare == nil { spare = try? FileDescriptor.placeholder() }
        if spare == nil { askForSpare() }
        let until = context.loop.now + Listener.pause
        pausedUntil = until
        setInterest([])
        if let token { context.loop.schedule(token, at: until) }
        return false
    }

    private func setInterest(_ interest: Epoll.Interest) {
        guard let token, let number = socket?.number else { return }
        // Fails only for a descriptor that is not watched.
        try? context.loop.change(number, interest: interest, token)
    }

    // MARK: - Admission

    /// Gives a new connection a slot, or turns it away.
    private func admit(_ stream: consuming StreamSocket, _ address: SocketAddress) {
        do throws(ConnectionCount.Shortage) {
            open(stream, address, try slot(for: address.network))
        } catch {
            // An address that has all it may have takes slots from its own connections only.
            let network = error == .ofAddress ? address.network : nil
            if mayAskOthers {
                askForSlot(PendingConnection(stream, address), of: network)
            } else {
                failWaiters(stream, address)
            }
        }
    }

    /// A free slot, or that of one of this loop's idle connections.
    private func slot(
        for network: UInt64
    ) throws(ConnectionCount.Shortage)
        -> ConnectionCount.Slot
    {
        do throws(ConnectionCount.Shortage) {
            return try context.count.take(for: network)
        } catch {
            guard context.evictIdle(of: error == .ofAddress ? network : nil) else { throw error }
            return try context.count.take(for: network)
        }
    }

    private func open(
        _ stream: consuming StreamSocket, _ address: SocketAddress, _ slot: ConnectionCount.Slot
    ) {
        if let connection = connection(stream, address, slot) { context.add(connection) }
    }

    /// Answers 503, and stays until the client has read it: closing while its request is on the way
    /// would make the kernel reset the connection, and might destroy the answer.
    private func failWaiters(_ stream: consuming StreamSocket, _ address: SocketAddress) {
        guard let slot = context.count.takeClosing() else {
            context.turnAwayAtOnce(stream, peer: address.host)
            return
        }
        guard let connection = connection(stream, address, slot) else { return }
        connection.state.failWaiters(LoopContext.full)
        context.add(connection)
        connection.turn()
    }

    private func connection(
        _ stream: consuming StreamSocket, _ address: SocketAddress, _ slot: ConnectionCount.Slot
    ) -> Connection? {
        let peer = address.host
        guard let connection = try? Connection(stream, peer: peer, slot: slot, context: context)
        else {
            context.count.release(slot)
            return nil
        }
        return connection
    }

    // MARK: - Idle connections of other loops

    private var mayAskOthers: Bool {
        let isPausing = nextQuestion.map { context.loop.now < $0 } ?? false
        return !others.isEmpty && !isPausing && token != nil && pendingCount < Listener.pendingMax
    }

    private func askForSlot(_ pending: PendingConnection, of network: UInt64?) {
        pendingCount += 1
        Task.immediate(executorPreference: context.loop) { [self] in
            var slot: ConnectionCount.Slot?
            let hasSlot = await evictElsewhere(of: network) {
                slot = try? context.count.take(for: pending.address.network)
                return slot != nil
            }
            if !hasSlot { nextQuestion = context.loop.now + Listener.questionPause }
            pendingCount -= 1
            if let stream = pending.take() {
                if let slot {
                    open(stream, pending.address, slot)
                } else {
                    failWaiters(stream, pending.address)
                }
            }
            reportEnd()
        }
    }

    /// Another loop that accepts at the same moment may have been quicker to take the descriptor
    /// that was given up here, and keeps it for a client. So it, or the next one, has to close what
    /// it can best do without; or no client that comes here would get an answer.
    private func askForSpare() {
        Task.immediate(executorPreference: context.loop) { [self] in
            _ = await evictElsewhere(of: nil) {
                if token != nil, spare == nil { spare = try? FileDescriptor.placeholder() }
                return token == nil || spare != nil
            }
        }
    }

    /// Has one loop after the other close its longest idle connection, until that helps here.
    private func evictElsewhere(of network: UInt64?, until helps: () -> Bool) async -> Bool {
        for other in others {
            await other.evictIdleForOthers(of: network)
            if helps() { return true }
        }
        return false
    }
}

/// A connection that waits until the other loops have been asked for a slot.
private final class PendingConnection: Sendable {
    private let stream: Mutex<StreamSocket?>
    let address: SocketAddress

    init(_ stream: consuming StreamSocket, _ address: SocketAddress) {
        self.stream = Mutex(consume stream)
        self.address = address
    }

    /// The connection, once.
    func take() -> StreamSocket? { stream.withLock { $0.take() } }
}
