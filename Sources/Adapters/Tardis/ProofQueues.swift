// The threads that check, write and sync files: a fixed few, away from the transfer thread and from
// the pool that runs async code. They must not know what they run.

import Dispatch
import Posix
import Synchronization

/// A fixed set of serial queues, given out in turn.
///
/// A transfer keeps its queue, so that its bytes stay in order; more queues than these would only
/// add threads.
final class ProofQueues: Sendable {
    private let queues: [DispatchQueue]
    private let given = Atomic<Int>(0)

    init(count: Int) {
        precondition(count > 0, "somebody must do the work")
        queues = (0..<count).map { DispatchQueue(label: "tardis.proof.\($0)") }
    }

    func next() -> DispatchQueue {
        let number = given.wrappingAdd(1, ordering: .relaxed).newValue
        return queues[number % queues.count]
    }
}

/// A value that is made, used and given up on one serial queue only.
///
/// Unchecked because the compiler cannot see that: the queue is what protects the value.
final class QueueConfined<Value>: @unchecked Sendable {
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
}

/// Says to work on another thread that nobody waits for it any more.
final class StopFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    var isRaised: Bool { raised.load(ordering: .relaxed) }

    func raise() {
        raised.store(true, ordering: .relaxed)
    }
}
