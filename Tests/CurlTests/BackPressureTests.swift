// Receivers that pause, consumers that resume them.

import Curl
import Synchronization
import TestSupport
import Testing

struct BackPressureTests {
    let client = makeClient()

    private static let megabytes = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    @Test func `the same bytes are handed over again after a pause`() async throws {
        let server = RawServer(replies: [.reply(200, "abcdef")])
        let isOpen = Atomic(false)
        let receiver = ScriptedReceiver { taken in
            taken == nil || isOpen.load(ordering: .relaxed) ? .goOn : .pause
        }
        async let summary = client.perform(TransferRequest(url: server.url), receiver: receiver)
        #expect(await eventually { receiver.record.pauses == 1 })
        isOpen.store(true, ordering: .relaxed)
        receiver.resume()
        #expect(try await summary.bodyBytes == 6)
        #expect(receiver.record.body == Array("abcdef".utf8))
        #expect(receiver.record.calls == 2)
    }

    @Test func `a pause at the head holds the body back`() async throws {
        let gate = Gate()
        let server = RawServer(replies: [
            .text("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"), .hold(gate), .text("abc"),
        ])
        let receiver = ScriptedReceiver { taken in taken == nil ? .pause : .goOn }
        async let summary = client.perform(TransferRequest(url: server.url), receiver: receiver)
        #expect(await eventually { receiver.record.pauses == 1 })
        gate.open()
        // The transfer thread ran one more round, and still kept the body.
        let other = RawServer(replies: [.reply(204)])
        _ = try await client.fetch(TransferRequest(url: other.url), bodyMaxBytes: 0)
        #expect(receiver.record.calls == 0)
        receiver.resume()
        #expect(try await summary.bodyBytes == 3)
        #expect(receiver.record.heads.count == 1)
    }

    @Test func `a paused transfer makes the sender wait, and has not stalled`() async throws {
        let server = RawServer(replies: [
            .reply(200, [UInt8](repeating: 9, count: 64_000_000)), .close,
        ])
        let isOpen = Atomic(false)
        let receiver = ScriptedReceiver { taken in
            taken == nil || taken == 0 || isOpen.load(ordering: .relaxed) ? .goOn : .pause
        }
        let request = TransferRequest(
            url: server.url, stallTimeout: .seconds(1), stallBytesPerSecond: 1_000_000)
        async let summary = client.perform(request, receiver: receiver)
        #expect(await eventually { receiver.record.pauses == 1 })
        // Longer than the stall time-out: another transfer of the thread times out.
        let stalled = RawServer(replies: [.stall])
        let limited = TransferRequest(url: stalled.url, totalTimeout: .seconds(3))
        guard case .timedOut = await failure(of: limited, by: client) else {
            Issue.record("did not time out")
            return
        }
        #expect(server.connectionsOpen == 1)
        isOpen.store(true, ordering: .relaxed)
        receiver.resume()
        #expect(try await summary.bodyBytes == 64_000_000)
    }

    @Test func `no bytes are lost, doubled or reordered over many pauses`() async throws {
        let server = RawServer(replies: [.reply(200, BackPressureTests.megabytes)])
        let calls = Atomic(0)
        let receiver = ScriptedReceiver { taken in
            guard taken != nil else { return .goOn }
            return calls.add(1, ordering: .relaxed).newValue % 3 == 0 ? .pause : .goOn
        }
        async let summary = client.perform(TransferRequest(url: server.url), receiver: receiver)
        var resumed = 0
        let isDone = await eventually(within: .seconds(60)) {
            if receiver.record.pauses > resumed {
                resumed += 1
                receiver.resume()
            }
            return receiver.record.body.count == BackPressureTests.megabytes.count
        }
        #expect(isDone)
        #expect(try await summary.bodyBytes == BackPressureTests.megabytes.count)
        #expect(receiver.record.body == BackPressureTests.megabytes)
        #expect(resumed > 10)
    }

    @Test func `a receiver may stop after a pause`() async {
        let server = RawServer(replies: [
            .text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!"), .stall,
        ])
        let calls = Atomic(0)
        let receiver = ScriptedReceiver { taken in
            guard taken != nil else { return .goOn }
            return calls.add(1, ordering: .relaxed).oldValue == 0 ? .pause : .stop
        }
        async let error = failure(
            of: TransferRequest(url: server.url), by: client, receiver: receiver)
        #expect(await eventually { receiver.record.pauses == 1 })
        receiver.resume()
        #expect(await error == .refusedByReceiver)
        #expect(await eventually { server.connectionsOpen == 0 })
    }

    @Test func `resuming from within the call that pauses loses no wake-up`() async throws {
        let server = RawServer(replies: [.reply(200, BackPressureTests.megabytes)])
        let receiver = EagerReceiver()
        let summary = try await client.perform(
            TransferRequest(url: server.url), receiver: receiver)
        #expect(summary.bodyBytes == BackPressureTests.megabytes.count)
    }

    @Test func `resuming a transfer that is not paused, or has ended, does nothing`() async throws {
        let server = RawServer(replies: [.reply(200, "abc")])
        let receiver = ScriptedReceiver()
        async let summary = client.perform(TransferRequest(url: server.url), receiver: receiver)
        for _ in 1...100 { receiver.resume() }
        #expect(try await summary.bodyBytes == 3)
        receiver.resume()
        client.close()
        receiver.resume()
    }
}

/// Pauses every other call and resumes before it returns: the earliest moment at which a consumer
/// could.
private final class EagerReceiver: BodyReceiving {
    private let control = Mutex<TransferControl?>(nil)
    private let calls = Atomic(0)

    func attach(_ control: TransferControl) {
        self.control.withLock { $0 = control }
    }

    func receive(head: ResponseHead) -> ReceiveDecision { .goOn }

    func receive(_ bytes: UnsafeRawBufferPointer) -> ReceiveDecision {
        guard calls.add(1, ordering: .relaxed).newValue % 2 == 0 else { return .goOn }
        control.withLock { $0?.resume() }
        return .pause
    }
}
