// Work that cannot be cancelled, asked for by many who can: at most one piece of it is under way.

import Synchronization

/// An operation that goes on when its callers give up, such as a look at a disk that hangs.
///
/// At most one run is under way: all who ask meanwhile wait for that one, so questions never pile
/// up behind one that hangs.
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

    /// What the run under way finds, or a new one where none is.
    ///
    /// - Returns: `nil` where the caller's task was cancelled first.
    package func value() async -> Value? {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isCancelled, begins) = state.withLock { state in
                    if Task.isCancelled { return (true, false) }
                    state.waiters[number] = continuation
                    defer { state.isRunning = true }
                    return (false, !state.isRunning)
                }
                if isCancelled { continuation.resume(returning: nil) }
                // A task of its own, on purpose: it outlives callers that give up.
                if begins { Task { await run() } }
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
