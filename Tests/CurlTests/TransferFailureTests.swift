// The network failures of a transfer, and the kinds of their errors.

import Curl
import TestSupport
import Testing

struct TransferFailureTests {
    let client = makeClient()

    private func error(from server: RawServer) async -> CurlError? {
        await failure(of: TransferRequest(url: server.url), by: client)
    }

    @Test(arguments: [[RawServer.Step.close], [.reset]])
    func `a body shorter than its declared length is cut short`(
        ending: [RawServer.Step]
    ) async throws {
        let server = RawServer(
            replies: [.text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!")] + ending)
        let receiver = ScriptedReceiver()
        let error = await failure(
            of: TransferRequest(url: server.url), by: client, receiver: receiver)
        guard case .cutShort(let words) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(words.hasPrefix("127.0.0.1: "))
        #expect(receiver.record.heads.map(\.status) == [200])
    }

    @Test func `a chunked body without its end is cut short`() async {
        let server = RawServer(replies: [
            .text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), .close,
        ])
        guard case .cutShort = await error(from: server) else {
            Issue.record("not cut short")
            return
        }
    }

    @Test(arguments: [[RawServer.Step.close], [.reset]])
    func `a connection that ends before the response is cut short`(
        ending: [RawServer.Step]
    ) async {
        let server = RawServer(replies: ending)
        guard case .cutShort = await error(from: server) else {
            Issue.record("not cut short")
            return
        }
    }

    private static let malformedAnswers = [
        "no status line": "HELO there\r\n\r\n",
        "chunk size": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "NUL": "HTTP/1.1 200 OK\r\nX-Nul: a\u{0}b\r\n\r\n",
        "negative length": "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "long header":
            "HTTP/1.1 200 OK\r\nX-Long: \(String(repeating: "x", count: 200_000))\r\n\r\n",
        "many headers":
            "HTTP/1.1 200 OK\r\n\(String(repeating: "X-Many: y\r\n", count: 50_000))\r\n",
    ]

    @Test(arguments: malformedAnswers.keys.sorted())
    func `a response that is not HTTP, or too large, is malformed`(fault: String) async throws {
        let answer = try #require(TransferFailureTests.malformedAnswers[fault])
        let server = RawServer(replies: [.text(answer), .close])
        let error = await error(from: server)
        guard case .malformed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a missing response stalls`() async {
        let server = RawServer(replies: [.stall])
        let request = TransferRequest(url: server.url, stallTimeout: .seconds(1))
        let error = await failure(of: request, by: client)
        guard case .timedOut = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(await eventually { server.connectionsOpen == 0 })
    }

    @Test func `a body that stops stalls`() async {
        let server = RawServer(replies: [
            .text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!"), .stall,
        ])
        let request = TransferRequest(
            url: server.url, stallTimeout: .seconds(1), stallBytesPerSecond: 100)
        guard case .timedOut = await failure(of: request, by: client) else {
            Issue.record("did not stall")
            return
        }
    }

    @Test func `the body of a refusal has a shorter time-out than a file`() async {
        let server = RawServer(replies: [
            .text("HTTP/1.1 401 No\r\nContent-Length: 10\r\n\r\nfive!"), .stall,
        ])
        let receiver = ScriptedReceiver()
        let request = TransferRequest(
            url: server.url, stallTimeout: .seconds(50), refusalTimeout: .seconds(1))
        let error = await failure(of: request, by: client, receiver: receiver)
        guard case .timedOut(let words) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(words.contains("HTTP 401"))
        #expect(receiver.record.heads.map(\.status) == [401])
    }

    /// curl keeps them all in memory.
    @Test func `trailers without end are malformed`() async {
        let trailer = "T: \(String(repeating: "v", count: 1_000))\r\n"
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        let few = RawServer(replies: [.text(head + trailer + "\r\n"), .close])
        #expect(await error(from: few) == nil)
        let many = String(repeating: trailer, count: 100)
        let server = RawServer(replies: [.text(head + many), .stall])
        #expect(
            await error(from: server)
                == .malformed("127.0.0.1: more than 65536 bytes of trailers"))
    }

    /// curl would decode it, and keep in memory all that a paused receiver does not take.
    @Test(arguments: ["gzip", "gzip, chunked", "deflate", "chunked\r\nTransfer-Encoding: gzip"])
    func `a response in a coding that was not requested ends with its head`(coding: String) async {
        let server = RawServer(replies: [
            .text("HTTP/1.1 200 OK\r\nTransfer-Encoding: \(coding)\r\n\r\n"), .stall,
        ])
        let receiver = ScriptedReceiver()
        let error = await failure(
            of: TransferRequest(url: server.url), by: client, receiver: receiver)
        #expect(error == .malformed("127.0.0.1: a Transfer-Encoding that was not requested"))
        #expect(receiver.record.heads.map(\.status) == [200])
        #expect(receiver.record.calls == 0)
    }

    @Test func `a transfer that exceeds its total time-out ends`() async {
        let server = RawServer { _ in
            [.text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx"), .stall]
        }
        let request = TransferRequest(url: server.url, totalTimeout: .milliseconds(200))
        guard case .timedOut = await failure(of: request, by: client) else {
            Issue.record("did not time out")
            return
        }
    }

    @Test func `a name without an address cannot be resolved`() async {
        // RFC 6761 §6.4: .invalid never has one.
        let request = TransferRequest(url: "http://nowhere.invalid/bot123:secret/x")
        let error = await failure(of: request, by: client)
        guard case .cannotResolve(let words) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(words.contains("nowhere.invalid"))
        #expect(!words.contains("secret"))
    }

    @Test func `a closed port cannot be connected to`() async {
        let port = { RawServer(replies: [.close]).port }()
        let request = TransferRequest(url: "http://127.0.0.1:\(port)/bot123:secret/x")
        let error = await failure(of: request, by: client)
        guard case .cannotConnect(let words) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!words.contains("secret"))
    }

    @Test func `a server without TLS is a lasting failure`() async {
        let server = RawServer(greeting: [.text("220 ready\r\n"), .stall])
        let request = TransferRequest(url: "https://127.0.0.1:\(server.port)/")
        let error = await failure(of: request, by: client)
        guard case .tls = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [[RawServer.Step.close], [.reset]])
    func `a handshake that breaks off is a passing failure`(
        ending: [RawServer.Step]
    ) async {
        let server = RawServer(greeting: ending)
        let request = TransferRequest(url: "https://127.0.0.1:\(server.port)/")
        let error = await failure(of: request, by: client)
        guard case .cannotConnect = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a handshake that never ends exceeds the time-out to connect`() async {
        let server = RawServer(greeting: [.stall])
        let request = TransferRequest(
            url: "https://127.0.0.1:\(server.port)/", connectTimeout: .milliseconds(200))
        guard case .timedOut = await failure(of: request, by: client) else {
            Issue.record("did not time out")
            return
        }
    }

    @Test(arguments: ["file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", "//h/x"])
    func `a scheme that is not allowed is refused`(url: String) async {
        guard case .refused = await failure(of: TransferRequest(url: url), by: client) else {
            Issue.record("\(url) was not refused")
            return
        }
    }

    @Test func `plain HTTP is refused if only HTTPS is allowed`() async {
        let server = RawServer(replies: [.reply(200, "x")])
        let request = TransferRequest(url: server.url, schemes: ["https"])
        guard case .refused = await failure(of: request, by: client) else {
            Issue.record("was not refused")
            return
        }
        #expect(server.connectionsAccepted == 0)
    }

    @Test(arguments: [["Content-Length: 11"], []])
    func `a body beyond its size limit is refused`(length: [String]) async {
        let head = (["HTTP/1.1 200 OK"] + length).joined(separator: "\r\n")
        let server = RawServer(replies: [.text(head + "\r\n\r\nhello world"), .close])
        await #expect(throws: CurlError.malformed("the body is larger than 10 bytes")) {
            _ = try await client.fetch(TransferRequest(url: server.url), bodyMaxBytes: 10)
        }
    }

    @Test func `a receiver may stop at the head, and at any byte`() async {
        let server = RawServer(replies: [.reply(200, [UInt8](repeating: 1, count: 100_000))])
        let atHead = ScriptedReceiver { taken in taken == nil ? .stop : .goOn }
        #expect(
            await failure(of: TransferRequest(url: server.url), by: client, receiver: atHead)
                == .refusedByReceiver)
        #expect(atHead.record.calls == 0)
        let later = ScriptedReceiver { taken in (taken ?? 0) > 0 ? .stop : .goOn }
        #expect(
            await failure(of: TransferRequest(url: server.url), by: client, receiver: later)
                == .refusedByReceiver)
        #expect(later.record.calls == 2)
    }

    @Test func `an idle connection that the server closes is replaced`() async throws {
        let server = RawServer { request in
            [.reply(200, "x")] + (request.connection == 0 ? [.close] : [])
        }
        for _ in 1...2 {
            _ = try await client.fetch(TransferRequest(url: server.url), bodyMaxBytes: 1)
        }
        #expect(server.connectionsAccepted == 2)
    }
}
