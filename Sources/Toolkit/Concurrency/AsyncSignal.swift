// A signal that any task sends and one task waits for, such as "there may be new work".

import Synchronization

/// Wakes one waiting task; signals that no task waited for are kept as one.
package final class AsyncSignal: Sendable {
    private struct State {
        var isPending = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    package func signal() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state.waiter = nil }
            if state.waiter == nil { state.isPending = true }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns after a signal since the last wait, or when the task is cancelled; it may also
    /// return without reason. Only one task may wait at a time.
    package func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isPending = state.withLock { state -> Bool in
                    precondition(state.waiter == nil, "only the owner of the signal waits for it")
                    defer { state.isPending = false }
                    if !state.isPending && !Task.isCancelled { state.waiter = continuation }
                    return state.waiter == nil
                }
                if isPending { continuation.resume() }
            }
        } onCancel: {
            signal()
        }
    }

    /// Like ``wait()``, and returns at the latest when the limit has passed.
    ///
    /// - Parameter sleep: returns when the time has passed, or its task is cancelled.
    package func wait(
        atMost limit: Duration, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) async {
        guard limit > .zero else { return }
        _ = await withTimeout(limit, sleep: sleep) { await self.wait() }
    }
}
