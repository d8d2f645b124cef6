// The limit on concurrent transfers: order, limits, overflow, rejection, and the adaptive rule.

import Datasets
import Jobs
import Logging
import TestSupport
import Testing

@testable import Tardis

@Suite struct TransferLimiterTests {
    private let limits: RuntimeLimits
    private let limiter: TransferLimiter

    init() {
        limits = RuntimeLimits(defaults: ServiceLimits(transfers: 1))
        limiter = TransferLimiter(
            limits: limits,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func set(_ count: Int, revision: Int64) {
        let setting = LimitSetting(
            value: count, changedBy: "admin", changedAt: Timestamp(microseconds: 0),
            revision: revision)
        limits.apply([.transfers: setting])
    }

    private func admitted() async -> TransferSlot? {
        if case .admitted(let slot) = await limiter.acquire() { slot } else { nil }
    }

    private func waiter() async -> Task<TransferLimiter.Admission, Never> {
        let before = limiter.waitingCount
        let task = Task { [limiter] in await limiter.acquire() }
        while limiter.waitingCount == before { await Task.yield() }
        return task
    }

    @Test func `gives out no more slots than the limit, in order`() async throws {
        let first = try #require(await admitted())
        let second = await waiter()
        let third = await waiter()
        #expect(limiter.waitingCount == 2)
        first.release()
        guard case .admitted(let slot) = await second.value else {
            Issue.record("the second is next")
            return
        }
        #expect(limiter.waitingCount == 1)
        slot.release()
        guard case .admitted = await third.value else {
            Issue.record("the third is next")
            return
        }
        #expect(limiter.waitingCount == 0)
    }

    @Test func `expedited files pass the queue and exceed the limit by a quarter at most`()
        async throws
    {
        let first = try #require(await admitted())
        let inLine = await waiter()
        guard case .admitted(let beyond) = await limiter.acquire(isExpedited: true) else {
            Issue.record("one may exceed the limit")
            return
        }
        let ahead = Task { [limiter] in await limiter.acquire(isExpedited: true) }
        while limiter.waitingCount < 2 { await Task.yield() }
        first.release()
        guard case .admitted(let second) = await ahead.value else {
            Issue.record("expedited files come first")
            return
        }
        #expect(limiter.waitingCount == 1)
        beyond.release()
        #expect(limiter.waitingCount == 1, "the one slot is taken")
        second.release()
        guard case .admitted = await inLine.value else {
            Issue.record("the queue is served at last")
            return
        }
    }

    @Test func `releasing twice frees one slot`() async throws {
        let first = try #require(await admitted())
        first.release()
        first.release()
        let second = try #require(await admitted())
        let third = await waiter()
        second.release()
        guard case .admitted = await third.value else {
            Issue.record("the slot is free again")
            return
        }
    }

    @Test func `a slot that is dropped is free`() async throws {
        var slot = await admitted()
        #expect(slot != nil)
        slot = nil
        #expect(await admitted() != nil)
    }

    @Test func `a cancelled task stops waiting and takes no slot`() async throws {
        let first = try #require(await admitted())
        let second = await waiter()
        second.cancel()
        guard case .cancelled = await second.value else {
            Issue.record("it was cancelled")
            return
        }
        first.release()
        #expect(await admitted() != nil)
    }

    @Test func `a raised limit admits waiters at once`()
        async throws
    {
        let first = try #require(await admitted())
        let waiting = [await waiter(), await waiter(), await waiter()]
        set(3, revision: 1)
        var taken: [TransferSlot] = []
        for task in waiting.prefix(2) {
            guard case .admitted(let slot) = await task.value else {
                Issue.record("there is room for three")
                return
            }
            taken.append(slot)
        }
        #expect(limiter.waitingCount == 1)
        #expect(taken.count == 2)
        first.release()
        guard case .admitted = await waiting[2].value else {
            Issue.record("the first has left")
            return
        }
    }

    @Test func `a lowered limit stops no transfer and admits none too early`()
        async throws
    {
        set(3, revision: 1)
        let first = try #require(await admitted())
        let second = try #require(await admitted())
        let third = try #require(await admitted())
        set(1, revision: 2)
        let fourth = await waiter()
        first.release()
        second.release()
        #expect(limiter.waitingCount == 1)
        third.release()
        guard case .admitted = await fourth.value else {
            Issue.record("all others have left")
            return
        }
    }

    @Test func `a refusal halves the slots, and other answers do not`() async throws {
        set(16, revision: 1)
        limiter.record(status: 500, age: .zero)
        limiter.record(status: 404, age: .zero)
        #expect(limiter.allowed == 16)
        limiter.record(status: 503, age: .zero)
        #expect(limiter.allowed == 8)
        // One that was sent before the first refusal came back.
        limiter.record(status: 429, age: .seconds(60))
        #expect(limiter.allowed == 8)
    }

    @Test func `rejects present waiters, not later ones`() async throws {
        let first = try #require(await admitted())
        let second = await waiter()
        limiter.failWaiters(
            with: .pauseUpstream(for: .seconds(9), FileFailure(code: "quota", detail: "Used up.")))
        guard case .rejected(.pauseUpstream(.seconds(9), _)) = await second.value else {
            Issue.record("it was rejected")
            return
        }
        first.release()
        #expect(await admitted() != nil)
    }
}

/// Transfers without end against an upstream with a limit, in steps of a tenth of a second.
private struct Simulation {
    var concurrency: AdaptiveConcurrency
    var now = ContinuousClock.now
    var refusals = 0
    /// How many transfers were allowed, by tenths of a second.
    var allowed: [Int] = []
    /// Of each transfer.
    var answersPerSecond = 2.0
    private var owed = 0.0

    init(limit: Int = 16) {
        concurrency = AdaptiveConcurrency(limit: limit, at: now)
    }

    /// - Parameter bearable: how many transfers are served; requests above are refused.
    mutating func run(seconds: Int, bearable: Int = .max) {
        for _ in 0..<(10 * seconds) {
            let count = concurrency.allowed
            now += .milliseconds(100)
            owed += Double(count) * answersPerSecond / 10
            while owed >= 1 {
                owed -= 1
                // Those above what is bearable, as a share of all answers.
                if count > bearable, Int(owed) < count - bearable {
                    refusals += 1
                    concurrency.recordRefusal(sent: now - .milliseconds(100), at: now)
                } else {
                    concurrency.recordAnswer(at: now)
                }
            }
            allowed.append(concurrency.allowed)
        }
    }

    /// The mean of what was allowed in the last seconds.
    func mean(ofLast seconds: Int) -> Double {
        let last = allowed.suffix(10 * seconds)
        return Double(last.reduce(0, +)) / Double(last.count)
    }
}

@Suite struct AdaptiveConcurrencyTests {
    @Test func `a healthy upstream always gets all transfers`() {
        var simulation = Simulation()
        simulation.run(seconds: 600)
        #expect(simulation.allowed.allSatisfy { $0 == 16 })
    }

    @Test func `a refusal halves the transfers, once per second and round trip`() {
        let start = ContinuousClock.now
        var concurrency = AdaptiveConcurrency(limit: 16, at: start)
        let first = start + .seconds(10)
        concurrency.recordRefusal(sent: start + .seconds(9), at: first)
        #expect(concurrency.allowed == 8)
        for tenth in 1...9 {
            let now = first + .milliseconds(100 * tenth)
            concurrency.recordRefusal(sent: now, at: now)
            #expect(concurrency.allowed == 8)
        }
        let later = first + .seconds(5)
        // Arrives late, but was sent before the first refusal arrived.
        concurrency.recordRefusal(sent: first - .seconds(1), at: later)
        #expect(concurrency.allowed == 8)
        concurrency.recordRefusal(sent: first + .seconds(1), at: later)
        #expect(concurrency.allowed == 4)
    }

    @Test func `refusals without end leave one transfer`() {
        var simulation = Simulation()
        simulation.run(seconds: 60, bearable: 0)
        #expect(simulation.concurrency.allowed == 1)
        #expect(simulation.allowed.min() == 1)
    }

    @Test func `settles at what the upstream bears, and recovers when it bears more`() {
        var simulation = Simulation()
        simulation.run(seconds: 600, bearable: 6)
        let mean = simulation.mean(ofLast: 540)
        #expect((4.0...7.0).contains(mean), "\(mean)")
        // The search for capacity costs one refused request every few seconds.
        #expect(simulation.refusals < 600)
        let before = simulation.refusals
        simulation.run(seconds: 32)
        #expect(simulation.refusals == before)
        #expect(simulation.concurrency.allowed == 16)
    }

    @Test func `recovers from one transfer to sixteen within half a minute, and only by answers`() {
        var simulation = Simulation()
        simulation.run(seconds: 10, bearable: 0)
        #expect(simulation.concurrency.allowed == 1)
        simulation.answersPerSecond = 0
        simulation.run(seconds: 60)
        #expect(simulation.concurrency.allowed == 1)
        simulation.answersPerSecond = 2
        simulation.run(seconds: 31)
        #expect(simulation.concurrency.allowed == 16)
    }

    @Test func `follows the limit at once, and never exceeds it`() {
        var simulation = Simulation()
        simulation.concurrency.setLimit(40)
        #expect(simulation.concurrency.allowed == 40)
        simulation.concurrency.setLimit(4)
        #expect(simulation.concurrency.allowed == 4)
        simulation.run(seconds: 5, bearable: 0)
        // After a refusal, a higher limit is reached step by step.
        simulation.concurrency.setLimit(64)
        #expect(simulation.concurrency.allowed < 4)
        simulation.run(seconds: 40)
        #expect(simulation.concurrency.allowed == 64)
        #expect(simulation.allowed.allSatisfy { (1...64).contains($0) })
    }
}
