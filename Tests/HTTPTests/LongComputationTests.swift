// Where long computations run: anywhere but on the loop that asked for them.

import HTTP
import TestSupport
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
