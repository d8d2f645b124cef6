// Files as bodies when something goes wrong: clients that leave or do not read, files that shrink,
// bytes that are not in memory.

import Glibc
import HTTP
import HTTPServer
import TestSupport
import Testing

@Suite struct FileFailureTests {
    private let files = FileFixture()
    /// More than the kernel takes for a client that does not read (`tcp_wmem`, 4 MiB) and one that
    /// has room for little.
    private static let size = 8 * 1024 * 1024

    @Test func `closes the file when its client hangs up`() async throws {
        files.write("large", bytes: FileFailureTests.size)
        let observer = RecordingObserver()
        try await files.serve(observer: observer) { port, _ in
            do {
                let client = try TestClient(port: port, receiveBytes: 65_536)
                await client.send(get("/large"))
                _ = try await client.response(hasBody: false)
                #expect(files.openCount("large") == 1)
            }
            #expect(await eventually { files.openCount("large") == 0 })
            #expect(await eventually { !observer.exchanges.isEmpty })
            let exchange = try #require(observer.exchanges.first)
            #expect(exchange.wasCut)
            #expect(exchange.bytesSent < FileFailureTests.size)
            #expect(exchange.bytesSent > 0)
        }
    }

    @Test func `sends no faster than its client reads, and then the rest`() async throws {
        let bytes = files.write("large", bytes: FileFailureTests.size)
        let observer = RecordingObserver()
        try await files.serve(observer: observer) { port, _ in
            let slow = try TestClient(port: port, receiveBytes: 65_536)
            await slow.send(get("/large"))
            _ = try await slow.response(hasBody: false)
            // Meanwhile others are answered, on all loops.
            for _ in 0..<8 {
                let other = try TestClient(port: port)
                await other.send(get("/none"))
                #expect(try await other.response().status == 404)
            }
            #expect(files.openCount("large") == 1)
            #expect(!observer.exchanges.contains { $0.target == "/large" })
            let isSame = areSame(try await slow.bytes(count: bytes.count), bytes)
            #expect(isSame)
            #expect(await eventually { observer.exchanges.contains { $0.target == "/large" } })
            #expect(await eventually { files.openCount("large") == 0 })
        }
    }

    @Test func `gives up on a client that never reads`() async throws {
        files.write("large", bytes: FileFailureTests.size)
        var settings = ServerSettings()
        settings.timeouts.writeStall = .milliseconds(100)
        let observer = RecordingObserver()
        try await files.serve(settings, observer: observer) { port, _ in
            let client = try TestClient(port: port, receiveBytes: 65_536)
            await client.send(get("/large"))
            #expect(await eventually { observer.exchanges.first?.wasCut == true })
            #expect(await eventually { files.openCount("large") == 0 })
            await #expect(throws: TestClient.Problem.self) {
                try await client.bytes(count: FileFailureTests.size)
            }
        }
    }

    @Test func `cuts the connection when the file shrinks under way`() async throws {
        files.write("large", bytes: FileFailureTests.size)
        let observer = RecordingObserver()
        try await files.serve(observer: observer) { port, _ in
            let client = try TestClient(port: port, receiveBytes: 65_536)
            await client.send(get("/large") + get("/large"))
            let head = try await client.response(hasBody: false)
            #expect(head.headers["content-length"] == String(FileFailureTests.size))
            files.shorten("large", to: 1000)
            await #expect(throws: TestClient.Problem.self) {
                try await client.bytes(count: FileFailureTests.size)
            }
            #expect(await eventually { observer.exchanges.first?.wasCut == true })
            #expect(await eventually { files.openCount("large") == 0 })
        }
    }

    @Test(arguments: [100, 100_000])
    func `cuts the connection when the file has shrunk before it is sent`(
        size: Int
    ) async throws {
        files.write("a", bytes: size)
        let number = open(files.folder.path("a"), O_RDONLY | O_CLOEXEC)
        defer { close(number) }
        files.shorten("a", to: size - 1)
        final class Nobody: Sendable {}
        let region = FileRegion(number: number, length: size, owner: Nobody())
        let handler: @Sendable (Request) async -> Response = { _ in
            Response(status: .ok, body: .file(region))
        }
        try await withServer(answering: handler) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/") + get("/"))
            let head = try await client.response(hasBody: false)
            #expect(head.headers["content-length"] == String(size))
            #expect(try await client.restBytes().count <= size - 1)
        }
    }

    @Test func `sends what has to be read from the disk first`() async throws {
        let bytes = files.write("cold", bytes: 5_000_000)
        let number = open(files.folder.path("cold"), O_RDONLY | O_CLOEXEC)
        defer { close(number) }
        // Only pages that are on the disk can be dropped; a file system in memory drops none, and
        // the test then shows no more than the others.
        fsync(number)
        posix_fadvise(number, 0, 0, Int32(POSIX_FADV_DONTNEED))
        try await files.serve { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/cold"))
            _ = try await client.response(hasBody: false)
            #expect(try await client.bytes(count: bytes.count) == bytes)
        }
    }

    @Test func `lets a file finish while it drains`() async throws {
        let bytes = files.write("large", bytes: FileFailureTests.size)
        try await files.serve { port, server in
            let client = try TestClient(port: port, receiveBytes: 65_536)
            await client.send(get("/large"))
            _ = try await client.response(hasBody: false)
            async let drained: Void = server.drain(within: .seconds(60))
            let isSame = areSame(try await client.bytes(count: bytes.count), bytes)
            #expect(isSame)
            #expect(try await client.rest() == "")
            await drained
            #expect(files.openCount("large") == 0)
        }
    }
}
