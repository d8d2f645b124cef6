// What requests without an answer may hold together: the oldest that stall give way, and nobody can
// keep others from sending.

import HTTP
import HTTPServer
import TestSupport
import Testing

@Suite struct UnfinishedRequestTests {
    private static let uploadHead =
        "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 60001\r\n\r\n"
    private static let almostAll = String(repeating: "x", count: 60_000)

    /// One loop whose share is that of some ten of the requests here.
    private func settings() -> ServerSettings {
        var settings = ServerSettings()
        settings.loopCount = 1
        settings.limits.bodyBytesMax = 65_536
        settings.unfinishedBytesMax = 1_000_000
        return settings
    }

    /// Has each client send something that is no whole request, one after the other: once another
    /// is answered, the server has received it.
    private static func stall(_ clients: [RawClient], _ text: String, port: UInt16) throws {
        let other = try RawClient(port: port)
        for client in clients {
            client.send(text)
            #expect(other.ask()?.status == 200)
        }
    }

    @Test(arguments: [
        (uploadHead + almostAll, "x"),
        ("GET / HTTP/1.1\r\nHost: test\r\nX: " + almostAll.prefix(30_000), "\r\n\r\n"),
    ])
    func `the oldest that stall are refused, and the newest is not`(
        beginning: String, rest: String
    ) async throws {
        let observer = RecordingObserver()
        try await withServer(settings(), observer: observer) { port, _ in
            try await blocking {
                for _ in 0..<2 {
                    let clients = try (0..<60).map { _ in try RawClient(port: port) }
                    try UnfinishedRequestTests.stall(clients, beginning, port: port)
                    let kept = clients.filter { !$0.hasEnded(within: .milliseconds(10)) }
                    #expect((5..<40).contains(kept.count), "\(kept.count)")
                    #expect(zip(kept, clients.suffix(kept.count)).allSatisfy { $0 === $1 })
                    for client in clients.dropLast(kept.count) {
                        let answer = client.answer()
                        #expect(answer?.status == 503)
                        #expect(answer?.isLast == true)
                        #expect(answer?.head.contains("retry-after: ") == true)
                        #expect(answer?.body.contains("Send this one again") == true)
                    }
                    for client in kept {
                        client.send(rest)
                        #expect(client.answer()?.status == 200)
                    }
                    for client in clients { client.close() }
                }
            }
            let method = beginning.hasPrefix("POST") ? "POST" : "GET"
            #expect(observer.exchanges.contains { $0.status == 503 && $0.method == method })
        }
    }

    @Test func `one that a handler is at work on is never given up`() async throws {
        let gate = Gate()
        let waiting: @Sendable (Request) async -> Response = { request in
            if request.method == .post { await gate.pass() }
            return text("\(request.body.count)")
        }
        try await withServer(settings(), answering: waiting) { port, _ in
            let busy = try (0..<48).map { _ in try RawClient(port: port) }
            let whole =
                "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 20000\r\n\r\n"
                + UnfinishedRequestTests.almostAll.prefix(20_000)
            try await blocking {
                try UnfinishedRequestTests.stall(busy, whole, port: port)
                // With nobody else left to give way, whoever has just sent something does.
                let late = try RawClient(port: port)
                late.send(UnfinishedRequestTests.uploadHead + UnfinishedRequestTests.almostAll)
                #expect(late.answer()?.status == 503)
            }
            gate.open()
            try await blocking {
                for client in busy { #expect(client.answer()?.body == "20000") }
                // All of it has come back.
                let next = try RawClient(port: port)
                try UnfinishedRequestTests.stall(
                    [next], UnfinishedRequestTests.uploadHead + UnfinishedRequestTests.almostAll,
                    port: port)
                next.send("x")
                #expect(next.answer()?.body == "60001")
            }
        }
    }

    @Test func `the longest request fits, however little they may hold`() async throws {
        var settings = settings()
        settings.unfinishedBytesMax = 1
        try await withServer(settings) { port, _ in
            try await blocking {
                let client = try RawClient(port: port)
                let body = String(repeating: "x", count: 65_536)
                let field = "X: " + String(repeating: "x", count: 32_000) + "\r\n"
                for _ in 0..<3 {
                    let head = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 65536\r\n" + field
                    try UnfinishedRequestTests.stall([client], head, port: port)
                    try UnfinishedRequestTests.stall(
                        [client], "\r\n" + body.dropLast(), port: port)
                    client.send("x")
                    #expect(client.answer()?.status == 200)
                }
            }
        }
    }

    @Test func `stalled uploads hold no more memory than they may, however often they come`()
        async throws
    {
        let share = 16 << 20
        let server = try await RunningServer("unfinished=\(share)", "loops=2")
        let before = try await server.warmUp()
        let memory = server.figures.residentBytes
        server.figures.resetPeak()
        for _ in 0..<3 {
            let clients = try (0..<100).map { _ in try RawClient(port: server.port) }
            try await stallUploads(clients, of: server)
            let refused = try await blocking {
                clients.filter { $0.hasEnded(within: .milliseconds(10)) }
                    .map { $0.answer()?.status }
            }
            #expect(refused.count >= 80)
            #expect(refused.allSatisfy { $0 == 503 || $0 == nil })
            for client in clients { client.close() }
            #expect(await server.returns(to: before))
        }
        // The C library needs some more to find room for what grows.
        let held = server.figures.peakBytes - memory
        #expect(isSanitized || held < 3 * share, "\(held)")
    }

    /// Has each client send most of an upload of 1 MiB, and another one all of it.
    private func stallUploads(_ clients: [RawClient], of server: RunningServer) async throws {
        let head = "POST /nope HTTP/1.1\r\nHost: test\r\nContent-Length: 1048576\r\n\r\n"
        let almostAll = head + String(repeating: "x", count: 1_040_000)
        try await blocking { for client in clients { client.send(almostAll) } }
        // Once the others stall, the newest has its way; until then they send as well.
        let port = server.port
        let isServed = try await eventually {
            try await blocking {
                let newest = try RawClient(port: port)
                newest.send(almostAll + String(repeating: "x", count: 8_576))
                return newest.answer()?.status == 200
            }
        }
        #expect(isServed)
    }
}
