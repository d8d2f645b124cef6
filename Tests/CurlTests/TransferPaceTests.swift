// Who goes first under the rates, in virtual time.

import Concurrency
import Synchronization
import TestSupport
import Testing

@testable import Curl

@Suite struct TransferPaceTests {
    private let start = ContinuousClock.now
    private let pace = TransferPace()

    private func order(
        _ id: UInt64, isPaced: Bool = true, isExpedited: Bool = false
    ) throws -> TransferOrder {
        var request = TransferRequest(url: "http://127.0.0.1/", isPaced: isPaced)
        request.isExpedited = isExpedited
        return TransferOrder(
            id: id, request: request, target: try RequestCheck.target(of: request),
            receiver: ScriptedReceiver(), cancellation: CancellationFlag(), finish: { _ in })
    }

    @Test func `in a minute sixty times as many requests begin as the rate says`() throws {
        pace.adopt(TransferRates(requestsPerSecondMax: 7), at: start)
        var begun: [UInt64] = []
        for id in 1...1_000 where pace.mayBegin(try order(UInt64(id)), at: start) {
            begun.append(UInt64(id))
        }
        #expect(begun == [1])
        var now = start
        while now < start + .seconds(60) {
            while let order = pace.nextOrder(at: now) { begun.append(order.id) }
            now += try #require(pace.wait(at: now)) + .milliseconds(3)
        }
        #expect(begun == Array(1...UInt64(begun.count)))
        #expect((419...421).contains(begun.count), "\(begun.count)")
    }

    @Test func `whoever goes ahead waits behind nobody but those that do, too`() throws {
        pace.adopt(TransferRates(requestsPerSecondMax: 1), at: start)
        for (id, isExpedited): (UInt64, Bool) in [
            (1, false), (2, false), (3, false), (4, true), (5, false), (6, true),
        ] {
            #expect(
                pace.mayBegin(try order(id, isExpedited: isExpedited), at: start) == (id == 1))
        }
        let begun = (1...5).map { pace.nextOrder(at: start + .seconds($0))?.id }
        #expect(begun == [4, 6, 2, 3, 5])
    }

    @Test func `without a rate, or without being paced, everything begins at once`() throws {
        #expect(pace.mayBegin(try order(1), at: start))
        pace.adopt(TransferRates(requestsPerSecondMax: 1), at: start)
        #expect(pace.mayBegin(try order(2), at: start))
        #expect(!pace.mayBegin(try order(3), at: start))
        #expect(pace.mayBegin(try order(4, isPaced: false), at: start))
        pace.adopt(TransferRates(), at: start)
        #expect(pace.nextOrder(at: start)?.id == 3)
        #expect(pace.nextOrder(at: start) == nil)
        #expect(pace.wait(at: start) == nil)
    }

    @Test func `transfers share the bytes evenly, and exactly as many as there may be`() {
        pace.adopt(TransferRates(bytesPerSecondMax: 1_000_000), at: start)
        var passed: [UInt64: Int] = [:]
        var now = start
        // Each has all it wants, in pieces of its own size.
        func handOver(_ id: UInt64) {
            let piece = 4_096 * Int(id)
            while pace.mayPass(id, at: now) {
                pace.passed(piece)
                passed[id, default: 0] += piece
            }
        }
        for id: UInt64 in 1...4 { handOver(id) }
        while now < start + .seconds(60) {
            pace.release(at: now, handOver)
            now += (pace.wait(at: now) ?? .zero) + .milliseconds(1)
        }
        let total = passed.values.reduce(0, +)
        #expect((59_900_000...60_150_000).contains(total), "\(total)")
        // A piece each in turns; nobody waits for ever.
        for id: UInt64 in 1...4 { #expect(passed[id, default: 0] > 5_000_000) }
    }

    @Test func `a piece that comes behind held ones waits behind them`() {
        pace.adopt(TransferRates(bytesPerSecondMax: 1_000), at: start)
        #expect(pace.mayPass(1, at: start))
        pace.passed(1_000)
        #expect(!pace.mayPass(1, at: start))
        let later = start + .seconds(10)
        #expect(!pace.mayPass(2, at: later))
        var released: [UInt64] = []
        pace.release(at: later) { released.append($0) }
        #expect(released == [1, 2])
        #expect(pace.wait(at: later) == nil)
    }

    @Test func `a rate that is lifted holds nobody any more`() {
        pace.adopt(TransferRates(bytesPerSecondMax: 1), at: start)
        #expect(pace.mayPass(1, at: start))
        pace.passed(1_000_000)
        #expect(!pace.mayPass(1, at: start))
        pace.adopt(TransferRates(), at: start)
        var released: [UInt64] = []
        pace.release(at: start) { released.append($0) }
        #expect(released == [1])
    }
}
