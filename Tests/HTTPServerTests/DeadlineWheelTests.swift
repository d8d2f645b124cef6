// The wheel of deadlines, in virtual time.

import Testing

@testable import HTTPServer

@Suite struct DeadlineWheelTests {
    private let second: Int64 = 1_000_000_000

    @Test func `tells of an entry once, not before its deadline`() {
        var wheel = DeadlineWheel(now: 5 * second)
        let tick = DeadlineWheel.tick(of: 6 * second)
        #expect(wheel.insert(7, at: tick) == tick)
        #expect(wheel.advance(to: 6 * second).isEmpty)
        #expect(wheel.advance(to: 6 * second + second / 10).map(\.entry) == [7])
        #expect(wheel.advance(to: 60 * second).isEmpty)
        #expect(wheel.wait(from: 60 * second) == nil)
    }

    @Test func `tells early of a deadline beyond its reach`() {
        var wheel = DeadlineWheel(now: 0)
        let wanted = DeadlineWheel.tick(of: 1000 * second)
        let given = wheel.insert(7, at: wanted)
        #expect(given < wanted)
        #expect(wheel.advance(to: 1000 * second).map(\.tick) == [given])
    }

    @Test func `tells of everything after a long sleep`() {
        var wheel = DeadlineWheel(now: 0)
        for number in 0..<100 {
            _ = wheel.insert(
                UInt64(number), at: DeadlineWheel.tick(of: Int64(number) * second))
        }
        #expect(Set(wheel.advance(to: 10_000 * second).map(\.entry)) == Set(0..<100))
    }

    @Test func `says how long to wait for the first of all`() {
        var wheel = DeadlineWheel(now: 0)
        #expect(wheel.wait(from: 0) == nil)
        _ = wheel.insert(1, at: DeadlineWheel.tick(of: 50 * second))
        _ = wheel.insert(2, at: DeadlineWheel.tick(of: 10 * second))
        #expect(wheel.wait(from: 4 * second) == 6 * second + second / 10)
        #expect(wheel.advance(to: 11 * second).map(\.entry) == [2])
        #expect(wheel.wait(from: 11 * second) == 39 * second + second / 10)
    }

    @Test func `goes round many times`() {
        var wheel = DeadlineWheel(now: 0)
        var told = 0
        for now in stride(from: Int64(0), to: 1000 * second, by: Int(second / 4)) {
            _ = wheel.insert(UInt64(now), at: DeadlineWheel.tick(of: now + 30 * second))
            told += wheel.advance(to: now).count
        }
        #expect(told == (1000 - 30) * 4 - 1)
    }
}
