// The two signals, in virtual time and on real threads.

import Datasets
import TestSupport
import Testing

@testable import Concurrency

@Suite(.timeLimit(.minutes(1)))
struct SignalTests {
    @Test func `a signal that no task waited for is kept, once`() async throws {
        try await VirtualTime.run { time in
            let signal = AsyncSignal()
            signal.signal()
            signal.signal()
            await signal.wait()
            let start = time.now
            await signal.wait(atMost: .seconds(5), sleep: time.sleep)
            #expect(time.now - start == .seconds(5))
        }
    }

    @Test func `a signal ends the wait before its limit`() async throws {
        try await VirtualTime.run { time in
            let signal = AsyncSignal()
            let start = time.now
            async let sending: Void = {
                try? await time.sleep(for: .seconds(2))
                signal.signal()
            }()
            await signal.wait(atMost: .seconds(3_600), sleep: time.sleep)
            #expect(time.now - start == .seconds(2))
            await sending
        }
    }

    @Test func `cancelling ends every wait`() async throws {
        try await VirtualTime.run { time in
            let (signal, shutdown) = (AsyncSignal(), ShutdownSignal())
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await signal.wait() }
                group.addTask { await shutdown.wait() }
                group.addTask { await shutdown.pause(for: .seconds(1_000_000), sleep: time.sleep) }
                try? await time.sleep(for: .seconds(1))
                group.cancelAll()
                group.addTask { await shutdown.wait() }
            }
            #expect(!shutdown.isFired)
        }
    }

    @Test func `the signal cancels the operation, not the task that waits for it`() async throws {
        try await VirtualTime.run { time in
            let signal = ShutdownSignal()
            async let firing: Void = {
                try? await time.sleep(for: .seconds(2))
                signal.fire()
            }()
            let wasCancelled = await ShutdownSignal.run(cancelledBy: [signal]) {
                do {
                    try await time.sleep(for: .seconds(3_600))
                    return false
                } catch {
                    return true
                }
            }
            #expect(wasCancelled)
            #expect(!Task.isCancelled)
            await firing
            let before = time.now
            await signal.pause(for: .seconds(3_600), sleep: time.sleep)
            #expect(time.now == before)
        }
    }

    @Test func `an operation that ends by itself keeps its result`() async throws {
        try await VirtualTime.run { time in
            let signal = ShutdownSignal()
            for number in 0..<100 {
                let result = await ShutdownSignal.run(cancelledBy: [signal]) { () -> Int? in
                    number.isMultiple(of: 2) ? number : nil
                }
                #expect(result == (number.isMultiple(of: 2) ? number : nil))
            }
        }
    }

    @Test func `no signal is lost between two waits`() async {
        let signal = AsyncSignal()
        let sentMax = 20_000
        let counter = SentCounter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<(sentMax / 4) {
                        await counter.add()
                        signal.signal()
                    }
                }
            }
            // Would wait for ever if the last signal could get lost.
            while await counter.sent < sentMax { await signal.wait() }
        }
        #expect(await counter.sent == sentMax)
    }

    @Test func `every waiter continues when the signal fires, before or after its wait`() async {
        for _ in 0..<500 {
            let signal = ShutdownSignal()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { await signal.wait() } }
                group.addTask { signal.fire() }
            }
            #expect(signal.isFired)
        }
    }
}

private actor SentCounter {
    private(set) var sent = 0

    func add() { sent += 1 }
}
