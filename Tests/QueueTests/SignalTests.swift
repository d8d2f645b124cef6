// The two ways to wake a waiting task.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Queue

@Suite(.timeLimit(.minutes(1)))
struct SignalTests {
    @Test func `a ring that nobody waited for is kept, once`() async throws {
        try await VirtualTime.run { time in
            let bell = AsyncSignal()
            bell.signal()
            bell.signal()
            await bell.wait()
            let begin = time.now
            await bell.wait(until: begin + .seconds(5), on: time)
            #expect(time.now - begin == .seconds(5))
        }
    }

    @Test func `a ring ends the wait before its moment`() async throws {
        try await VirtualTime.run { time in
            let bell = AsyncSignal()
            let begin = time.now
            async let ringing: Void = {
                try? await time.sleep(for: .seconds(2))
                bell.signal()
            }()
            await bell.wait(until: begin + .seconds(3_600), on: time)
            #expect(time.now - begin == .seconds(2))
            await ringing
        }
    }

    @Test func `cancelling ends every wait`() async throws {
        try await VirtualTime.run { time in
            let (bell, signal) = (AsyncSignal(), ShutdownSignal())
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await bell.wait() }
                group.addTask { await signal.wait() }
                group.addTask { await signal.pause(for: .seconds(1_000_000), on: time) }
                try? await time.sleep(for: .seconds(1))
                group.cancelAll()
                group.addTask { await signal.wait() }
            }
            #expect(!signal.isFired)
        }
    }

    @Test func `the signal interrupts an operation, not the one who waits for it`() async throws {
        try await VirtualTime.run { time in
            let signal = ShutdownSignal()
            async let giving: Void = {
                try? await time.sleep(for: .seconds(2))
                signal.give()
            }()
            let wasCut = await signal.interrupting {
                do {
                    try await time.sleep(for: .seconds(3_600))
                    return false
                } catch {
                    return true
                }
            }
            #expect(wasCut)
            #expect(!Task.isCancelled)
            await giving
            let before = time.now
            await signal.pause(for: .seconds(3_600), on: time)
            #expect(time.now == before)
        }
    }

    @Test func `an operation that ends by itself keeps its result`() async throws {
        try await VirtualTime.run { time in
            let signal = ShutdownSignal()
            for number in 0..<100 {
                let result = await signal.interrupting { () -> Int? in
                    number.isMultiple(of: 2) ? number : nil
                }
                #expect(result == (number.isMultiple(of: 2) ? number : nil))
            }
        }
    }
}
