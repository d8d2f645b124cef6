// Where long computations run: anywhere but on the loop that asked for them.

import Dispatch
import HTTP
import Testing

@Suite struct LongComputationTests {
    @Test func `leaves the loop and comes back to it`() async {
        let loop = QueueExecutor()
        await Task(executorPreference: loop) {
            #expect(loop.isCurrent)
            let stayed = await LongComputation.run { loop.isCurrent }
            #expect(!stayed)
            #expect(loop.isCurrent)
        }.value
    }

    @Test func `hands on what the work throws`() async {
        await #expect(throws: CancellationError.self) {
            try await LongComputation.run { throw CancellationError() }
        }
    }
}

/// An executor that tells whether it is at work on the calling thread.
private final class QueueExecutor: TaskExecutor {
    private static let key = DispatchSpecificKey<Bool>()
    private let queue = DispatchQueue(label: "loop")

    init() {
        queue.setSpecific(key: QueueExecutor.key, value: true)
    }

    var isCurrent: Bool { DispatchQueue.getSpecific(key: QueueExecutor.key) == true }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
