// Which names are near to a wrong one.

import TestSupport
import Testing

@testable import Datasets

struct SpellingSuggestionsTests {
    @Test(arguments: [
        ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "acb", 1),
        ("abc", "ab", 1), ("kitten", "sitting", 3), ("ca", "abc", 3),
    ])
    func `counts typing slips`(left: String, right: String, slips: Int) {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        #expect(EditDistance.between(left, right, atMost: 9) == slips)
        #expect(EditDistance.between(left, right, atMost: slips) == slips)
        #expect(EditDistance.between(right, left, atMost: slips) == slips)
        if slips > 0 {
            #expect(EditDistance.between(left, right, atMost: slips - 1) == nil)
        }
    }

    @Test func `a bound changes no distance within it`() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let left = random.bytes(of: "abc", upTo: 8)
            let right = random.bytes(of: "abc", upTo: 8)
            let distance = EditDistance.between(left, right, atMost: 99)
            for bound in 0...8 {
                let bounded = EditDistance.between(left, right, atMost: bound)
                #expect(bounded == (distance! <= bound ? distance : nil), "\(left) \(right)")
            }
        }
    }

    @Test func `puts the nearest first, and among those the ones of like length`() {
        let names = ["BTCUSDTX", "ETHUSDT", "BTCUSD", "BTCUSDC", "BTCUSDT"]
        #expect(
            SpellingSuggestions.nearest(to: "BTCUSTD", among: names) == [
                "BTCUSDT", "BTCUSD", "BTCUSDC",
            ])
    }

    @Test func `finds what a name begins with`() {
        let names = ["ETHUSDT", "BTC-PERPETUAL", "BTC-27DEC24"]
        #expect(
            SpellingSuggestions.nearest(to: "btc", among: names) == [
                "BTC-27DEC24", "BTC-PERPETUAL",
            ])
    }

    @Test func `keeps to the limit`() {
        let names = (0..<1_000).map { "BTC\($0)" }
        #expect(SpellingSuggestions.nearest(to: "BTC1", among: names, limit: 2).count == 2)
        #expect(SpellingSuggestions.nearest(to: "BTC1", among: names, limit: 0).isEmpty)
    }
}

extension SeededGenerator {
    fileprivate mutating func bytes(of alphabet: String, upTo count: Int) -> [UInt8] {
        let letters = Array(alphabet.utf8)
        return (0..<Int.random(in: 0...count, using: &self)).map { _ in
            letters.randomElement(using: &self) ?? 0
        }
    }
}
