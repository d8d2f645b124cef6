// Time that passes only when nothing else is left to wait for: for tests of what hangs.

import Datasets
import Jobs
import Synchronization

/// A clock whose sleepers wait for ever, but for the last of a known number: once the others were
/// cancelled, its time has come.
final class LastSleeperTime: Timekeeping {
    private struct State {
        var started = 0
        var asleep: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let sleepers: Int
    private let state = Mutex(State())

    init(_ sleepers: Int) {
        self.sleepers = sleepers
    }

    var now: Timestamp { Fixture.now }

    func sleep(for duration: Duration) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let id = state.withLock { state in
            state.started += 1
            state.asleep[state.started] = continuation
            return state.started
        }
        wakeLast()
        await withTaskCancellationHandler {
            for await _ in stream {}
        } onCancel: {
            continuation.finish()
        }
        state.withLock { $0.asleep[id] = nil }
        wakeLast()
        try Task.checkCancellation()
    }

    private func wakeLast() {
        state.withLock { state in
            guard state.started == sleepers, state.asleep.count == 1 else { return }
            state.asleep.values.first?.finish()
        }
    }
}
