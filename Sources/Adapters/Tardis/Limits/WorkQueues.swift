// The threads that check, write and sync files: a fixed few, away from the transfer thread and from
// the pool that runs async code. They must not know what they run.

import Dispatch
import Posix
import Synchronization

/// A fixed set of serial queues, each given out to whoever comes while it has the least to do.
///
/// A transfer keeps its queue, so that its bytes stay in order; more queues than these would only
/// add threads.
final class WorkQueues: Sendable {
    private let queues: [DispatchQueue]
    /// How many transfers have each queue.
    private let loads: Mutex<[Int]>

    init(count: Int) {
        precondition(count > 0, "somebody must do the work")
        queues = (0..<count).map { DispatchQueue(label: "tardis.proof.\($0)") }
        loads = Mutex(Array(repeating: 0, count: count))
    }

    /// Lends a queue for as long as the body runs.
    func lend<Result>(_ body: (DispatchQueue) async -> Result) async -> Result {
        let index = loads.withLock { loads in
            let index = loads.indices.min { loads[$0] < loads[$1] } ?? 0
            loads[index] += 1
            return index
        }
        defer { loads.withLock { $0[index] -= 1 } }
        return await body(queues[index])
    }
}

/// A value that is made, used and given up on one serial queue only.
///
/// Unchecked because the compiler cannot see that: the queue is what protects the value, and behind
/// its last use there, whoever finishes it.
final class SerialIsolated<Value>: @unchecked Sendable {
    let queue: DispatchQueue
    private var value: Value?
    private let makeValue: @Sendable () -> Value

    init(_ queue: DispatchQueue, _ makeValue: @escaping @Sendable () -> Value) {
        self.queue = queue
        self.makeValue = makeValue
    }

    /// Uses the value; only to be called on the queue.
    func use<Result>(_ body: (Value) -> Result) -> Result {
        dispatchPrecondition(condition: .onQueue(queue))
        let present = value ?? makeValue()
        value = present
        return body(present)
    }

    /// Uses the value behind everything that the queue was given before.
    func run<Result: Sendable>(
        _ body: @escaping @Sendable (Value) -> Result
    ) async -> Result {
        await queue.run { self.use(body) }
    }

    /// Uses the value behind everything that the queue was given before, and then, where that went
    /// well, on another queue: for the last time, so nothing may follow on its own. Goes from queue
    /// to queue without waking the caller in between.
    ///
    /// - Returns: what the first use came to, or what went wrong in the last one.
    func finish<Output: Sendable, Failure: Error>(
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
                    guard let value = self.value else { preconditionFailure("it was just used") }
                    continuation.resume(returning: last(value).map { result })
                }
            }
        }
    }
}

/// Says to work on another thread that nobody waits for it any more.
final class StopFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    var isRaised: Bool { raised.load(ordering: .relaxed) }

    func raise() {
        raised.store(true, ordering: .relaxed)
    }
}
