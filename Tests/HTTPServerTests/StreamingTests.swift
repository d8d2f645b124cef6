// Bodies that are produced while they are sent, and connections that are cut on purpose.

import HTTP
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite struct StreamingTests {
    @Test func `sends a stream in chunks`() async throws {
        try await withServer(answering: streaming(["one", "", "three"])) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/") + get("/"))
            for _ in 0..<2 {
                let head = try await client.response(hasBody: false)
                #expect(head.headers["transfer-encoding"] == "chunked")
                #expect(
                    try await client.read(until: "0\r\n\r\n")
                        == "3\r\none\r\n5\r\nthree\r\n0\r\n\r\n")
            }
        }
    }

    @Test func `sends a stream of known length as it is`() async throws {
        try await withServer(answering: streaming(["one", "two"], length: 6)) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/") + get("/"))
            #expect(try await client.response().body == "onetwo")
            #expect(try await client.response().body == "onetwo")
        }
    }

    @Test func `ends a stream with the connection for HTTP 1_0`() async throws {
        try await withServer(answering: streaming(["one", "two"])) { port, _ in
            let client = try TestClient(port: port)
            await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let head = try await client.response(hasBody: false)
            #expect(head.headers["transfer-encoding"] == nil)
            #expect(head.headers["connection"] == "close")
            #expect(try await client.rest() == "onetwo")
        }
    }

    @Test func `does not produce a stream for HEAD`() async throws {
        let isProduced = Atomic(false)
        let handler: @Sendable (Request) async -> Response = { _ in
            Response(
                status: .ok,
                body: .stream(length: 3) { writer in
                    isProduced.store(true, ordering: .relaxed)
                    try await writer.write([1, 2, 3])
                })
        }
        try await withServer(answering: handler) { port, _ in
            let client = try TestClient(port: port)
            await client.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(try await client.rest().contains("Content-Length: 3\r\n"))
            let wasProduced = isProduced.load(ordering: .relaxed)
            #expect(!wasProduced)
        }
    }

    @Test func `holds a producer back while its client does not read`() async throws {
        let written = Atomic(0)
        let total = 64 * 1024 * 1024
        let handler: @Sendable (Request) async -> Response = { _ in
            Response(
                status: .ok,
                body: .stream(length: total) { writer in
                    let piece = [UInt8](repeating: 120, count: 65_536)
                    for _ in 0..<(total / piece.count) {
                        try await writer.write(piece)
                        written.add(piece.count, ordering: .relaxed)
                    }
                })
        }
        try await withServer(answering: handler) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/"))
            _ = try await client.response(hasBody: false)
            // It goes on as far as buffers reach, and stays there.
            let before = Atomic(-1)
            let looksWithoutChange = Atomic(0)
            let hasStopped = await eventually {
                let now = written.load(ordering: .relaxed)
                if before.exchange(now, ordering: .relaxed) == now {
                    return looksWithoutChange.add(1, ordering: .relaxed).newValue >= 10
                }
                looksWithoutChange.store(0, ordering: .relaxed)
                return false
            }
            #expect(hasStopped)
            #expect(before.load(ordering: .relaxed) < total / 2)
            for _ in 0..<(total / 65_536) { _ = try await client.read(count: 65_536) }
            #expect(await eventually { written.load(ordering: .relaxed) == total })
        }
    }

    @Test func `tells a producer that its client has gone`() async throws {
        let problem = Atomic(false)
        let observer = RecordingObserver()
        let handler: @Sendable (Request) async -> Response = { _ in
            Response(
                status: .ok,
                body: .stream(length: nil) { writer in
                    do {
                        while true {
                            try await writer.write([UInt8](repeating: 120, count: 10_000))
                        }
                    } catch {
                        problem.store(true, ordering: .relaxed)
                        throw error
                    }
                })
        }
        try await withServer(observer: observer, answering: handler) { port, _ in
            do {
                let client = try TestClient(port: port)
                await client.send(get("/"))
                _ = try await client.response(hasBody: false)
            }
            #expect(await eventually { problem.load(ordering: .relaxed) })
            #expect(await eventually { observer.exchanges.first?.wasCut == true })
        }
    }

    @Test func `cuts a stream when its producer fails`() async throws {
        struct Failure: Error {}
        let handler: @Sendable (Request) async -> Response = { _ in
            Response(
                status: .ok,
                body: .stream(length: nil) { writer in
                    try await writer.write(Array("part".utf8))
                    throw Failure()
                })
        }
        try await withServer(answering: handler) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/"))
            _ = try await client.response(hasBody: false)
            #expect(try await client.rest() == "4\r\npart\r\n")
        }
    }

    @Test(arguments: [2, 4])
    func `cuts a stream of another length than it promised`(promised: Int) async throws {
        try await withServer(answering: streaming(["one"], length: promised)) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/") + get("/"))
            _ = try await client.response(hasBody: false)
            #expect(try await client.rest().utf8.count < promised)
        }
    }

    @Test func `cuts a stream with a RST when its producer wants it`() async throws {
        let handler: @Sendable (Request) async -> Response = { _ in
            Response(status: .ok, body: .stream(length: 100) { _ in throw StreamCut(.reset) })
        }
        try await withServer(answering: handler) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/"))
            await #expect(throws: TestClient.Problem.reset) { try await client.rest() }
        }
    }

    @Test func `sends a stand-in's bytes as they are`() async throws {
        let handler: @Sendable (Request) async -> Response = { _ in
            Response(status: .ok, body: .verbatim(Array("HTTP/1.1 200 OK\r\n".utf8), then: .close))
        }
        try await withServer(answering: handler) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/"))
            #expect(try await client.rest() == "HTTP/1.1 200 OK\r\n")
        }
    }

    @Test func `takes pieces from any thread`() async throws {
        let handler: @Sendable (Request) async -> Response = { _ in
            Response(
                status: .ok,
                body: .stream(length: 6) { writer in
                    try await Task.detached { try await writer.write(Array("one".utf8)) }.value
                    try await Task.detached { try await writer.write(Array("two".utf8)) }.value
                })
        }
        try await withServer(answering: handler) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/"))
            #expect(try await client.response().body == "onetwo")
        }
    }

    private func streaming(
        _ pieces: [String], length: Int? = nil
    ) -> @Sendable (Request) async -> Response {
        { _ in
            Response(
                status: .ok,
                body: .stream(length: length) { writer in
                    for piece in pieces { try await writer.write(Array(piece.utf8)) }
                })
        }
    }
}
