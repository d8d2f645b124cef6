// The word to stop: given once, heard by everybody who waits for it or asks later. It must not know
// what stops.

import Concurrency
import Jobs
import Synchronization

/// A signal that is given once and stays given.
final class ShutdownSignal: Sendable {
    private struct State {
        var isFired = false
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    init() {}

    var isFired: Bool { state.withLock(\.isFired) }

    func give() {
        let waiters = state.withLock { state in
            state.isFired = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the signal has been given, or when the task is cancelled.
    func wait() async {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    if state.isFired || Task.isCancelled { return true }
                    state.waiters[waiter] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
        }
    }

    /// Runs an operation in a task of its own, which is cancelled when the signal is given.
    ///
    /// The caller's task is not cancelled by that, so it can still record what came of the
    /// operation.
    func interrupting<Value: Sendable>(
        _ operation: @escaping @Sendable () async -> Value
    ) async -> Value {
        await ShutdownSignal.interrupting(by: [self], operation)
    }

    /// The same, for the first of several signals.
    static func interrupting<Value: Sendable>(
        by signals: [ShutdownSignal], _ operation: @escaping @Sendable () async -> Value
    ) async -> Value {
        await cutting(when: { await first(of: signals) }, operation)
    }

    /// The same, but an operation under way may go on for a while after the signal.
    func interrupting<Value: Sendable>(
        after grace: Duration, on clock: some Timekeeping,
        _ operation: @escaping @Sendable () async -> Value
    ) async -> Value {
        await ShutdownSignal.cutting(
            when: {
                await self.wait()
                try? await clock.sleep(for: grace)
            }, operation)
    }

    private static func cutting<Value: Sendable>(
        when moment: @escaping @Sendable () async -> Void,
        _ operation: @escaping @Sendable () async -> Value
    ) async -> Value {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await operation() }
            group.addTask {
                await moment()
                return nil
            }
            var result: Value?
            for await value in group {
                if let value { result = value }
                group.cancelAll()
            }
            // Its child ends with a value in any case: it is not optional, and the group has ended.
            guard let result else { preconditionFailure("the operation always has a result") }
            return result
        }
    }

    private static func first(of signals: [ShutdownSignal]) async {
        await withTaskGroup(of: Void.self) { group in
            for signal in signals { group.addTask { await signal.wait() } }
            await group.next()
            group.cancelAll()
        }
    }

    /// Waits for a span of time, or shorter where the signal is given before.
    func pause(for span: Duration, on clock: some Timekeeping) async {
        await ShutdownSignal.pause(for: span, on: clock, until: [self])
    }

    /// The same, for the first of several signals.
    static func pause(
        for span: Duration, on clock: some Timekeeping, until signals: [ShutdownSignal]
    ) async {
        _ = await withTimeout(span, sleep: clock.sleep) { await first(of: signals) }
    }
}
