// What a stall is, in virtual time.

import Testing

@testable import Curl

@Suite struct StallWatchTests {
    private let start = ContinuousClock.now

    /// The second after which a transfer counts as stalled, asked once a second.
    ///
    /// - Parameters:
    ///   - bytes: how many arrive in a second of that number.
    ///   - isHeld: whether we hold the transfer in that second.
    private func stalls(
        within seconds: Int, bytes: (Int) -> Int, isHeld: (Int) -> Bool = { _ in false }
    ) -> Int? {
        var watch = StallWatch(bytesPerSecondMin: 1_000, timeout: .seconds(60))
        watch.begin(at: start)
        var wasHeld = false
        for second in 0..<seconds {
            let now = start + .seconds(second)
            if isHeld(second) != wasHeld {
                wasHeld.toggle()
                if wasHeld { watch.pause(at: now) } else { watch.resume(at: now) }
            }
            watch.received(bytes(second))
            if watch.hasStalled(at: now + .seconds(1)) { return second + 1 }
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

    @Test func `what comes in bursts is judged by the mean of five seconds`() {
        #expect(stalls(within: 600) { $0 % 5 == 0 ? 5_000 : 0 } == nil)
        #expect(stalls(within: 600) { $0 % 50 == 49 ? 4_000 : 0 } == 60)
    }

    @Test func `begins anew whenever the transfer is fast enough again`() {
        #expect(stalls(within: 600) { $0 == 42 ? 50_000 : 0 } == 45 + 60)
    }

    @Test func `time in which we hold the transfer does not count`() {
        #expect(stalls(within: 3_600, bytes: { _ in 0 }, isHeld: { $0 > 0 }) == nil)
        // A hundred bytes a second in all, because nine seconds of ten are ours.
        #expect(
            stalls(within: 3_600, bytes: { $0 % 10 == 0 ? 1_000 : 0 }, isHeld: { $0 % 10 != 0 })
                == nil)
        // The peer is waited for one second of ten, and is silent in all of them.
        #expect(stalls(within: 3_600, bytes: { _ in 0 }, isHeld: { $0 % 10 != 0 }) == 591)
    }

    @Test func `nothing stalls before its request is sent`() {
        var watch = StallWatch(bytesPerSecondMin: 1, timeout: .seconds(1))
        let before = watch.hasStalled(at: start + .seconds(3_600))
        watch.resume(at: start)
        let after = watch.hasStalled(at: start + .seconds(3_600))
        #expect(!before)
        #expect(!after)
    }
}
