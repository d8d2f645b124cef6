// Clients that go away at the worst moment, politely, rudely or without a word: nothing of them
// may stay.

import TestSupport
import Testing

@Suite struct VanishingClientTests {
    /// What a client has done before it goes away.
    enum Moment: String, CaseIterable {
        case hasConnected, isIdle, isInTheHead, isInTheBody, isAwaitingTheHandler
        case isInTheAnswer, isLingering

        func reach(_ client: RawClient) {
            switch self {
            case .hasConnected: break
            case .isIdle: #expect(client.ask()?.status == 200)
            case .isInTheHead: client.send("GET / HTTP/1.1\r\nHo")
            case .isInTheBody:
                client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nhalf")
            case .isAwaitingTheHandler: client.send("GET /wait HTTP/1.1\r\nHost: test\r\n\r\n")
            case .isInTheAnswer:
                client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n")
                #expect(client.receiveSome())
            case .isLingering:
                #expect(client.ask("/", "Connection: close")?.status == 200)
            }
        }
    }

    @Test func `a reset at any moment leaves nothing behind`() async throws {
        let server = try await RunningServer()
        let port = server.port
        let descriptors = try await server.warmUp()
        let round: @Sendable () throws -> Void = {
            for moment in Moment.allCases {
                let client = try RawClient(port: port)
                moment.reach(client)
                client.reset()
            }
        }
        // The first rounds pay for what the process needs only once.
        try await blocking { for _ in 0..<20 { try round() } }
        #expect(await server.returns(to: descriptors))
        let memory = server.figures.residentBytes
        try await blocking { for _ in 0..<100 { try round() } }
        #expect(await server.returns(to: descriptors))
        // 700 connections: a leak of one buffer each would be many times that.
        let more = server.figures.residentBytes - memory
        #expect(isSanitized || more < 1 << 20, "\(more)")
        #expect(try await server.medianLatency() < SlowClientTests.latencyMax)
    }

    @Test func `those that are gone without a word are given up in time`() async throws {
        let server = try await RunningServer(
            "first-byte=300", "idle=300", "head=300", "body=300", "write-stall=300")
        let port = server.port
        let descriptors = try await server.warmUp()
        let clients = try await blocking {
            try Moment.allCases.filter { $0 != .isAwaitingTheHandler }.flatMap { moment in
                try (0..<10).map { _ in
                    let client = try RawClient(port: port)
                    moment.reach(client)
                    // Where it is not allowed to vanish, it stays and keeps silent.
                    _ = client.vanish()
                    return client
                }
            }
        }
        #expect(await server.returns(to: descriptors))
        for client in clients { client.close() }
        #expect(server.process.exitCode == nil)
    }
}
