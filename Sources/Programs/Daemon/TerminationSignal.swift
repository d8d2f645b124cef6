// The signals of the process: end, open the log anew, or nothing.

import Dispatch
import Glibc
import Synchronization

/// The operator's wish that the process ends: the first signal asks, the second insists.
///
/// Created and used outside the main actor: a Dispatch source handler written where the main actor
/// rules traps when it fires on its queue.
final class TerminationSignal: Sendable {
    private enum State {
        case idle
        case awaited(CheckedContinuation<Void, Never>)
        case received
    }

    /// Signals without a meaning here, each of which ends a process by default. Those of a closed
    /// peer (SIGPIPE) and a full quota (SIGXFSZ) are errors of one write.
    private static let ignored = [
        SIGPIPE, SIGXFSZ, SIGXCPU, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR,
        SIGSTKFLT,
    ]

    private let state = Mutex(State.idle)
    private let firstReceived: @Sendable () -> Void
    // Never touched after init; held only so that the handlers stay installed.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    /// Installs the handlers. SIGTERM, SIGINT and SIGQUIT ask for the end. SIGHUP does where the
    /// service has a terminal, which has been closed then, unless it was started to outlive that
    /// (nohup); everywhere else it asks for the log to be opened anew.
    ///
    /// - Parameters:
    ///   - hangUp: called at each SIGHUP that does not ask for the end.
    ///   - firstReceived: called once, at the first signal that does.
    init(
        hangUp: @escaping @Sendable () -> Void, firstReceived: @escaping @Sendable () -> Void
    ) {
        self.firstReceived = firstReceived
        for number in TerminationSignal.ignored + TerminationSignal.realTime {
            _ = Glibc.signal(number, SIG_IGN)
        }
        let queue = DispatchQueue(label: "signals")
        let wasIgnored = TerminationSignal.ignore(SIGHUP)
        let hangUpEnds = !wasIgnored && TerminationSignal.hasTerminal
        let ending = [SIGTERM, SIGINT, SIGQUIT].filter { number in
            // A shell has its background jobs ignore SIGQUIT, which is a key of its terminal.
            !TerminationSignal.ignore(number) || number != SIGQUIT
        }
        sources = (ending + [SIGHUP]).map { number in
            DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        for source in sources {
            let asksForEnd = source.handle != UInt(SIGHUP) || hangUpEnds
            source.setEventHandler { @Sendable [weak self] in
                if asksForEnd { self?.received() } else { hangUp() }
            }
            source.resume()
        }
    }

    /// Returns when the first signal has come.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isReceived = state.withLock { state in
                if case .received = state { return true }
                state = .awaited(continuation)
                return false
            }
            if isReceived { continuation.resume() }
        }
    }

    private func received() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            switch state {
            case .idle:
                state = .received
                return nil
            case .awaited(let continuation):
                state = .received
                return continuation
            case .received:
                // Everything durable is on disk already; what is in flight is what the operator
                // gives up.
                _exit(1)
            }
        }
        firstReceived()
        waiter?.resume()
    }

    /// - Returns: whether it was ignored before.
    private static func ignore(_ number: Int32) -> Bool {
        let former = Glibc.signal(number, SIG_IGN)
        return unsafeBitCast(former, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Those that the C library leaves to programs.
    private static var realTime: [Int32] {
        Array(__libc_current_sigrtmin()...max(__libc_current_sigrtmin(), __libc_current_sigrtmax()))
    }

    /// Whether the process belongs to a terminal session (`man 4 tty`).
    private static var hasTerminal: Bool {
        let number = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        if number >= 0 { close(number) }
        return number >= 0
    }
}
