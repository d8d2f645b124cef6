// Time-outs: for operations that end when they are cancelled, and for those that do not.

import Synchronization

/// The value of an operation, or `nil` where the limit passed first or the caller was cancelled.
///
/// Structured: the operation runs in a child task, which is cancelled when the limit passes and has
/// ended when this returns, so the caller may release its resources then. Time-outs may be nested.
/// An operation that cannot be cancelled, such as a check of a disk that hangs, goes through a
/// ``SharedOperation``.
///
/// - Parameters:
///   - limit: no more than zero ends the operation at its first chance.
///   - sleep: returns when the time has passed, or its task is cancelled.
///   - operation: has to end soon after it is cancelled; its value is then dropped.
package func withTimeout<Value: Sendable>(
    _ limit: Duration, sleep: @escaping @Sendable (Duration) async throws -> Void,
    _ operation: @escaping @Sendable () async -> Value
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask {
            let value = await operation()
            return Task.isCancelled ? nil : value
        }
        group.addTask {
            try? await sleep(limit)
            return nil
        }
        let first = await group.next()
        group.cancelAll()
        // The group awaits the other child before it returns.
        return first ?? nil
    }
}

/// An operation that goes on when its callers give up, such as a look at a disk that hangs.
///
/// At most one run is under way; callers that arrive meanwhile wait for its result, so runs never
/// pile up behind one that hangs.
package final class SharedOperation<Value: Sendable>: Sendable {
    private struct State {
        var isRunning = false
        var waiters: [UInt64: CheckedContinuation<Value?, Never>] = [:]
        var lastNumber: UInt64 = 0
    }

    private let operation: @Sendable () async -> Value
    private let state = Mutex(State())

    package init(_ operation: @escaping @Sendable () async -> Value) {
        self.operation = operation
    }

    /// The result of the run under way, or of a new one.
    ///
    /// - Returns: `nil` if the caller's task is cancelled first.
    package func value() async -> Value? {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isCancelled, starts) = state.withLock { state in
                    if Task.isCancelled { return (true, false) }
                    state.waiters[number] = continuation
                    defer { state.isRunning = true }
                    return (false, !state.isRunning)
                }
                if isCancelled { continuation.resume(returning: nil) }
                // Unstructured, because it outlives callers that give up.
                if starts { Task { await run() } }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: nil)
        }
    }

    private func run() async {
        let value = await operation()
        let waiters = state.withLock { state in
            state.isRunning = false
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }
}
