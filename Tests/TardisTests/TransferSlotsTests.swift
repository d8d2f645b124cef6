// Who gets a slot, when, and who is sent away.

import Datasets
import Jobs
import Logging
import TestSupport
import Testing

@testable import Tardis

@Suite struct TransferSlotsTests {
    private let limits: RuntimeLimits
    private let slots: TransferSlots

    init() {
        limits = RuntimeLimits(defaults: ServiceLimits(transfers: 1))
        slots = TransferSlots(
            limits: limits,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func set(_ count: Int, revision: Int64) {
        let setting = LimitSetting(
            value: count, changedBy: "admin", changedAt: Timestamp(microseconds: 0),
            revision: revision)
        limits.adopt([.transfers: setting])
    }

    private func entered() async -> TransferSlot? {
        if case .entered(let slot) = await slots.enter() { slot } else { nil }
    }

    private func waiter() async -> Task<TransferSlots.Entry, Never> {
        let before = slots.waitingCount
        let task = Task { [slots] in await slots.enter() }
        while slots.waitingCount == before { await Task.yield() }
        return task
    }

    @Test func `gives out no more slots than there are, in turn`() async throws {
        let first = try #require(await entered())
        let second = await waiter()
        let third = await waiter()
        #expect(slots.waitingCount == 2)
        first.leave()
        guard case .entered(let slot) = await second.value else {
            Issue.record("the second is next")
            return
        }
        #expect(slots.waitingCount == 1)
        slot.leave()
        guard case .entered = await third.value else {
            Issue.record("the third is next")
            return
        }
        #expect(slots.waitingCount == 0)
    }

    @Test func `who goes ahead passes those in line, a quarter beyond the slots at most`()
        async throws
    {
        let first = try #require(await entered())
        let inLine = await waiter()
        guard case .entered(let beyond) = await slots.enter(isExpedited: true) else {
            Issue.record("there is one beyond")
            return
        }
        let ahead = Task { [slots] in await slots.enter(isExpedited: true) }
        while slots.waitingCount < 2 { await Task.yield() }
        first.leave()
        guard case .entered(let second) = await ahead.value else {
            Issue.record("it goes ahead")
            return
        }
        #expect(slots.waitingCount == 1)
        beyond.leave()
        #expect(slots.waitingCount == 1, "there is one slot, and somebody in it")
        second.leave()
        guard case .entered = await inLine.value else {
            Issue.record("its turn in the end")
            return
        }
    }

    @Test func `leaving twice frees one slot`() async throws {
        let first = try #require(await entered())
        first.leave()
        first.leave()
        let second = try #require(await entered())
        let third = await waiter()
        second.leave()
        guard case .entered = await third.value else {
            Issue.record("the slot is free again")
            return
        }
    }

    @Test func `a slot that is dropped is free`() async throws {
        var slot = await entered()
        #expect(slot != nil)
        slot = nil
        #expect(await entered() != nil)
    }

    @Test func `a cancelled task waits no longer and takes nothing`() async throws {
        let first = try #require(await entered())
        let second = await waiter()
        second.cancel()
        guard case .cancelled = await second.value else {
            Issue.record("it was cancelled")
            return
        }
        first.leave()
        #expect(await entered() != nil)
    }

    @Test func `a limit that is raised lets those in who wait, without any other event`()
        async throws
    {
        let first = try #require(await entered())
        let waiting = [await waiter(), await waiter(), await waiter()]
        set(3, revision: 1)
        var taken: [TransferSlot] = []
        for task in waiting.prefix(2) {
            guard case .entered(let slot) = await task.value else {
                Issue.record("there is room for three")
                return
            }
            taken.append(slot)
        }
        #expect(slots.waitingCount == 1)
        #expect(taken.count == 2)
        first.leave()
        guard case .entered = await waiting[2].value else {
            Issue.record("the first has left")
            return
        }
    }

    @Test func `a limit that is lowered sends nobody out, and lets nobody in too early`()
        async throws
    {
        set(3, revision: 1)
        let first = try #require(await entered())
        let second = try #require(await entered())
        let third = try #require(await entered())
        set(1, revision: 2)
        let fourth = await waiter()
        first.leave()
        second.leave()
        #expect(slots.waitingCount == 1)
        third.leave()
        guard case .entered = await fourth.value else {
            Issue.record("all others have left")
            return
        }
    }

    @Test func `a refusal halves the slots, and other answers do not`() async throws {
        set(16, revision: 1)
        slots.answered(status: 500, age: .zero)
        slots.answered(status: 404, age: .zero)
        #expect(slots.allowed == 16)
        slots.answered(status: 503, age: .zero)
        #expect(slots.allowed == 8)
        // One that was sent before the first refusal came back.
        slots.answered(status: 429, age: .seconds(60))
        #expect(slots.allowed == 8)
    }

    @Test func `sends away those who wait, and nobody who comes later`() async throws {
        let first = try #require(await entered())
        let second = await waiter()
        slots.failWaiters(
            with: .parkUpstream(for: .seconds(9), FileFailure(code: "quota", detail: "Used up.")))
        guard case .turnedAway(.parkUpstream(.seconds(9), _)) = await second.value else {
            Issue.record("it was sent away")
            return
        }
        first.leave()
        #expect(await entered() != nil)
    }
}
