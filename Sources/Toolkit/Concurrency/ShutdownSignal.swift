// A signal that fires once and stays fired: the request to stop, and what it interrupts.

import Synchronization

/// Fires once; every task that waits for it, now or later, continues.
package final class ShutdownSignal: Sendable {
    private struct State {
        var isFired = false
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastNumber: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var isFired: Bool { state.withLock(\.isFired) }

    package func fire() {
        let waiters = state.withLock { state in
            state.isFired = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the signal has fired, or when the task is cancelled.
    package func wait() async {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    if state.isFired || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }

    /// Sleeps for a span of time, or until the signal fires.
    ///
    /// - Parameter sleep: returns when the time has passed, or its task is cancelled.
    package func pause(
        for span: Duration, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) async {
        await ShutdownSignal.pause(for: span, until: [self], sleep: sleep)
    }

    /// Sleeps for a span of time, or until one of the signals fires.
    package static func pause(
        for span: Duration, until signals: [ShutdownSignal],
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) async {
        _ = await withTimeout(span, sleep: sleep) { await waitForFirst(of: signals) }
    }

    /// Runs an operation in a child task, which is cancelled when one of the signals fires.
    ///
    /// The caller's task is not cancelled, so it can still record the operation's result.
    package static func run<Value: Sendable>(
        cancelledBy signals: [ShutdownSignal], _ operation: @escaping @Sendable () async -> Value
    ) async -> Value {
        await run(cancelledAfter: { await waitForFirst(of: signals) }, operation)
    }

    /// Runs an operation in a child task, which is cancelled a grace after the signal fired.
    package static func run<Value: Sendable>(
        cancelledBy signal: ShutdownSignal, after grace: Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        _ operation: @escaping @Sendable () async -> Value
    ) async -> Value {
        await run(
            cancelledAfter: {
                await signal.wait()
                try? await sleep(grace)
            }, operation)
    }

    private static func run<Value: Sendable>(
        cancelledAfter wait: @escaping @Sendable () async -> Void,
        _ operation: @escaping @Sendable () async -> Value
    ) async -> Value {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await operation() }
            group.addTask {
                await wait()
                return nil
            }
            var result: Value?
            for await value in group {
                if let value { result = value }
                group.cancelAll()
            }
            // The operation's child always returns a value, and the group has ended.
            guard let result else { preconditionFailure("the operation always has a result") }
            return result
        }
    }

    private static func waitForFirst(of signals: [ShutdownSignal]) async {
        await withTaskGroup(of: Void.self) { group in
            for signal in signals { group.addTask { await signal.wait() } }
            await group.next()
            group.cancelAll()
        }
    }
}
