// The rates and the order of held transfers, in virtual time.

import Concurrency
import Synchronization
import TestSupport
import Testing

@testable import Curl

@Suite struct RateLimiterTests {
    private let start = ContinuousClock.now
    private let limiter = RateLimiter()

    private func queued(
        _ id: UInt64, isPaced: Bool = true, isExpedited: Bool = false
    ) throws -> QueuedTransfer {
        var request = TransferRequest(url: "http://127.0.0.1/", isPaced: isPaced)
        request.isExpedited = isExpedited
        return QueuedTransfer(
            id: id, request: request, target: try RequestCheck.target(of: request),
            receiver: ScriptedReceiver(), cancellation: CancellationFlag(), finish: { _ in })
    }

    @Test func `in a minute sixty times the rate of requests start`() throws {
        limiter.adopt(TransferRates(requestsPerSecondMax: 7), at: start)
        var started: [UInt64] = []
        for id in 1...1_000 where limiter.mayStart(try queued(UInt64(id)), at: start) {
            started.append(UInt64(id))
        }
        #expect(started == [1])
        var now = start
        while now < start + .seconds(60) {
            while let next = limiter.next(at: now) { started.append(next.id) }
            now += try #require(limiter.wait(at: now)) + .milliseconds(3)
        }
        #expect(started == Array(1...UInt64(started.count)))
        #expect((419...421).contains(started.count), "\(started.count)")
    }

    @Test func `an expedited request waits only behind other expedited ones`() throws {
        limiter.adopt(TransferRates(requestsPerSecondMax: 1), at: start)
        for (id, isExpedited): (UInt64, Bool) in [
            (1, false), (2, false), (3, false), (4, true), (5, false), (6, true),
        ] {
            #expect(
                limiter.mayStart(try queued(id, isExpedited: isExpedited), at: start) == (id == 1))
        }
        let started = (1...5).map { limiter.next(at: start + .seconds($0))?.id }
        #expect(started == [4, 6, 2, 3, 5])
    }

    @Test func `without a rate, or without being paced, a request starts at once`() throws {
        #expect(limiter.mayStart(try queued(1), at: start))
        limiter.adopt(TransferRates(requestsPerSecondMax: 1), at: start)
        #expect(limiter.mayStart(try queued(2), at: start))
        #expect(!limiter.mayStart(try queued(3), at: start))
        #expect(limiter.mayStart(try queued(4, isPaced: false), at: start))
        limiter.adopt(TransferRates(), at: start)
        #expect(limiter.next(at: start)?.id == 3)
        #expect(limiter.next(at: start) == nil)
        #expect(limiter.wait(at: start) == nil)
    }

    @Test func `transfers share the bytes evenly and use the whole rate`() {
        limiter.adopt(TransferRates(bytesPerSecondMax: 1_000_000), at: start)
        var passed: [UInt64: Int] = [:]
        var now = start
        // Each transfer always has bytes, in pieces of its own size.
        func handOver(_ id: UInt64) {
            let piece = 4_096 * Int(id)
            while limiter.mayPass(id, at: now) {
                limiter.passed(piece)
                passed[id, default: 0] += piece
            }
        }
        for id: UInt64 in 1...4 { handOver(id) }
        while now < start + .seconds(60) {
            limiter.release(at: now, handOver)
            now += (limiter.wait(at: now) ?? .zero) + .milliseconds(1)
        }
        let total = passed.values.reduce(0, +)
        #expect((59_900_000...60_150_000).contains(total), "\(total)")
        // A piece each in turns, so no transfer starves.
        for id: UInt64 in 1...4 { #expect(passed[id, default: 0] > 5_000_000) }
    }

    @Test func `a piece that arrives after held ones waits behind them`() {
        limiter.adopt(TransferRates(bytesPerSecondMax: 1_000), at: start)
        #expect(limiter.mayPass(1, at: start))
        limiter.passed(1_000)
        #expect(!limiter.mayPass(1, at: start))
        let later = start + .seconds(10)
        #expect(!limiter.mayPass(2, at: later))
        var released: [UInt64] = []
        limiter.release(at: later) { released.append($0) }
        #expect(released == [1, 2])
        #expect(limiter.wait(at: later) == nil)
    }

    @Test func `a removed rate holds no transfer`() {
        limiter.adopt(TransferRates(bytesPerSecondMax: 1), at: start)
        #expect(limiter.mayPass(1, at: start))
        limiter.passed(1_000_000)
        #expect(!limiter.mayPass(1, at: start))
        limiter.adopt(TransferRates(), at: start)
        var released: [UInt64] = []
        limiter.release(at: start) { released.append($0) }
        #expect(released == [1])
    }
}
