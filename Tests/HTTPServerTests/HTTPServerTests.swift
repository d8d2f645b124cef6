// Requests and answers over real sockets.

import HTTP
import HTTPServer
import Testing

@Suite struct HTTPServerTests {
    @Test func `answers several requests on one connection`() async throws {
        try await withServer { port, _ in
            let client = try TestClient(port: port)
            for number in 1...3 {
                await client.send(get("/\(number)"))
                let response = try await client.response()
                #expect(response.status == 200)
                #expect(response.body == "GET /\(number) ")
                #expect(response.headers["connection"] == nil)
            }
        }
    }

    @Test func `answers pipelined requests in order, whichever is ready first`() async throws {
        let slowFirst: @Sendable (Request) async -> Response = { request in
            if request.path == "/slow" {
                for _ in 0..<1_000 { await Task.yield() }
            }
            return echo(request)
        }
        try await withServer(answering: slowFirst) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/slow") + get("/fast") + get("/slow") + get("/last"))
            for path in ["/slow", "/fast", "/slow", "/last"] {
                #expect(try await client.response().body == "GET \(path) ")
            }
        }
    }

    @Test func `answers more pipelined requests than fit into one turn`() async throws {
        try await withServer { port, _ in
            let client = try TestClient(port: port)
            await client.send((0..<500).map { get("/\($0)") }.joined())
            for number in 0..<500 {
                #expect(try await client.response().body == "GET /\(number) ")
            }
        }
    }

    @Test func `reads bodies by length and in chunks, with trailers`() async throws {
        let trailing: @Sendable (Request) async -> Response = { request in
            text(String(decoding: request.body, as: UTF8.self) + (request.trailers["X-Sum"] ?? ""))
        }
        try await withServer(answering: trailing) { port, _ in
            let client = try TestClient(port: port)
            await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
            #expect(try await client.response().body == "hello")
            await client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n")
            #expect(try await client.response().body == "hello7")
        }
    }

    @Test func `asks for the body of a client that waits`() async throws {
        try await withServer { port, _ in
            let client = try TestClient(port: port)
            await client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            await client.send("hi")
            #expect(try await client.response().body == "POST / hi")
        }
    }

    @Test func `answers HEAD with a GET's head and no body`() async throws {
        try await withServer { port, _ in
            let client = try TestClient(port: port)
            await client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"))
            let head = try await client.response(hasBody: false)
            #expect(head.headers["content-length"] == "7")
            #expect(try await client.response().body == "GET / ")
        }
    }

    @Test func `answers a request that ends with the client's side`() async throws {
        try await withServer { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/"))
            await client.finish()
            #expect(try await client.rest().hasSuffix("GET / "))
        }
    }

    @Test func `refuses what it does not understand, and closes`() async throws {
        var settings = ServerSettings()
        settings.commonHeaders = [("X-Frame-Options", "DENY")]
        let observer = RecordingObserver()
        try await withServer(settings, observer: observer) { port, _ in
            let client = try TestClient(port: port)
            await client.send("nonsense\r\n\r\n" + get("/"))
            let response = try await client.response()
            #expect(response.status == 400)
            #expect(response.headers["connection"] == "close")
            #expect(response.headers["content-type"] == "application/json")
            #expect(response.headers["x-frame-options"] == "DENY")
            #expect(response.headers["date"] != nil)
            #expect(response.body.hasPrefix("{\"detail\":\""))
            #expect(try await client.rest() == "")
            let exchange = try #require(observer.exchanges.first)
            #expect(exchange.status == 400)
            #expect(exchange.method == "-")
            #expect(exchange.id == response.headers["x-request-id"])
        }
    }

    @Test func `takes over a fit request id and replaces another`() async throws {
        let observer = RecordingObserver()
        let naming: @Sendable (Request) async -> Response = { text($0.id) }
        try await withServer(observer: observer, answering: naming) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/", "X-Request-ID: my-own.7"))
            let own = try await client.response()
            #expect(own.headers["x-request-id"] == "my-own.7")
            #expect(own.body == "my-own.7")
            await client.send(get("/", "X-Request-ID: <not fit>"))
            let fresh = try await client.response()
            #expect(fresh.headers["x-request-id"] == fresh.body)
            #expect(fresh.body.utf8.count == 15)
        }
    }

    @Test func `tells the observer of each answer`() async throws {
        let observer = RecordingObserver()
        try await withServer(observer: observer) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/a?b=c"))
            _ = try await client.response()
            let exchange = try #require(observer.exchanges.first)
            #expect(exchange.method == "GET")
            #expect(exchange.target == "/a?b=c")
            #expect(exchange.status == 200)
            #expect(exchange.peer == "127.0.0.1")
            #expect(exchange.bytesSent > 100)
            #expect(!exchange.wasCut)
        }
    }

    @Test func `tells a client whose request takes too long`() async throws {
        var settings = ServerSettings()
        settings.timeouts.head = .milliseconds(50)
        settings.timeouts.firstByte = .milliseconds(50)
        settings.timeouts.bodyGrace = .milliseconds(50)
        try await withServer(settings) { port, _ in
            let half = try TestClient(port: port)
            await half.send("GET / HTTP/1.1\r\n")
            #expect(try await half.response().status == 408)
            let bodyless = try TestClient(port: port)
            await bodyless.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
            #expect(try await bodyless.response().status == 408)
            let silent = try TestClient(port: port)
            #expect(try await silent.rest() == "")
        }
    }

    @Test func `turns clients away beyond its limit, and takes them again below it`() async throws {
        var settings = ServerSettings()
        // One loop takes clients in the order in which they came.
        settings.loopCount = 1
        settings.connectionMax = 2
        settings.timeouts.roomGrace = .seconds(60)
        try await withServer(settings) { port, _ in
            let first = try TestClient(port: port)
            await first.send("GET ")
            do {
                let second = try TestClient(port: port)
                await second.send("GET ")
                let third = try TestClient(port: port)
                let refusal = try await third.response()
                #expect(refusal.status == 503)
                #expect(refusal.headers["retry-after"] != nil)
                #expect(try await third.rest() == "")
            }
            var status = 0
            for _ in 0..<1000 where status != 200 {
                let next = try TestClient(port: port)
                await next.send(get("/"))
                status = (try? await next.response().status) ?? 0
            }
            #expect(status == 200)
        }
    }

    @Test func `serves IPv6`() async throws {
        var settings = ServerSettings()
        settings.host = "::"
        // Every address includes IPv4's, on machines that have IPv6 at all.
        guard (try? await withServer(settings, { _, _ in })) != nil else { return }
        let naming: @Sendable (Request) async -> Response = { text($0.peer) }
        try await withServer(settings, answering: naming) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/"))
            #expect(try await client.response().body == "127.0.0.1")
        }
    }

    @Test func `says when the port is taken`() async throws {
        try await withServer { port, server in
            var settings = ServerSettings()
            settings.port = port
            let second = HTTPServer(settings: settings, handler: ClosureHandler { echo($0) })
            #expect { try second.start() } throws: { error in
                if case ServerError.portTaken(host: "127.0.0.1", port: port) = error {
                    true
                } else {
                    false
                }
            }
            #expect { try server.start() } throws: { error in
                if case ServerError.alreadyStarted = error { true } else { false }
            }
        }
    }

    @Test func `says when the host is unknown`() {
        var settings = ServerSettings()
        settings.host = "not a host"
        let server = HTTPServer(settings: settings, handler: ClosureHandler { echo($0) })
        #expect { try server.start() } throws: { error in
            if case ServerError.unknownHost("not a host") = error { true } else { false }
        }
    }
}
