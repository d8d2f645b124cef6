// How many transfers an upstream is given, in virtual time and with figures.

import Testing

@testable import Tardis

/// Transfers without end before an upstream of a test's making, in steps of a tenth of a second.
private struct Simulation {
    var controller: PaceController
    var now = ContinuousClock.now
    var bytes: UInt64 = 0
    /// Refusals, and how many transfers were allowed, by tenths of a second.
    var refusals = 0
    var allowed: [Int] = []
    /// So many answers come back a second from each transfer.
    var answersPerSecond = 2.0
    private var changes: [PaceController.Change] = []
    private var owed = 0.0

    init(limit: Int = 16) {
        controller = PaceController(limit: limit, at: now)
    }

    /// What was decided since the last look.
    mutating func takeChanges() -> [PaceController.Change] {
        defer { changes = [] }
        return changes
    }

    /// - Parameters:
    ///   - bearable: how many transfers are served; requests above are refused.
    ///   - rate: bytes per second that so many transfers bring.
    mutating func run(
        seconds: Int, bearable: Int = .max, isFree: Bool = true, demand: Int = .max,
        rate: (Int) -> Double = { Double($0) * 1e6 }
    ) {
        for _ in 0..<(10 * seconds) {
            let wanted = min(controller.allowed, demand)
            let step = wanted - controller.inUse
            note(controller.changeInUse(by: step, bytes: bytes, isFree: isFree, at: now))
            now += .milliseconds(100)
            bytes += UInt64(rate(wanted) / 10)
            owed += Double(wanted) * answersPerSecond / 10
            while owed >= 1 {
                owed -= 1
                // Those above what is bearable, as a share of all answers.
                if wanted > bearable, Int(owed) < wanted - bearable {
                    refusals += 1
                    let sent = now - .milliseconds(100)
                    note(controller.refused(sent: sent, bytes: bytes, at: now))
                } else {
                    note(controller.answered(bytes: bytes, at: now))
                }
            }
            allowed.append(controller.allowed)
        }
    }

    private mutating func note(_ change: PaceController.Change?) {
        if let change { changes.append(change) }
    }

    /// The mean of what was allowed in the last seconds.
    func mean(ofLast seconds: Int) -> Double {
        let last = allowed.suffix(10 * seconds)
        return Double(last.reduce(0, +)) / Double(last.count)
    }
}

@Suite struct PaceControllerTests {
    @Test func `a healthy upstream is always given all transfers`() {
        var simulation = Simulation()
        simulation.run(seconds: 600)
        #expect(simulation.allowed.allSatisfy { $0 == 16 })
        #expect(simulation.bytes == 600 * 16_000_000)
    }

    @Test func `rates that swing by a third change nothing`() {
        var simulation = Simulation()
        for second in 0..<600 {
            simulation.run(seconds: 1) { Double($0) * (second / 7 % 2 == 0 ? 1e6 : 0.67e6) }
        }
        #expect(simulation.allowed.allSatisfy { $0 == 16 })
    }

    @Test func `a refusal halves the transfers, once per second and round trip`() {
        let start = ContinuousClock.now
        var controller = PaceController(limit: 16, at: start)
        let first = start + .seconds(10)
        let halved = controller.refused(sent: start + .seconds(9), bytes: 0, at: first)
        #expect(halved == .refused(from: 16, to: 8))
        for tenth in 1...9 {
            let now = first + .milliseconds(100 * tenth)
            let again = controller.refused(sent: now, bytes: 0, at: now)
            #expect(again == nil)
        }
        let later = first + .seconds(5)
        // Comes back late, but had been sent before anybody knew.
        let belated = controller.refused(sent: first - .seconds(1), bytes: 0, at: later)
        #expect(belated == nil)
        let next = controller.refused(sent: first + .seconds(1), bytes: 0, at: later)
        #expect(next == .refused(from: 8, to: 4))
        #expect(controller.allowed == 4)
    }

    @Test func `refusals without end leave one transfer`() {
        var simulation = Simulation()
        simulation.run(seconds: 60, bearable: 0)
        #expect(simulation.controller.allowed == 1)
        #expect(simulation.allowed.min() == 1)
    }

    @Test func `settles at what the upstream bears, and recovers when it bears more`() {
        var simulation = Simulation()
        simulation.run(seconds: 600, bearable: 6)
        let mean = simulation.mean(ofLast: 540)
        #expect((4.0...7.0).contains(mean), "\(mean)")
        // One refused request every few seconds is what looking for room costs.
        #expect(simulation.refusals < 600)
        let before = simulation.refusals
        simulation.run(seconds: 32)
        #expect(simulation.refusals == before)
        #expect(simulation.controller.allowed == 16)
    }

    @Test func `recovers from one transfer to sixteen within half a minute, and only by answers`() {
        var simulation = Simulation()
        simulation.run(seconds: 10, bearable: 0)
        #expect(simulation.controller.allowed == 1)
        simulation.answersPerSecond = 0
        simulation.run(seconds: 60)
        #expect(simulation.controller.allowed == 1)
        simulation.answersPerSecond = 2
        simulation.run(seconds: 31)
        #expect(simulation.controller.allowed == 16)
    }

    /// Brings less and less beyond ten transfers: at sixteen a quarter of the best.
    private func congested(_ count: Int) -> Double {
        count <= 10 ? Double(count) * 1e6 : max(2.5e6, 10e6 - Double(count - 10) * 1.25e6)
    }

    @Test func `a falling rate takes transfers away until it rises again`() {
        var simulation = Simulation()
        simulation.run(seconds: 60)
        let before = simulation.bytes
        simulation.run(seconds: 600, rate: congested)
        let mean = simulation.mean(ofLast: 540)
        #expect((8.0...13.0).contains(mean), "\(mean)")
        let stubborn = UInt64(600 * congested(16))
        #expect(simulation.bytes - before > 2 * stubborn)
        // All transfers again some time after the congestion is over.
        simulation.run(seconds: 640)
        #expect(simulation.controller.allowed == 16)
    }

    @Test func `a rate that falls for other reasons costs one step for one window`() {
        var simulation = Simulation()
        simulation.run(seconds: 60)
        _ = simulation.takeChanges()
        // Smaller files, say: each transfer brings less, however many there are.
        simulation.run(seconds: 600) { Double($0) * 0.3e6 }
        let changes = simulation.takeChanges()
        #expect(changes == [.slowed(from: 16, to: 14), .acquitted(from: 14, to: 16)])
        let full = 60 * 16e6 + 600 * 16 * 0.3e6
        #expect(Double(simulation.bytes) > 0.998 * full)
    }

    @Test func `a rate that we hold down ourselves, or that nobody needs, is no fall`() {
        var simulation = Simulation()
        simulation.run(seconds: 30)
        simulation.run(seconds: 60, isFree: false) { _ in 1e6 }
        simulation.run(seconds: 30)
        simulation.run(seconds: 60, demand: 2)
        #expect(simulation.allowed.allSatisfy { $0 == 16 })
    }

    @Test func `follows the limit at once, and does not pass it`() {
        var simulation = Simulation()
        simulation.controller.setLimit(40)
        #expect(simulation.controller.allowed == 40)
        simulation.controller.setLimit(4)
        #expect(simulation.controller.allowed == 4)
        simulation.run(seconds: 5, bearable: 0)
        // Who had backed off earns a higher limit step by step.
        simulation.controller.setLimit(64)
        #expect(simulation.controller.allowed < 4)
        simulation.run(seconds: 40)
        #expect(simulation.controller.allowed == 64)
        #expect(simulation.allowed.allSatisfy { (1...64).contains($0) })
    }
}
