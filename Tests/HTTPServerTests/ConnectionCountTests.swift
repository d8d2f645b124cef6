// Who gets a place, and that places come back.

import Testing

@testable import HTTPServer

@Suite struct ConnectionCountTests {
    @Test func `gives out as many places as there are, and those that come back`() throws {
        let count = ConnectionCount(wanted: 2, perAddress: 0, descriptors: 1024)
        let first = try count.take(for: 1)
        _ = try count.take(for: 1)
        #expect(throws: ConnectionCount.Shortage.everywhere) { try count.take(for: 1) }
        count.release(first)
        _ = try count.take(for: 1)
        #expect(throws: ConnectionCount.Shortage.everywhere) { try count.take(for: 2) }
    }

    @Test(arguments: [(64, 32), (1024, 896), (1_000_000, 5000)])
    func `leaves descriptors to others`(descriptors: Int, wanted: Int) {
        let count = ConnectionCount(wanted: 5000, perAddress: 0, descriptors: descriptors)
        var taken = 0
        while (try? count.take(for: 1)) != nil { taken += 1 }
        #expect(taken == wanted)
    }

    @Test func `an address has a share of its own, three quarters where nothing is said`() throws {
        let bounded = ConnectionCount(wanted: 8, perAddress: 2, descriptors: 1024)
        let first = try bounded.take(for: 1)
        _ = try bounded.take(for: 1)
        #expect(throws: ConnectionCount.Shortage.ofAddress) { try bounded.take(for: 1) }
        _ = try bounded.take(for: 2)
        bounded.release(first)
        _ = try bounded.take(for: 1)

        let count = ConnectionCount(wanted: 8, descriptors: 1024)
        for _ in 0..<6 { _ = try count.take(for: 1) }
        #expect(throws: ConnectionCount.Shortage.ofAddress) { try count.take(for: 1) }
        _ = try count.take(for: 2)
        _ = try count.take(for: 2)
        #expect(throws: ConnectionCount.Shortage.everywhere) { try count.take(for: 3) }
    }

    @Test func `a few more are turned away politely, and not without end`() {
        let count = ConnectionCount(wanted: 8, descriptors: 64)
        let slots = (0..<5).map { _ in count.takeClosing() }
        #expect(slots.count { $0 != nil } == 4)
        count.release(.closing)
        #expect(count.takeClosing() != nil)
    }
}
