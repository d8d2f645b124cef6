// Turns by weight.

import Jobs
import Testing

@testable import Queue

struct FairShareTests {
    @Test func `turns are in proportion to weight`() {
        var share = FairShare<String>()
        let prices: [String: UInt64] = ["a": 1, "b": 2, "c": 4]
        let turns = take(700, from: &share, prices)
        #expect(turns == ["a": 400, "b": 200, "c": 100])
    }

    @Test func `who comes late has no turns to make up for`() {
        var share = FairShare<String>()
        _ = take(1_000, from: &share, ["a": 1])
        #expect(take(100, from: &share, ["a": 1, "b": 1]) == ["a": 50, "b": 50])
        // b pauses, and comes back to the same share.
        _ = take(1_000, from: &share, ["a": 1])
        #expect(take(100, from: &share, ["a": 1, "b": 1]) == ["a": 50, "b": 50])
    }

    @Test func `who goes and comes back at once still owes`() {
        var share = FairShare<String>()
        share.update(active: ["a", "b"])
        for _ in 0..<10 { share.charge("a", 1) }
        share.update(active: ["b"])
        #expect(take(10, from: &share, ["a": 1, "b": 1]) == ["b": 10])
    }

    @Test func `turns that came to nothing are refunded`() {
        var share = FairShare<String>()
        share.update(active: ["a", "b"])
        for _ in 0..<10 { share.charge("a", 4) }
        share.refund("a", 36)
        #expect(share.pass(of: "a") == 4)
        share.refund("a", 100)
        #expect(share.pass(of: "a") == 0)
        share.refund("unknown", 1)
        share.charge("unknown", 1)
        #expect(share.pass(of: "unknown") == 0)
    }

    @Test func `each step of priority halves the price`() throws {
        for number in 1...9 {
            let low = try #require(Priority(rawValue: number - 1))
            let high = try #require(Priority(rawValue: number))
            #expect(Stride.of(low) == 2 * Stride.of(high))
        }
    }

    /// Gives so many turns to those who want some, and counts them.
    private func take(
        _ count: Int, from share: inout FairShare<String>, _ prices: [String: UInt64]
    ) -> [String: Int] {
        var turns: [String: Int] = [:]
        for _ in 0..<count {
            share.update(active: Set(prices.keys))
            let next = prices.keys.min { left, right in
                (share.pass(of: left), share.lastTurn(of: left), left)
                    < (share.pass(of: right), share.lastTurn(of: right), right)
            }
            guard let next, let price = prices[next] else { break }
            share.charge(next, price)
            turns[next, default: 0] += 1
        }
        return turns
    }
}
