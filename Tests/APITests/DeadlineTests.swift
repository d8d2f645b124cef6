// Waiting that ends, whatever is waited for.

import Testing

@testable import API

@Suite struct DeadlineTests {
    @Test func `work that ends in time gives its result`() async {
        #expect(await Deadline.wait(.seconds(1), by: FixedTime(), for: { 7 }) == 7)
    }

    @Test func `work that does not end gives nothing and is cancelled`() async {
        let cancelled = Counter()
        let result: Int? = await Deadline.wait(.seconds(1), by: FixedTime(sleepsEnd: true)) {
            await untilCancelled()
            cancelled.add()
            return 7
        }
        #expect(result == nil)
        while cancelled.value == 0 { await Task.yield() }
    }

    @Test func `a waiter that is cancelled gives up`() async {
        let waiter = Task {
            await Deadline.wait(.seconds(1), by: FixedTime()) { () -> Int in
                await untilCancelled()
                return 7
            }
        }
        waiter.cancel()
        #expect(await waiter.value == nil)
    }
}
