// Transfers that the client's rates hold back. The durations are tested with the token bucket.

import Curl
import Synchronization
import TestSupport
import Testing

struct RateTests {
    /// The rates of this test's client; changed while it runs.
    private let rates = Rates()
    private let client: CurlClient

    private final class Rates: Sendable {
        let current = Mutex(TransferRates())
    }

    init() {
        client = CurlClient(
            settings: CurlSettings(
                usesEnvironmentProxy: false, rates: { [rates] in rates.current.withLock { $0 } }))
    }

    private func set(_ new: TransferRates) {
        rates.current.withLock { $0 = new }
    }

    private func paced(_ server: RawServer) -> TransferRequest {
        TransferRequest(
            url: server.url, stallTimeout: .seconds(1), stallBytesPerSecond: 1_000_000,
            isPaced: true)
    }

    private static let body = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    @Test func `a held transfer completes when the rate is removed, and has not stalled`()
        async throws
    {
        set(TransferRates(bytesPerSecondMax: 1))
        let server = RawServer(replies: [.reply(200, RateTests.body), .close])
        let receiver = ScriptedReceiver()
        async let summary = client.perform(paced(server), receiver: receiver)
        #expect(await eventually { receiver.record.calls == 1 })
        let first = receiver.record.body.count
        // Longer than the stall time-out: another transfer of the thread times out.
        let stalled = RawServer(replies: [.stall])
        let limited = TransferRequest(url: stalled.url, totalTimeout: .seconds(3))
        guard case .timedOut = await failure(of: limited, by: client) else {
            Issue.record("did not time out")
            return
        }
        #expect(receiver.record.body.count == first)
        #expect(first <= 65_536)
        set(TransferRates())
        #expect(try await summary.bodyBytes == RateTests.body.count)
        #expect(receiver.record.body == RateTests.body)
    }

    @Test func `a transfer whose peer stalls below the rate still stalls`() async {
        set(TransferRates(bytesPerSecondMax: 1_000_000))
        let server = RawServer(replies: [
            .text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!"), .stall,
        ])
        guard case .timedOut(let words) = await failure(of: paced(server), by: client) else {
            Issue.record("did not stall")
            return
        }
        #expect(words == "127.0.0.1: fewer than 1000000 bytes per second for 1.0 seconds")
    }

    @Test func `transfers that share a rate lose and double no bytes, and none starves`()
        async throws
    {
        set(TransferRates(bytesPerSecondMax: 4_000_000))
        let client = client
        let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 1...4 {
                let server = RawServer(replies: [.reply(200, RateTests.body), .close])
                let request = TransferRequest(url: server.url, isPaced: true)
                group.addTask {
                    let receiver = ScriptedReceiver()
                    _ = try await client.perform(request, receiver: receiver)
                    withExtendedLifetime(server) {}
                    return receiver.record.body
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(bodies.allSatisfy { $0 == RateTests.body })
    }

    @Test func `the pauses of a receiver and the rate do not disturb each other`() async throws {
        set(TransferRates(bytesPerSecondMax: 2_000_000))
        let server = RawServer(replies: [.reply(200, RateTests.body), .close])
        let calls = Atomic(0)
        let receiver = ScriptedReceiver { taken in
            guard taken != nil else { return .goOn }
            return calls.add(1, ordering: .relaxed).newValue % 3 == 0 ? .pause : .goOn
        }
        let request = TransferRequest(url: server.url, isPaced: true)
        async let summary = client.perform(request, receiver: receiver)
        var resumed = 0
        let isDone = await eventually(within: .seconds(60)) {
            // Also while the rate holds the bytes.
            receiver.resume()
            resumed += 1
            return receiver.record.body.count == RateTests.body.count
        }
        #expect(isDone)
        #expect(try await summary.bodyBytes == RateTests.body.count)
        #expect(receiver.record.body == RateTests.body)
    }

    @Test func `a transfer without pacing passes`() async throws {
        set(TransferRates(requestsPerSecondMax: 1, bytesPerSecondMax: 1))
        let server = RawServer { _ in [.reply(200, RateTests.body)] }
        for _ in 1...5 {
            let answer = try await client.fetch(
                TransferRequest(url: server.url), bodyMaxBytes: 1_000_000)
            #expect(answer.body.count == 1_000_000)
        }
    }

    @Test func `a waiting request can be cancelled, and the next one starts`()
        async throws
    {
        set(TransferRates(requestsPerSecondMax: 1))
        let server = RawServer { _ in [.reply(200, "x")] }
        let (client, request) = (client, paced(server))
        _ = try await client.perform(request, receiver: ScriptedReceiver())
        let second = Task { await failure(of: request, by: client) }
        let third = Task { await failure(of: request, by: client) }
        second.cancel()
        let error = await second.value
        #expect(error == .cancelled || error == nil)
        set(TransferRates())
        #expect(await third.value == nil)
    }

    @Test func `closing the client ends waiting requests`() async throws {
        set(TransferRates(requestsPerSecondMax: 1))
        let server = RawServer { _ in [.stall] }
        let (client, request) = (client, paced(server))
        let tasks = (1...3).map { _ in Task { await failure(of: request, by: client) } }
        #expect(await eventually { server.requests.count >= 1 })
        client.close()
        for task in tasks { #expect(await task.value == .cancelled) }
    }
}
