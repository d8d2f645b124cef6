// A task executor in place of a server's loop. It must not know what runs on it.

import Dispatch

/// An executor that tells whether it is at work on the calling thread.
package final class QueueExecutor: TaskExecutor {
    private static let key = DispatchSpecificKey<Bool>()
    private let queue = DispatchQueue(label: "loop")

    package init() {
        queue.setSpecific(key: QueueExecutor.key, value: true)
    }

    /// Whether it is called from what runs here.
    package var isCurrent: Bool { DispatchQueue.getSpecific(key: QueueExecutor.key) == true }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
