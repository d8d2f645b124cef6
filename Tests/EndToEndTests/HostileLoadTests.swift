// The real daemon without descriptors and beyond its caps.

import Glibc
import ServiceSupport
import TestSupport
import Testing

@Suite struct HostileLoadTests {
    private func port(of service: RunningService) throws -> UInt16 {
        try #require(service.url.split(separator: ":").last.flatMap { UInt16($0) })
    }

    private static let halfRequest = "GET /health HTTP/1.1\r\nHost: test\r\n"

    @Test func `with 64 descriptors it survives a crowd without load and recovers at once`()
        async throws
    {
        let installation = try await Installation()
        let service = try await installation.startService(descriptorMax: 64)
        let port = try port(of: service)
        let figures = ProcessFigures(pid: service.process.pid)
        let crowd = try (0..<100).map { _ in try RawClient(port: port) }
        for client in crowd { client.send(HostileLoadTests.halfRequest) }
        let refusal = try await blocking {
            crowd.first { $0.hasEnded(within: .zero) || $0.hasEnded(within: .milliseconds(20)) }?
                .answer()?.status
        }
        #expect(refusal == 503)
        let before = figures.processorTime
        // Measures the processor time of an idle second.
        let hasEnded = await eventually(within: .seconds(1)) { service.process.exitCode != nil }
        #expect(!hasEnded)
        let spent = figures.processorTime - before
        #expect(spent < .milliseconds(50), "\(spent)")
        // Connections that were slow for a second are evicted for the health check.
        let isAnswered = await eventually {
            (try? await blocking { try RawClient(port: port).ask("/health")?.status }) == 200
        }
        #expect(isAnswered)

        for client in crowd { client.close() }
        let isBack = await eventually(within: .seconds(1)) {
            (try? await blocking { try RawClient(port: port).ask("/health")?.status }) == 200
        }
        #expect(isBack)
        #expect(await service.stop() == 0)
    }

    @Test func `its limits are settings`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService([
            "HTTP_CONNECTIONS_MAX": "20", "HTTP_CONNECTIONS_PER_ADDRESS_MAX": "2",
            "HTTP_BODY_BYTES_MAX": "1024", "HTTP_HEAD_TIMEOUT": "1",
        ])
        let port = try port(of: service)
        try await blocking {
            let client = try RawClient(port: port)
            client.send("POST /download HTTP/1.1\r\nHost: test\r\nContent-Length: 1025\r\n\r\n")
            #expect(client.answer()?.status == 413)
            client.close()
            let slow = try (0..<2).map { _ in try RawClient(port: port, from: "127.0.0.2") }
            for client in slow {
                // Answered once, so that it is accepted before the next one.
                #expect(client.ask()?.status == 200)
                client.send(HostileLoadTests.halfRequest)
            }
            let refused = try RawClient(port: port, from: "127.0.0.2")
            #expect(refused.answer()?.status == 503)
            for client in slow { #expect(client.answer()?.status == 408) }
        }
        #expect(await service.stop() == 0)
    }
}
