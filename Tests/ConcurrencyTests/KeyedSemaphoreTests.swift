// The semaphore per key: order, and independent keys.

import Testing

@testable import Concurrency

@Suite(.timeLimit(.minutes(1)))
struct KeyedSemaphoreTests {
    @Test func `admits one task at a time per key, in the order of arrival`() async {
        let semaphore = KeyedSemaphore<Int, Never>(limit: 1)
        guard case .acquired = await semaphore.acquire(1) else {
            Issue.record("no task holds the key")
            return
        }
        var tasks: [Task<Bool, Never>] = []
        for position in 1...3 {
            tasks.append(
                Task {
                    guard case .acquired = await semaphore.acquire(1) else { return false }
                    defer { semaphore.release(1) }
                    // The tasks after this one still wait.
                    return semaphore.waitingCount(for: 1) == 3 - position
                })
            while semaphore.waitingCount(for: 1) < position { await Task.yield() }
        }
        guard case .acquired = await semaphore.acquire(2) else {
            Issue.record("another key has a limit of its own")
            return
        }
        semaphore.release(2)
        semaphore.release(1)
        for task in tasks { #expect(await task.value) }
        #expect(semaphore.waitingCount(for: 1) == 0)
    }
}
