// Cancelled transfers, and closed clients.

import Curl
import Synchronization
import TestSupport
import Testing

struct CancellationTests {
    private static let endless: [RawServer.Step] = [
        .text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!"), .stall,
    ]

    @Test func `cancelling closes the connection and ends the calls`() async throws {
        let client = makeClient()
        let server = RawServer(replies: CancellationTests.endless)
        let receiver = ScriptedReceiver()
        let url = server.url
        let task = Task {
            await failure(of: TransferRequest(url: url), by: client, receiver: receiver)
        }
        #expect(await eventually { receiver.record.body.count == 5 })
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(await eventually { server.connectionsOpen == 0 })
    }

    @Test func `cancelling a paused transfer ends it`() async throws {
        let client = makeClient()
        let server = RawServer(replies: [.reply(200, [UInt8](repeating: 0, count: 10_000_000))])
        let receiver = ScriptedReceiver { taken in taken == nil ? .goOn : .pause }
        let url = server.url
        let task = Task {
            await failure(of: TransferRequest(url: url), by: client, receiver: receiver)
        }
        #expect(await eventually { receiver.record.pauses == 1 })
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(await eventually { server.connectionsOpen == 0 })
    }

    @Test func `a task that is cancelled already sends nothing`() async {
        let client = makeClient()
        let server = RawServer(replies: [.reply(200, "x")])
        let url = server.url
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await failure(of: TransferRequest(url: url), by: client)
        }
        #expect(await task.value == .cancelled)
        #expect(server.connectionsAccepted == 0)
    }

    @Test func `a waiting transfer starts when another is cancelled`()
        async throws
    {
        let client = makeClient(connectionsMax: 1, connectionsPerHostMax: 1)
        let server = RawServer(replies: CancellationTests.endless, [.reply(200, "x")])
        let url = server.url
        let first = Task { await failure(of: TransferRequest(url: url), by: client) }
        #expect(await eventually { server.requests.count == 1 })
        let second = Task {
            try await client.fetch(TransferRequest(url: url), bodyMaxBytes: 1).head.status
        }
        first.cancel()
        #expect(await first.value == .cancelled)
        #expect(try await second.value == 200)
    }

    @Test func `closing cancels running transfers and refuses new ones`() async {
        let client = makeClient()
        let server = RawServer { _ in CancellationTests.endless }
        let url = server.url
        let tasks = (0..<8).map { _ in
            Task { await failure(of: TransferRequest(url: url), by: client) }
        }
        #expect(await eventually { server.requests.count == 8 })
        client.close()
        for task in tasks { #expect(await task.value == .cancelled) }
        #expect(await eventually { server.connectionsOpen == 0 })
        #expect(await failure(of: TransferRequest(url: url), by: client) == .cancelled)
        client.close()
    }

    @Test func `a released client ends its thread and closes its connections`() async throws {
        let server = RawServer(replies: [.reply(200, "x")])
        func fetchOnce() async throws {
            _ = try await makeClient().fetch(TransferRequest(url: server.url), bodyMaxBytes: 1)
        }
        try await fetchOnce()
        #expect(await eventually { server.connectionsOpen == 0 })
    }

    @Test func `cancelling at any moment ends every transfer exactly once`() async {
        let client = makeClient()
        let server = RawServer { _ in [.reply(200, [UInt8](repeating: 1, count: 50_000))] }
        let url = server.url
        await withTaskGroup(of: CurlError?.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let task = Task { await failure(of: TransferRequest(url: url), by: client) }
                    for _ in 0..<(number % 20) { await Task.yield() }
                    task.cancel()
                    return await task.value
                }
            }
            for await error in group { #expect(error == nil || error == .cancelled) }
        }
    }
}
