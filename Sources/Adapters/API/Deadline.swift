// Waiting that ends: for answers that must come whether or not what they ask for does.

import Jobs
import Synchronization

/// Waits for work for a limited time.
enum Deadline {
    /// The result of the work, or `nil` where it has none within the limit; then it is cancelled
    /// and left behind.
    ///
    /// A task group would not do: it waits for its children, even for one that hangs.
    static func wait<Result: Sendable>(
        _ limit: Duration, by time: any Timekeeping,
        for work: @escaping @Sendable () async -> Result
    ) async -> Result? {
        let first = First<Result>()
        let worker = Task { first.settle(await work()) }
        let alarm = Task {
            // Cancelled once the work is done, when nobody waits any more.
            try? await time.sleep(for: limit)
            first.settle(nil)
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { first.wait($0) }
        } onCancel: {
            first.settle(nil)
        }
        worker.cancel()
        alarm.cancel()
        return result
    }

    /// Takes the first of several results.
    private final class First<Result: Sendable>: Sendable {
        private enum State {
            case open
            case waiting(CheckedContinuation<Result?, Never>)
            case settled(Result?)
        }

        private let state = Mutex(State.open)

        func settle(_ result: Result?) {
            let waiter = state.withLock { state -> CheckedContinuation<Result?, Never>? in
                switch state {
                case .open:
                    state = .settled(result)
                    return nil
                case .waiting(let continuation):
                    state = .settled(result)
                    return continuation
                case .settled: return nil
                }
            }
            waiter?.resume(returning: result)
        }

        func wait(_ continuation: CheckedContinuation<Result?, Never>) {
            let settled = state.withLock { state -> Result?? in
                if case .settled(let result) = state { return .some(result) }
                state = .waiting(continuation)
                return nil
            }
            if let settled { continuation.resume(returning: settled) }
        }
    }
}
