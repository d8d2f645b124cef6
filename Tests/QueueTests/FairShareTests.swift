// Turns by weight.

import Jobs
import Testing

@testable import Queue

struct FairShareTests {
    @Test func `turns are in proportion to weight`() {
        var share = FairShare<String>()
        let strides: [String: UInt64] = ["a": 1, "b": 2, "c": 4]
        let turns = take(700, from: &share, strides)
        #expect(turns == ["a": 400, "b": 200, "c": 100])
    }

    @Test func `a late member starts at the minimum pass`() {
        var share = FairShare<String>()
        _ = take(1_000, from: &share, ["a": 1])
        #expect(take(100, from: &share, ["a": 1, "b": 1]) == ["a": 50, "b": 50])
        // b pauses, and returns to the same share.
        _ = take(1_000, from: &share, ["a": 1])
        #expect(take(100, from: &share, ["a": 1, "b": 1]) == ["a": 50, "b": 50])
    }

    @Test func `a member that leaves and returns keeps its pass`() {
        var share = FairShare<String>()
        share.update(active: ["a", "b"])
        for _ in 0..<10 { share.charge("a", 1) }
        share.update(active: ["b"])
        #expect(take(10, from: &share, ["a": 1, "b": 1]) == ["b": 10])
    }

    @Test func `turns that found no file are refunded`() {
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

    @Test func `each step of priority halves the stride`() throws {
        for number in 1...9 {
            let low = try #require(Priority(rawValue: number - 1))
            let high = try #require(Priority(rawValue: number))
            #expect(Stride.of(low) == 2 * Stride.of(high))
        }
    }

    /// Gives turns to the active members, and counts them.
    private func take(
        _ count: Int, from share: inout FairShare<String>, _ strides: [String: UInt64]
    ) -> [String: Int] {
        var turns: [String: Int] = [:]
        for _ in 0..<count {
            share.update(active: Set(strides.keys))
            let next = strides.keys.min { left, right in
                (share.pass(of: left), share.lastTurn(of: left), left)
                    < (share.pass(of: right), share.lastTurn(of: right), right)
            }
            guard let next, let stride = strides[next] else { break }
            share.charge(next, stride)
            turns[next, default: 0] += 1
        }
        return turns
    }
}
