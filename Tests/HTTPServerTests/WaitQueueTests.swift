// More clients than there are places: who gets one, who is told that there is none, and that
// nobody waits for ever.

import HTTP
import HTTPServer
import TestSupport
import Testing

@Suite struct WaitQueueTests {
    /// A server with few places, on one loop or several.
    private func settings(connections: Int, loops: Int = 1) -> ServerSettings {
        var settings = ServerSettings()
        settings.connectionMax = connections
        settings.connectionsPerAddressMax = 0
        settings.loopCount = loops
        // Whoever has begun to ask keeps its place for the whole test.
        settings.timeouts.roomGrace = .seconds(60)
        return settings
    }

    private static let halfRequest = "GET / HTTP/1.1\r\nHost: test\r\n"

    /// Has each client take a place and keep it with half a request. The loops accept in no common
    /// order: only whoever has been answered has its place for sure.
    private static func settle(_ clients: [RawClient]) {
        for client in clients {
            #expect(client.ask()?.status == 200)
            client.send(halfRequest)
        }
    }

    @Test(arguments: [1, 4])
    func `the connection that was idle longest makes room for a new one`(loops: Int) async throws {
        try await withServer(settings(connections: 4, loops: loops)) { port, _ in
            try await blocking {
                let idle = try (0..<4).map { _ in try RawClient(port: port) }
                for client in idle { #expect(client.ask()?.status == 200) }
                let busy = try RawClient(port: port)
                #expect(busy.ask()?.status == 200)
                busy.send(WaitQueueTests.halfRequest)
                let ended = idle.filter { $0.hasEnded(within: .milliseconds(100)) }
                #expect(ended.count == 1)
                // One loop knows the order of all; several know only that of their own.
                if loops == 1 { #expect(ended.first === idle[0]) }
                // And so on, until nobody is idle.
                let others = try (0..<3).map { _ in
                    let other = try RawClient(port: port)
                    #expect(other.ask()?.status == 200)
                    other.send(WaitQueueTests.halfRequest)
                    return other
                }
                let late = try RawClient(port: port)
                #expect(late.answer()?.status == 503)
                for client in others + [busy] {
                    client.send("\r\n")
                    #expect(client.answer()?.status == 200)
                }
            }
        }
    }

    @Test func `silent connections make room too, once they had time to ask`() async throws {
        var settings = settings(connections: 2)
        settings.timeouts.roomGrace = .milliseconds(300)
        try await withServer(settings) { port, _ in
            let (silent, slow) = (try RawClient(port: port), try RawClient(port: port))
            slow.send("GET / HT")
            let refused = try RawClient(port: port)
            #expect(try await blocking { refused.answer()?.status } == 503)
            let hasPlace = await eventually {
                let client = try? RawClient(port: port)
                return (try? await blocking { client?.ask()?.status }) == 200
            }
            #expect(hasPlace)
            #expect(silent.hasEnded(within: .seconds(5)))
            _ = slow
        }
    }

    @Test func `a flood beyond the cap is answered 503, every single client`() async throws {
        let observer = RecordingObserver()
        try await withServer(settings(connections: 10, loops: 2), observer: observer) { port, _ in
            let held = try (0..<10).map { _ in try RawClient(port: port) }
            try await blocking {
                WaitQueueTests.settle(held)
                for round in 0..<20 {
                    let crowd = try (0..<10).map { _ in try RawClient(port: port) }
                    // Some ask before they listen, as most clients do.
                    if round.isMultiple(of: 2) {
                        for client in crowd { client.send(WaitQueueTests.halfRequest + "\r\n") }
                    }
                    for client in crowd {
                        let answer = client.answer()
                        #expect(answer?.status == 503)
                        #expect(answer?.head.contains("retry-after: ") == true)
                        #expect(answer?.isLast == true)
                        client.close()
                    }
                }
                for client in held {
                    client.send("\r\n")
                    #expect(client.answer()?.status == 200)
                }
            }
            #expect(observer.exchanges.count { $0.status == 503 } == 200)
        }
    }

    @Test func `an address gets no more than its share, and others still get in`() async throws {
        var settings = settings(connections: 100, loops: 2)
        settings.connectionsPerAddressMax = 3
        try await withServer(settings) { port, _ in
            try await blocking {
                let greedy = try (0..<3).map { _ in try RawClient(port: port, from: "127.0.0.2") }
                WaitQueueTests.settle(greedy)
                let fourth = try RawClient(port: port, from: "127.0.0.2")
                #expect(fourth.answer()?.status == 503)
                let other = try RawClient(port: port, from: "127.0.0.3")
                #expect(other.ask()?.status == 200)
                // Idle connections of its own make room for it, those of others do not.
                greedy[0].send("\r\n")
                #expect(greedy[0].answer()?.status == 200)
                // Right after a refusal the other loops are not asked again at once.
                let deadline = ContinuousClock.now + .seconds(10)
                var status: Int?
                while status != 200, ContinuousClock.now < deadline {
                    let fifth = try RawClient(port: port, from: "127.0.0.2")
                    status = fifth.ask()?.status
                    if status != 200 { fifth.close() }
                }
                #expect(status == 200)
                #expect(greedy[0].hasEnded(within: .seconds(5)))
                #expect(other.ask()?.status == 200)
            }
        }
    }

    @Test func `without descriptors it neither spins nor dies, and recovers`() async throws {
        let server = try await RunningServer(
            "free-descriptors=6", "head=60000", "loops=2", descriptorMax: 60)
        let port = server.port
        let crowd = try (0..<40).map { _ in try RawClient(port: port) }
        let statuses = try await blocking {
            crowd.map { client in
                client.send("GET / HTTP/1.1\r\nHost: test\r\n")
                return client.hasEnded(within: .milliseconds(20)) ? client.answer()?.status : nil
            }
        }
        #expect(statuses.contains(503))
        #expect(statuses.contains(nil))
        let before = server.figures.processorTime
        // Nothing is to happen: a second is what the share of it is measured by.
        #expect(await eventually(within: .seconds(1)) { server.process.exitCode != nil } == false)
        let spent = server.figures.processorTime - before
        #expect(spent < .milliseconds(50), "\(spent)")
        // Whoever comes now is told at once or, once the others were slow for a second, served.
        let began = ContinuousClock.now
        let status = try await blocking { try RawClient(port: port).ask()?.status }
        #expect(status == 503 || status == 200, "nothing for \(.now - began)")
        for client in crowd { client.close() }
        let isBack = await eventually(within: .seconds(1)) {
            (try? await blocking { try RawClient(port: port).ask()?.status }) == 200
        }
        #expect(isBack)
    }
}
