// The hub of waiting requests: limits, notifications and their rounds.

import Datasets
import Jobs
import Synchronization
import TestSupport
import Testing

@testable import API

@Suite struct LongPollHubTests {
    @Test func `the number of waiting requests is limited`() throws {
        var limits = LongPollLimits()
        limits.waitersMax = 2
        let longPolls = LongPollHub(limits: limits, time: FixedTime())
        let first = try #require(longPolls.register(JobID(1), user: "ann"))
        let second = try #require(longPolls.register(JobID(2), user: "bob"))
        #expect(longPolls.register(JobID(2), user: "eve") == nil)
        longPolls.unregister(first)
        longPolls.unregister(second)
        longPolls.unregister(second)
        #expect(longPolls.count == 0)
        #expect(longPolls.register(JobID(2), user: "eve") != nil)
    }

    @Test func `at the limit of a user the oldest request is replaced`() async throws {
        var limits = LongPollLimits()
        limits.waitersPerUserMax = 2
        let longPolls = LongPollHub(limits: limits, time: FixedTime(sleepsEnd: true))
        let other = try #require(longPolls.register(JobID(1), user: "bob"))
        let first = try #require(longPolls.register(JobID(1), user: "ann"))
        let waiting = Task { await longPolls.change(for: first) }
        let second = try #require(longPolls.register(JobID(1), user: "ann"))
        let third = try #require(longPolls.register(JobID(2), user: "ann"))
        #expect(await !waiting.value)
        #expect(await !longPolls.change(for: first))
        let fourth = try #require(longPolls.register(JobID(2), user: "ann"))
        #expect(await !longPolls.change(for: second))
        longPolls.notify([JobID(1), JobID(2)])
        #expect(await longPolls.change(for: other))
        #expect(await longPolls.change(for: third))
        #expect(await longPolls.change(for: fourth))
        for ticket in [first, second, third, fourth, other] { longPolls.unregister(ticket) }
        #expect(longPolls.count == 0)
    }

    @Test func `a change between registering and waiting is not lost`() async throws {
        let longPolls = LongPollHub(time: FixedTime(sleepsEnd: true))
        let ticket = try #require(longPolls.register(JobID(1), user: "ann"))
        longPolls.notify([JobID(1), JobID(2)])
        #expect(await longPolls.change(for: ticket))
        let other = try #require(longPolls.register(JobID(3), user: "ann"))
        async let change = longPolls.change(for: other)
        longPolls.notify([JobID(1)])
        #expect(await longPolls.change(for: ticket))
        longPolls.notify([JobID(3)])
        #expect(await change)
    }

    @Test func `all changes within a pause are notified in one round`() async throws {
        let time = SteppedTime()
        let longPolls = LongPollHub(time: time)
        let ticket = try #require(longPolls.register(JobID(1), user: "ann"))
        longPolls.notify([JobID(1)])
        #expect(await longPolls.change(for: ticket))
        #expect(await eventually { time.sleepers == 1 })
        let other = try #require(longPolls.register(JobID(2), user: "ann"))
        for _ in 0..<1_000 { longPolls.notify([JobID(1), JobID(2)]) }
        async let first = longPolls.change(for: ticket)
        async let second = longPolls.change(for: other)
        time.step()
        #expect(await first)
        #expect(await second)
        #expect(time.sleeps <= 2)
    }

    @Test func `unregistering ends the wait`() async throws {
        let longPolls = LongPollHub(time: FixedTime())
        let ticket = try #require(longPolls.register(JobID(1), user: "ann"))
        let waiting = Task { await longPolls.change(for: ticket) }
        for _ in 0..<100 { await Task.yield() }
        longPolls.unregister(ticket)
        #expect(await !waiting.value)
        #expect(longPolls.count == 0)
    }

    @Test func `a waiter whose task is cancelled ends without a change`() async throws {
        let longPolls = LongPollHub(time: FixedTime())
        let ticket = try #require(longPolls.register(JobID(1), user: "ann"))
        let task = Task { await longPolls.change(for: ticket) }
        task.cancel()
        #expect(await !task.value)
        longPolls.unregister(ticket)
        #expect(longPolls.count == 0)
    }
}

/// A clock whose sleepers wake by command.
final class SteppedTime: Timekeeping {
    private struct State {
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
        var sleeps = 0
    }

    private let state = Mutex(State())

    var now: Timestamp { Fixture.now }
    var sleepers: Int { state.withLock { $0.waiting.count } }
    var sleeps: Int { state.withLock { $0.sleeps } }

    func sleep(for duration: Duration) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let number = state.withLock { state in
            state.sleeps += 1
            state.waiting[state.sleeps] = continuation
            return state.sleeps
        }
        // Ends, too, when the task is cancelled.
        for await _ in stream {}
        state.withLock { _ = $0.waiting.removeValue(forKey: number) }
        try Task.checkCancellation()
    }

    func step() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.finish() }
    }
}
