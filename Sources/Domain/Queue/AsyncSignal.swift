// A bell that one task waits for and any task rings. It must not know what the news is.

import Concurrency
import Datasets
import Jobs
import Synchronization

/// Wakes one waiting task; rings that nobody waited for are kept as one.
final class AsyncSignal: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    init() {}

    func signal() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state.waiter = nil }
            if state.waiter == nil { state.isRung = true }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns when the bell was rung since the last wait, or when the task is cancelled; it may
    /// also return without reason. Only one task may wait at a time.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRung = state.withLock { state -> Bool in
                    precondition(state.waiter == nil, "two tasks wait for one bell")
                    defer { state.isRung = false }
                    if !state.isRung && !Task.isCancelled { state.waiter = continuation }
                    return state.waiter == nil
                }
                if isRung { continuation.resume() }
            }
        } onCancel: {
            signal()
        }
    }

    /// Like ``wait()``, and returns at the latest at the moment, if there is one.
    func wait(until moment: Timestamp?, on clock: some Timekeeping) async {
        guard let moment else { return await wait() }
        let span = moment - clock.now
        guard span > .zero else { return }
        _ = await withTimeout(span, sleep: clock.sleep) { await self.wait() }
    }
}
