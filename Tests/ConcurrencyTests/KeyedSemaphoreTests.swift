// The semaphore per key: order, and keys that do not hold each other up.

import Testing

@testable import Concurrency

@Suite(.timeLimit(.minutes(1)))
struct KeyedSemaphoreTests {
    @Test func `admits one task at a time per key, in the order of arrival`() async {
        let semaphore = KeyedSemaphore<Int, Never>(room: 1)
        guard case .entered = await semaphore.enter(1) else {
            Issue.record("no task holds the key")
            return
        }
        var tasks: [Task<Bool, Never>] = []
        for position in 1...3 {
            tasks.append(
                Task {
                    guard case .entered = await semaphore.enter(1) else { return false }
                    defer { semaphore.leave(1) }
                    // The tasks after this one still wait.
                    return semaphore.waitingCount(at: 1) == 3 - position
                })
            while semaphore.waitingCount(at: 1) < position { await Task.yield() }
        }
        guard case .entered = await semaphore.enter(2) else {
            Issue.record("another key has room of its own")
            return
        }
        semaphore.leave(2)
        semaphore.leave(1)
        for task in tasks { #expect(await task.value) }
        #expect(semaphore.waitingCount(at: 1) == 0)
    }
}
