// How tests wait: for a condition, for code that blocks, and on an executor of their own.

import Dispatch

/// Checks a condition until it holds or the deadline has passed: the only way in which a test waits
/// in real time.
///
/// - Returns: whether it held. The deadline is long, since only a failing test reaches it.
package func eventually(
    within deadline: Duration = .seconds(20), _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + deadline
    while true {
        if try await condition() { return true }
        guard ContinuousClock.now < end else { return false }
        // In a cancelled task the sleep ends at once, and the checks go on.
        try? await Task.sleep(for: .milliseconds(2))
    }
}

/// Runs code that blocks on a thread of its own, so that it holds none of the threads that tasks
/// share. Only for code that cannot be awaited.
package func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "blocking").async {
            continuation.resume(with: Swift.Result { try body() })
        }
    }
}

/// A task executor in place of a server's event loop.
package final class QueueExecutor: TaskExecutor {
    private static let key = DispatchSpecificKey<Bool>()
    private let queue = DispatchQueue(label: "loop")

    package init() {
        queue.setSpecific(key: QueueExecutor.key, value: true)
    }

    /// Whether the caller runs on this executor.
    package var isCurrent: Bool { DispatchQueue.getSpecific(key: QueueExecutor.key) == true }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
