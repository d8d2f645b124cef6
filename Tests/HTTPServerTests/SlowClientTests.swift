// Clients that hold connections for as little as possible: the service to others must not suffer,
// and everything comes back afterwards.

import Glibc
import HTTP
import HTTPServer
import TestSupport
import Testing

@Suite(.serialized) struct SlowClientTests {
    /// What others may have to wait, with a wide margin on a busy machine.
    static let latencyMax = Duration.milliseconds(50)

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: test\r\nX-Slow: ",
        "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n",
    ])
    func `those that send byte by byte are told to hurry, and nobody waits for them`(
        beginning: String
    ) async throws {
        let server = try await RunningServer("head=1500", "body=1500")
        let before = try await server.warmUp()
        let clients = try (0..<200).map { _ in try RawClient(port: server.port) }
        for client in clients { client.send(beginning) }
        async let dripping: Void = blocking {
            // Until the server has had enough of each: it answers, and ends its direction.
            var slow = clients
            while let first = slow.first {
                _ = first.hasEnded(within: .milliseconds(20))
                slow = slow.filter { !$0.hasEnded(within: .zero) && $0.send("x") }
            }
        }
        #expect(try await server.medianLatency() < SlowClientTests.latencyMax)
        try await dripping
        for client in clients {
            #expect(try await blocking { client.answer()?.status } == 408)
            client.close()
        }
        #expect(await server.returns(to: before))
    }

    @Test func `those that do not read cost no more than their buffers`() async throws {
        let server = try await RunningServer("write-stall=1000")
        let before = try await server.warmUp()
        let memory = server.figures.residentBytes
        let clients = try (0..<50).map { _ in try RawClient(port: server.port) }
        for client in clients { client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n") }
        #expect(try await server.medianLatency() < SlowClientTests.latencyMax)
        // Each was promised 64 MiB; a quarter of one waits for it, and one piece more.
        let held = server.figures.residentBytes - memory
        #expect(held < 50 * 512 * 1024, "\(held)")
        #expect(await server.returns(to: before))
        for client in clients { client.close() }
        #expect(try await server.medianLatency() < SlowClientTests.latencyMax)
    }

    @Test func `answers that nobody reads have a bound together, and small ones go on`()
        async throws
    {
        var settings = ServerSettings()
        settings.loopCount = 1
        settings.unsentBytesMax = 32 << 20
        let large = [UInt8](repeating: 120, count: 8 << 20)
        try await withServer(settings) { request in
            request.path == "/small"
                ? text("small") : Response(status: .ok, body: .bytes(large))
        } _: { port, _ in
            var unread: [RawClient] = []
            // What the kernel holds for each is not the server's memory.
            while unread.count < 20 {
                let client = try RawClient(port: port)
                client.send(get("/large"))
                unread.append(client)
                let probe = try RawClient(port: port)
                probe.send(get("/small"))
                #expect(try await blocking { probe.answer()?.status } == 200)
            }
            let refused = try RawClient(port: port)
            refused.send(get("/large"))
            let answer = try await blocking { refused.answer() }
            #expect(answer?.status == 503)
            #expect(answer?.head.contains("retry-after: 1") == true)
            for client in unread { client.close() }
            let isBack = try await eventually {
                let client = try RawClient(port: port)
                client.send(get("/large"))
                return try await blocking { client.answer()?.status } == 200
            }
            #expect(isBack)
        }
    }

    @Test func `one address that reads nothing leaves half of the memory to others`() async throws {
        var settings = ServerSettings()
        settings.loopCount = 1
        settings.unsentBytesMax = 48 << 20
        let large = [UInt8](repeating: 120, count: 8 << 20)
        try await withServer(settings) { request in
            request.path == "/whole"
                ? Response(status: .ok, body: .bytes(large))
                : Response(
                    status: .ok,
                    body: .stream(length: large.count) { try await $0.write(large) })
        } _: { port, _ in
            var unread: [RawClient] = []
            for number in 0..<30 {
                let client = try RawClient(port: port)
                client.send(get(number.isMultiple(of: 2) ? "/whole" : "/stream"))
                unread.append(client)
                // The next one finds what this one has not taken.
                #expect(try await blocking { client.receiveSome() })
            }
            for path in ["/whole", "/stream"] {
                let own = try RawClient(port: port)
                own.send(get(path))
                #expect(try await blocking { own.answer()?.status } == 503)
                let other = try RawClient(port: port, from: "127.0.0.2")
                other.send(get(path))
                #expect(try await blocking { other.answer()?.status } == 200)
            }
            for client in unread { client.close() }
        }
    }

    @Test func `ten thousand idle ones cost little and slow nobody`() async throws {
        let count = 10_000
        guard raiseDescriptorLimit(to: count + 1_000) else {
            print("not run: this process may not open \(count) connections")
            return
        }
        let server = try await RunningServer("idle=600000", "first-byte=600000")
        let before = try await server.warmUp()
        let memory = server.figures.residentBytes
        let port = server.port
        let clients = try await blocking {
            try (0..<count).map { number in
                let client = try RawClient(port: port)
                // Half of them have asked before, half never do.
                if number.isMultiple(of: 2) { #expect(client.ask()?.status == 200) }
                return client
            }
        }
        #expect(await eventually { server.figures.descriptors == before + count })
        let each = (server.figures.residentBytes - memory) / count
        #expect(isSanitized || each <= 4096, "\(each) bytes per connection")
        #expect(try await server.medianLatency() < SlowClientTests.latencyMax)
        for client in clients { client.close() }
        #expect(await server.returns(to: before))
    }

    @Test func `one that never ends its line costs next to nothing`() async throws {
        let server = try await RunningServer()
        let port = server.port
        let flood: @Sendable () throws -> Void = {
            let client = try RawClient(port: port)
            let piece = String(repeating: "x", count: 64 * 1024)
            for _ in 0..<64 where !client.send(piece) { break }
            // Whether the answer survives is a matter of luck: the client does not read meanwhile.
            _ = client.answer()
        }
        // The first one pays for what the process needs only once.
        try await blocking(flood)
        server.figures.resetPeak()
        let memory = server.figures.peakBytes
        let time = server.figures.processorTime
        try await blocking(flood)
        let costs = server.figures.processorTime - time
        #expect(isSanitized || costs <= .milliseconds(50), "\(costs)")
        let more = server.figures.peakBytes - memory
        #expect(isSanitized || more <= 128 * 1024, "\(more)")
    }

    private func raiseDescriptorLimit(to wanted: Int) -> Bool {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_max >= wanted else { return false }
        limit.rlim_cur = max(limit.rlim_cur, rlim_t(wanted))
        return setrlimit(resource, &limit) == 0
    }
}
