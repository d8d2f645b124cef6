// The threads that verify, write and sync files: a fixed few, apart from the transfer thread and from
// the pool that runs async code.

import Dispatch
import Synchronization

/// A fixed set of serial queues; each task gets the one with the fewest tasks.
///
/// A transfer keeps its queue, so that its bytes stay in order; more queues than these would only
/// add threads.
final class WorkQueues: Sendable {
    private let queues: [DispatchQueue]
    /// Tasks that hold each queue.
    private let loads: Mutex<[Int]>

    init(count: Int) {
        precondition(count > 0, "work needs at least one queue")
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
