// The rate of a bucket, in virtual time: exact over a long time, within 5 % over two seconds.

import TestSupport
import Testing

@testable import Curl

@Suite struct TokenBucketTests {
    private let start = ContinuousClock.now

    /// Takes pieces as soon as they may pass, sometimes waking up late.
    ///
    /// - Returns: the total after each piece, with its time.
    private func passed(
        rate: Int, pieces: ClosedRange<Int>, latenessMilliseconds: ClosedRange<Int>, seconds: Int,
        seed: UInt64
    ) -> [(at: Double, total: Int)] {
        var dice = SeededGenerator(seed: seed)
        var bucket = TokenBucket(rate: rate, at: start)
        var now = start
        var total = 0
        var log: [(Double, Int)] = [(0, 0)]
        while now - start < .seconds(seconds) {
            if bucket.has(1e-9, at: now) {
                let piece = Int.random(in: pieces, using: &dice)
                bucket.take(piece)
                total += piece
                log.append(((now - start).inSeconds, total))
            } else {
                now += bucket.wait(for: max(1, Double(rate) * 0.01), at: now)
                now += .milliseconds(Int.random(in: latenessMilliseconds, using: &dice))
            }
        }
        return log
    }

    @Test(arguments: [1_000, 50_000, 1_000_000, 20_000_000, 1_000_000_000])
    func `over a minute the rate is exact, but for one piece`(rate: Int) throws {
        let log = passed(
            rate: rate, pieces: 1...16_384, latenessMilliseconds: 0...20, seconds: 60, seed: 1)
        let total = Double(try #require(log.last).total)
        let slack = 16_384 + 0.2 * Double(rate)
        #expect(abs(total - 60 * Double(rate)) <= slack, "\(total)")
        #expect(abs(total / 60 / Double(rate) - 1) < 0.05 || rate < 10_000)
    }

    @Test func `in every window of two seconds the rate is within 5 %`() {
        let rate = 4_000_000
        let log = passed(
            rate: rate, pieces: 1...16_384, latenessMilliseconds: 0...10, seconds: 30, seed: 2)
        var first = 0
        for (at, total) in log where at >= 2 {
            while log[first + 1].at <= at - 2 { first += 1 }
            let share = Double(total - log[first].total) / (2 * Double(rate))
            #expect((0.95...1.05).contains(share), "\(share) until \(at)")
        }
    }

    @Test func `an idle bucket saves up no more than 50 ms`() {
        var bucket = TokenBucket(rate: 1_000, at: start)
        let later = start + .seconds(3_600)
        let (fits, exceeds) = (bucket.has(50, at: later), bucket.has(51, at: later))
        #expect(fits)
        #expect(!exceeds)
    }

    @Test func `a caller waits until the debt is paid`() {
        var bucket = TokenBucket(rate: 100, at: start)
        bucket.take(1_000)
        let isFree = bucket.has(1e-9, at: start + .seconds(9))
        #expect(!isFree)
        let wait = bucket.wait(for: 5, at: start + .seconds(9))
        #expect(abs(wait.inSeconds - 1) < 1e-6)
    }

    @Test func `a clock that stops or goes back adds no tokens`() {
        var bucket = TokenBucket(rate: 100, at: start)
        bucket.take(5)
        let moments = [start, start - .seconds(100), start]
        let isFree = moments.map { bucket.has(1e-9, at: $0) }
        #expect(isFree == [false, false, false])
    }
}
