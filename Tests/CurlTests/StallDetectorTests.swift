// Stalled transfers, in virtual time.

import Testing

@testable import Curl

@Suite struct StallDetectorTests {
    private let start = ContinuousClock.now

    /// The second after which a transfer counts as stalled, asked once a second.
    ///
    /// - Parameters:
    ///   - bytes: how many arrive in a second of that number.
    ///   - isHeld: whether this side holds the transfer in that second.
    private func stalls(
        within seconds: Int, bytes: (Int) -> Int, isHeld: (Int) -> Bool = { _ in false }
    ) -> Int? {
        var detector = StallDetector(bytesPerSecondMin: 1_000, timeout: .seconds(60))
        detector.begin(at: start)
        var wasHeld = false
        for second in 0..<seconds {
            let now = start + .seconds(second)
            if isHeld(second) != wasHeld {
                wasHeld.toggle()
                if wasHeld { detector.pause(at: now) } else { detector.resume(at: now) }
            }
            detector.received(bytes(second))
            if detector.hasStalled(at: now + .seconds(1)) { return second + 1 }
        }
        return nil
    }

    @Test func `silence is a stall after the time-out`() {
        #expect(stalls(within: 600) { _ in 0 } == 60)
    }

    @Test func `a trickle below the least rate is a stall, one at it is none`() {
        #expect(stalls(within: 600) { _ in 999 } == 60)
        #expect(stalls(within: 600) { _ in 1_000 } == nil)
    }

    @Test func `bursts count by the mean of five seconds`() {
        #expect(stalls(within: 600) { $0 % 5 == 0 ? 5_000 : 0 } == nil)
        #expect(stalls(within: 600) { $0 % 50 == 49 ? 4_000 : 0 } == 60)
    }

    @Test func `a fast sample restarts the time-out`() {
        #expect(stalls(within: 600) { $0 == 42 ? 50_000 : 0 } == 45 + 60)
    }

    @Test func `time in which this side holds the transfer does not count`() {
        #expect(stalls(within: 3_600, bytes: { _ in 0 }, isHeld: { $0 > 0 }) == nil)
        // A hundred bytes per second in all, because this side holds nine seconds of ten.
        #expect(
            stalls(within: 3_600, bytes: { $0 % 10 == 0 ? 1_000 : 0 }, isHeld: { $0 % 10 != 0 })
                == nil)
        // The peer is silent in the one second of ten that counts.
        #expect(stalls(within: 3_600, bytes: { _ in 0 }, isHeld: { $0 % 10 != 0 }) == 591)
    }

    @Test func `nothing stalls before its request is sent`() {
        var detector = StallDetector(bytesPerSecondMin: 1, timeout: .seconds(1))
        let before = detector.hasStalled(at: start + .seconds(3_600))
        detector.resume(at: start)
        let after = detector.hasStalled(at: start + .seconds(3_600))
        #expect(!before)
        #expect(!after)
    }
}
