// Who gets a slot, when, and who is sent away.

import Jobs
import TestSupport
import Testing

@testable import Tardis

@Suite struct TransferSlotsTests {
    private let slots = TransferSlots(count: 1)

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

    @Test func `sends away those who wait, and nobody who comes later`() async throws {
        let first = try #require(await entered())
        let second = await waiter()
        slots.turnAway(
            with: .parkUpstream(for: .seconds(9), FileFailure(code: "quota", detail: "Used up.")))
        guard case .turnedAway(.parkUpstream(.seconds(9), _)) = await second.value else {
            Issue.record("it was sent away")
            return
        }
        first.leave()
        #expect(await entered() != nil)
    }
}
