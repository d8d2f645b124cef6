// SIGTERM and SIGINT as something that can be awaited. It must not know what stopping takes.

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

    private let state = Mutex(State.idle)
    // Never touched after init; held only so that the handlers stay installed.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    /// Installs the handlers. SIGPIPE and SIGXFSZ are ignored for good: a closed peer and a full
    /// quota are errors of one write, not the end of the process.
    init() {
        _ = Glibc.signal(SIGPIPE, SIG_IGN)
        _ = Glibc.signal(SIGXFSZ, SIG_IGN)
        let queue = DispatchQueue(label: "signals")
        sources = [SIGTERM, SIGINT].map { number in
            _ = Glibc.signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        for source in sources {
            source.setEventHandler { @Sendable [weak self] in self?.received() }
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
        waiter?.resume()
    }
}
