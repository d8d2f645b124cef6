// The server: starts the loops, and ends them.

package import HTTP
package import Posix
import Synchronization

/// An HTTP/1.1 server for any ``Handler``.
///
/// The life of a request:
/// 1. The kernel gives a new connection to one loop's listening socket (`Listener`), which makes a
///    `Connection` of it, unless there are too many (`ConnectionCount`).
/// 2. Bytes arrive; epoll tells the loop (`EventLoop`), the loop tells the connection, which
///    receives them and hands them to its state (`HTTP.ConnectionState`).
/// 3. The state's parser finds lines (`HTTP.ReceiveBuffer`), first the request line
///    (`HTTP.RequestLine`), then the fields (`HTTP.FieldLine`, `HTTP.Headers`).
/// 4. At the end of the head its meaning is judged: how long the body is, whose host is meant,
///    whether the connection stays (`HTTP.MessageFraming`, `HTTP.Authority`, `HTTP.RequestTarget`).
/// 5. The body follows, by length or in chunks (`HTTP.RequestParser+Body`, `HTTP.ChunkedBody`).
///    Where too many requests stay unfinished, the oldest are refused (`LoopMemory`).
/// 6. The state's next action is to respond; the connection asks the handler (`HTTP.Handler`),
///    which answers at once, or in a task on the loop, where it runs inline until it suspends.
/// 7. The response's head is written into the output (`HTTP.ResponseEncoder`), the body behind it,
///    at once, piece by piece, or as a part of a file (`Connection+Answering`, `StreamWriter`,
///    `HTTP.FileRepresentation`).
/// 8. The output is sent in one call, as far as the kernel takes it (`OutputQueue`); the rest when
///    epoll says so.
/// 9. The observer is told of the exchange, and the state decides: the next request, or the end.
/// 10. The end comes in stages: our direction first, then reading on for a while, then the close;
///    and every step that takes too long meets a deadline (`DeadlineWheel`).
package final class HTTPServer: Sendable {
    private let settings: ServerSettings
    private let handler: any Handler
    private let observer: (any ServerObserving)?
    private let phase = Mutex(Phase.idle)

    private enum Phase: Sendable {
        case idle
        case running([Share])
        case ended
    }

    /// One loop and what belongs to it.
    private struct Share: Sendable {
        var loop: EventLoop
        var context: LoopContext
        var listener: Listener
    }

    /// - Parameter observer: told of each answer, for the access log.
    package init(
        settings: ServerSettings, handler: any Handler, observer: (any ServerObserving)? = nil
    ) {
        precondition(settings.loopCount > 0, "a server needs a loop")
        self.settings = settings
        self.handler = handler
        self.observer = observer
    }

    /// Starts to serve. When it returns, the server listens already.
    ///
    /// - Returns: the port, which the kernel has chosen if the settings say 0.
    /// - Throws: ``ServerError``.
    package func start() throws(ServerError) -> UInt16 {
        try phase.withLock { (phase) throws(ServerError) -> UInt16 in
            guard case .idle = phase else { throw .alreadyStarted }
            let (shares, port) = try makeShares()
            for share in shares { share.loop.start() }
            phase = .running(shares)
            return port
        }
    }

    /// Stops to accept, closes connections that have been idle for a while, answers what is under
    /// way with `Connection: close`, and returns when all connections are gone. A client that was
    /// busy until now is still answered once (``HTTP/Timeouts/drainIdle``).
    ///
    /// - Parameter duration: after it, what is left is cut.
    package func drain(within duration: Duration) async {
        let shares = phase.withLock { phase -> [Share] in
            defer { phase = .ended }
            guard case .running(let shares) = phase else { return [] }
            return shares
        }
        guard !shares.isEmpty else { return }
        let deadline = Moment(nanoseconds: MonotonicClock.nanoseconds) + duration
        await withCheckedContinuation { continuation in
            let remaining = Countdown(shares.count) { continuation.resume() }
            for share in shares {
                share.loop.perform {
                    share.listener.stop()
                    share.context.drain(until: deadline) { remaining.decrement() }
                }
            }
        }
    }

    private func makeShares() throws(ServerError) -> ([Share], port: UInt16) {
        guard let wanted = SocketAddress(host: settings.host, port: settings.port) else {
            throw .unknownHost(settings.host)
        }
        do throws(SystemError) {
            if settings.port != 0 {
                // The loops share the port among themselves, and so would any other process of
                // this user: one that is there already must be met first.
                try ListeningSocket.checkIsFree(wanted)
            }
            let count = ConnectionCount(
                wanted: settings.connectionMax, perAddress: settings.connectionsPerAddressMax)
            let first = try listen(wanted)
            let bound = try first.address()
            var shares = [try makeShare(first, count: count, number: 0)]
            for number in 1..<max(1, settings.loopCount) {
                let socket = try listen(wanted.withPort(bound.port))
                shares.append(try makeShare(socket, count: count, number: number))
            }
            for share in shares {
                share.listener.others = shares.map(\.context).filter { $0 !== share.context }
            }
            return (shares, bound.port)
        } catch {
            if error.isAddressInUse {
                throw .portTaken(host: settings.host, port: settings.port)
            }
            throw .system(error)
        }
    }

    private func listen(_ address: SocketAddress) throws(SystemError) -> ListeningSocket {
        try ListeningSocket(address, sharesPort: true, backlog: settings.backlog)
    }

    private func makeShare(
        _ socket: consuming ListeningSocket, count: ConnectionCount, number: Int
    ) throws(SystemError) -> Share {
        let loop = try EventLoop(name: "http-\(number)")
        let context = LoopContext(
            loop: loop, settings: settings, handler: handler, observer: observer, count: count)
        return Share(loop: loop, context: context, listener: try Listener(socket, context: context))
    }
}

/// Calls a closure when as many as were announced are done.
private final class Countdown: Sendable {
    private let remaining: Atomic<Int>
    private let whenZero: @Sendable () -> Void

    init(_ count: Int, whenZero: @escaping @Sendable () -> Void) {
        remaining = Atomic(count)
        self.whenZero = whenZero
    }

    func decrement() {
        // The last one sees what the others did before.
        if remaining.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { whenZero() }
    }
}

/// A failure to start listening.
package enum ServerError: Error, Sendable, CustomStringConvertible {
    /// The host is neither an address nor a name that the machine can resolve.
    case unknownHost(String)
    /// Another process listens on the port.
    case portTaken(host: String, port: UInt16)
    /// A system call failed.
    case system(SystemError)
    /// The server was started before, or drained.
    case alreadyStarted

    package var description: String {
        switch self {
        case .unknownHost(let host): "unknown host \(host)"
        case .portTaken(let host, let port): "port \(port) on \(host) is taken"
        case .system(let error): "\(error)"
        case .alreadyStarted: "the server was started before"
        }
    }
}
