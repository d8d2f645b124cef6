// Where requests wait: who may, who is woken, and when.

import Datasets
import Jobs
import Synchronization
import TestSupport
import Testing

@testable import API

@Suite struct LongPollHubTests {
    @Test func `all together can only wait so often`() throws {
        var limits = JobWaitLimits()
        limits.waitersMax = 2
        let waits = LongPollHub(limits: limits, time: FixedTime())
        let first = try #require(waits.enter(JobID(1), user: "ann"))
        let second = try #require(waits.enter(JobID(2), user: "bob"))
        #expect(waits.enter(JobID(2), user: "eve") == nil)
        waits.leave(first)
        waits.leave(second)
        waits.leave(second)
        #expect(waits.count == 0)
        #expect(waits.enter(JobID(2), user: "eve") != nil)
    }

    @Test func `of a user's requests the one that has waited longest makes room`() async throws {
        var limits = JobWaitLimits()
        limits.waitersPerUserMax = 2
        let waits = LongPollHub(limits: limits, time: FixedTime(sleepsEnd: true))
        let other = try #require(waits.enter(JobID(1), user: "bob"))
        let first = try #require(waits.enter(JobID(1), user: "ann"))
        let waiting = Task { await waits.change(at: first) }
        let second = try #require(waits.enter(JobID(1), user: "ann"))
        let third = try #require(waits.enter(JobID(2), user: "ann"))
        #expect(await !waiting.value)
        #expect(await !waits.change(at: first))
        let fourth = try #require(waits.enter(JobID(2), user: "ann"))
        #expect(await !waits.change(at: second))
        waits.tell([JobID(1), JobID(2)])
        #expect(await waits.change(at: other))
        #expect(await waits.change(at: third))
        #expect(await waits.change(at: fourth))
        for place in [first, second, third, fourth, other] { waits.leave(place) }
        #expect(waits.count == 0)
    }

    @Test func `a change between taking a place and waiting is not lost`() async throws {
        let waits = LongPollHub(time: FixedTime(sleepsEnd: true))
        let place = try #require(waits.enter(JobID(1), user: "ann"))
        waits.tell([JobID(1), JobID(2)])
        #expect(await waits.change(at: place))
        let other = try #require(waits.enter(JobID(3), user: "ann"))
        async let change = waits.change(at: other)
        waits.tell([JobID(1)])
        #expect(await waits.change(at: place))
        waits.tell([JobID(3)])
        #expect(await change)
    }

    @Test func `all that changes within a pause is told in one round`() async throws {
        let time = SteppedTime()
        let waits = LongPollHub(time: time)
        let place = try #require(waits.enter(JobID(1), user: "ann"))
        waits.tell([JobID(1)])
        #expect(await waits.change(at: place))
        #expect(await eventually { time.sleepers == 1 })
        let other = try #require(waits.enter(JobID(2), user: "ann"))
        for _ in 0..<1_000 { waits.tell([JobID(1), JobID(2)]) }
        async let first = waits.change(at: place)
        async let second = waits.change(at: other)
        time.step()
        #expect(await first)
        #expect(await second)
        #expect(time.sleeps <= 2)
    }

    @Test func `giving a place back ends the wait there`() async throws {
        let waits = LongPollHub(time: FixedTime())
        let place = try #require(waits.enter(JobID(1), user: "ann"))
        let waiting = Task { await waits.change(at: place) }
        for _ in 0..<100 { await Task.yield() }
        waits.leave(place)
        #expect(await !waiting.value)
        #expect(waits.count == 0)
    }

    @Test func `a waiter whose task is cancelled goes on with nothing`() async throws {
        let waits = LongPollHub(time: FixedTime())
        let place = try #require(waits.enter(JobID(1), user: "ann"))
        let task = Task { await waits.change(at: place) }
        task.cancel()
        #expect(await !task.value)
        waits.leave(place)
        #expect(waits.count == 0)
    }
}

/// A clock whose sleepers wake when they are told to.
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
