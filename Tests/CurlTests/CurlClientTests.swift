// Successful requests to a real server on the loopback interface.

import Curl
import TestSupport
import Testing

struct CurlClientTests {
    let client = makeClient()

    @Test func `returns status, headers and body`() async throws {
        let server = RawServer(replies: [
            .reply(200, "hello", headers: ["X-Word: a:b ", "x-two:2"])
        ])
        let (head, body) = try await client.fetch(
            TransferRequest(url: server.url + "/path?query"), bodyMaxBytes: 5)
        #expect(head.status == 200)
        #expect(head["x-word"] == "a:b")
        #expect(head["X-Two"] == "2")
        #expect(head["X-Three"] == nil)
        #expect(head.redirectURL == nil)
        #expect(String(decoding: body, as: UTF8.self) == "hello")
        #expect(server.requests.map(\.method) == ["GET"])
        #expect(server.requests.map(\.target) == ["/path?query"])
        #expect(server.requests[0]["User-Agent"] == "download-service")
        #expect(server.requests[0]["Accept-Encoding"] == nil)
    }

    @Test func `counts the bytes of the body and measures the time`() async throws {
        let server = RawServer(replies: [.reply(200, [UInt8](repeating: 7, count: 300_000))])
        let receiver = ScriptedReceiver()
        let summary = try await client.perform(
            TransferRequest(url: server.url), receiver: receiver)
        #expect(summary.bodyBytes == 300_000)
        #expect(summary.duration > .zero)
        #expect(summary.head.retryAfter == nil)
        #expect(receiver.record.heads.count == 1)
        #expect(receiver.record.body == [UInt8](repeating: 7, count: 300_000))
    }

    @Test func `sends a body with its length and its type, and no header that was not requested`()
        async throws
    {
        let server = RawServer(replies: [.reply(200, "ok")])
        let text = #"{"text":"ü\u0000"}"# + String(repeating: " ", count: 2_000_000)
        let request = TransferRequest(
            method: "POST", url: server.url, headers: [("Content-Type", "application/json")],
            body: Array(text.utf8))
        _ = try await client.fetch(request, bodyMaxBytes: 10)
        let seen = try #require(server.requests.first)
        #expect(seen.method == "POST")
        #expect(seen.bodyText == text)
        #expect(seen["Content-Type"] == "application/json")
        #expect(seen["Expect"] == nil)
    }

    @Test(arguments: [("POST", []), ("PUT", [1, 2, 0, 3]), ("DELETE", nil), ("HEAD", nil)])
    func `sends other methods`(method: String, body: [UInt8]?) async throws {
        let server = RawServer { _ in
            [method == "HEAD" ? .text("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n") : .reply(204)]
        }
        let request = TransferRequest(method: method, url: server.url, body: body)
        _ = try await client.fetch(request, bodyMaxBytes: 10)
        let seen = try #require(server.requests.first)
        #expect(seen.method == method)
        #expect(seen.body == body ?? [])
        #expect(seen["Content-Type"] == nil)
    }

    @Test func `sends an empty header, and removes none`() async throws {
        let server = RawServer(replies: [.reply(204)])
        let request = TransferRequest(
            url: server.url, headers: [("X-Empty", ""), ("X-Space", " ")])
        _ = try await client.fetch(request, bodyMaxBytes: 0)
        #expect(server.requests[0]["X-Empty"] == "")
        #expect(server.requests[0]["X-Space"] == "")
    }

    @Test func `reports a redirect as an absolute URL and does not follow it`() async throws {
        let server = RawServer { request in
            [.reply(302, headers: ["Location: \(request.target == "/a/b" ? "../c d?e" : "//h/x")"])]
        }
        let receiver = ScriptedReceiver()
        let summary = try await client.perform(
            TransferRequest(url: server.url + "/a/b"), receiver: receiver)
        #expect(summary.head.redirectURL == server.url + "/c%20d?e")
        #expect(receiver.record.heads.first?.redirectURL == server.url + "/c%20d?e")
        let (other, _) = try await client.fetch(
            TransferRequest(url: server.url + "/z"), bodyMaxBytes: 0)
        #expect(other.redirectURL == "http://h/x")
        #expect(server.requests.count == 2)
    }

    @Test func `hands over the head of a response without a body once`() async throws {
        let server = RawServer(replies: [.reply(204)], [.reply(304)], [.reply(200)])
        for status in [204, 304, 200] {
            let receiver = ScriptedReceiver()
            let summary = try await client.perform(
                TransferRequest(url: server.url), receiver: receiver)
            #expect(receiver.record.heads.map(\.status) == [status])
            #expect(receiver.record.calls == 0)
            #expect(summary.bodyBytes == 0)
        }
    }

    /// Clients with fewer connections than transfers have suffered storms of connect time-outs.
    @Test func `waiting for a free connection does not count as connecting`() async throws {
        let client = makeClient(connectionsMax: 1)
        let gate = Gate()
        let first = RawServer { _ in
            [
                .text("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"), .hold(gate), .text("a"),
                .close,
            ]
        }
        let second = RawServer { _ in [.reply(200, "b")] }
        let holder = Task {
            try await client.fetch(TransferRequest(url: first.url), bodyMaxBytes: 1)
        }
        #expect(await eventually { first.requests.count == 1 })
        let waiting = TransferRequest(
            url: second.url, connectTimeout: .milliseconds(200), stallTimeout: .milliseconds(200))
        let waiter = Task { try await client.fetch(waiting, bodyMaxBytes: 1) }
        // Much longer than the time-out to connect, measured by another client's clock.
        let limited = TransferRequest(
            url: RawServer(replies: [.stall]).url, totalTimeout: .seconds(1))
        _ = await failure(of: limited, by: makeClient())
        #expect(second.requests.isEmpty)
        gate.open()
        #expect(try await holder.value.head.status == 200)
        #expect(try await waiter.value.head.status == 200)
    }

    @Test func `skips interim responses and trailers`() async throws {
        let server = RawServer(replies: [
            .text("HTTP/1.1 103 Early Hints\r\nX-Interim: 1\r\n\r\n"),
            .text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Final: 1\r\n\r\n"),
            .text("3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n"),
        ])
        let receiver = ScriptedReceiver()
        _ = try await client.perform(TransferRequest(url: server.url), receiver: receiver)
        #expect(receiver.record.heads.count == 1)
        #expect(receiver.record.heads[0].status == 200)
        #expect(receiver.record.heads[0]["X-Interim"] == nil)
        #expect(receiver.record.heads[0]["X-Trailer"] == nil)
        #expect(receiver.record.body == Array("abcde".utf8))
    }

    @Test func `accepts an HTTP/1.0 response that ends with its connection`() async throws {
        let server = RawServer(replies: [.text("HTTP/1.0 200 OK\r\n\r\nall of it"), .close])
        let (head, body) = try await client.fetch(
            TransferRequest(url: server.url), bodyMaxBytes: 100)
        #expect(head.status == 200)
        #expect(body == Array("all of it".utf8))
    }

    @Test func `leaves a compressed body as it is`() async throws {
        let bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 1, 2, 3]
        let server = RawServer(replies: [.reply(200, bytes, headers: ["Content-Encoding: gzip"])])
        let request = TransferRequest(url: server.url, headers: [("Accept-Encoding", "gzip")])
        #expect(try await client.fetch(request, bodyMaxBytes: 100).body == bytes)
        #expect(server.requests[0]["Accept-Encoding"] == "gzip")
    }

    @Test func `reuses a connection`() async throws {
        let server = RawServer(replies: [.reply(200, "one")])
        for _ in 1...5 {
            _ = try await client.fetch(TransferRequest(url: server.url), bodyMaxBytes: 100)
        }
        #expect(server.connectionsAccepted == 1)
        #expect(server.requests.count == 5)
    }

    @Test(
        arguments: [
            ("120", Duration.seconds(120)), ("soon", nil), ("0", nil), ("-5", nil),
            ("Thu, 01 Jan 1970 00:00:10 GMT", nil), ("315360000", .seconds(315_360_000)),
            ("99999999999999999999", .seconds(1_000_000_000)), ("7, 30, 9", .seconds(30)),
            ("", nil), ("٣", nil),
        ] as [(String, Duration?)])
    func `reads how long the server asks to wait`(value: String, expected: Duration?) async throws {
        let server = RawServer(replies: [.reply(429, "slow", headers: ["Retry-After: \(value)"])])
        let summary = try await client.perform(
            TransferRequest(url: server.url), receiver: ScriptedReceiver())
        #expect(summary.head.retryAfter == expected)
        #expect(summary.head["Retry-After"] == value)
    }

    @Test func `of several waits uses the longest`() async throws {
        let headers = ["Retry-After: 30", "retry-after: 200", "Retry-After: soon"]
        let server = RawServer(replies: [.reply(429, "slow", headers: headers)])
        let (head, _) = try await client.fetch(
            TransferRequest(url: server.url), bodyMaxBytes: 10)
        #expect(head.retryAfter == .seconds(200))
    }

    @Test func `many transfers share the limits and all end`() async throws {
        let server = RawServer { _ in [.wait(.milliseconds(1)), .reply(200, "x")] }
        let client = makeClient(connectionsMax: 4, connectionsPerHostMax: 3)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let request = TransferRequest(url: server.url + "/\(number)")
                    return try await client.fetch(request, bodyMaxBytes: 1).head.status
                }
            }
            for try await status in group { #expect(status == 200) }
        }
        #expect(Set(server.requests.map(\.target)).count == 100)
        #expect(server.connectionsAccepted <= 3)
    }
}
