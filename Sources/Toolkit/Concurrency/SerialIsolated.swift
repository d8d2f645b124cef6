// Blocking work on serial queues, away from the few threads that run async code.

package import Dispatch
import Synchronization

extension DispatchQueue {
    /// Runs blocking work on the queue and waits for its result without holding a thread: async
    /// code shares as many threads as there are cores, and none of them may sleep in a system call.
    package func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            async { continuation.resume(returning: body()) }
        }
    }
}

/// Tells work on another thread that its result is no longer wanted.
package final class CancellationFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    package init() {}

    package var isRaised: Bool { raised.load(ordering: .acquiring) }

    package func raise() {
        raised.store(true, ordering: .releasing)
    }
}

/// A value that is made, used and destroyed on one serial queue only.
///
/// Unchecked because the compiler cannot see that: the queue protects the value, and after the last
/// use there, the queue that finishes it.
package final class SerialIsolated<Value>: @unchecked Sendable {
    package let queue: DispatchQueue
    private var value: Value?
    private let makeValue: @Sendable () -> Value

    /// - Parameter makeValue: called on the queue, at the first use.
    package init(_ queue: DispatchQueue, _ makeValue: @escaping @Sendable () -> Value) {
        self.queue = queue
        self.makeValue = makeValue
    }

    /// Uses the value; only to be called on the queue.
    package func use<Result>(_ body: (Value) -> Result) -> Result {
        dispatchPrecondition(condition: .onQueue(queue))
        let present = value ?? makeValue()
        value = present
        return body(present)
    }

    /// Uses the value after all work that the queue already holds.
    package func run<Result: Sendable>(
        _ body: @escaping @Sendable (Value) -> Result
    ) async -> Result {
        await queue.run { self.use(body) }
    }

    /// Uses the value on its queue, and then, unless that failed, for the last time on another
    /// queue. Goes from queue to queue without waking the caller in between.
    ///
    /// - Returns: the result of the first use, or the failure of either.
    package func finish<Output: Sendable, Failure: Error>(
        on other: DispatchQueue,
        _ first: @escaping @Sendable (Value) -> Result<Output, Failure>,
        then last: @escaping @Sendable (Value) -> Result<Void, Failure>
    ) async -> Result<Output, Failure> {
        await withCheckedContinuation { continuation in
            queue.async {
                let output = self.use(first)
                guard case .success(let result) = output else {
                    return continuation.resume(returning: output)
                }
                other.async {
                    guard let value = self.value else {
                        preconditionFailure("the first use has made the value")
                    }
                    continuation.resume(returning: last(value).map { result })
                }
            }
        }
    }
}
