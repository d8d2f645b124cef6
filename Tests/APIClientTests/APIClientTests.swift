// The client against a scripted server: its requests, and each kind of reply.

import APITypes
import Curl
import JSON
import TestSupport
import Testing

@testable import APIClient

@Suite struct APIClientTests {
    private static let job = JobResponse(
        id: 7, status: "running", exchange: "binance", dataTypes: ["trades"],
        symbols: ["BTCUSDT"], startDate: "2024-01-01", endDate: "2024-01-02",
        outputPath: "./datasets", createdAt: "2025-11-13T10:20:30.123456Z", createdBy: "alice",
        filesTotal: 2, filesDone: 1)

    private func client(
        _ url: String, token: String? = nil, timeout: Duration = .seconds(20),
        replyMaxBytes: Int = 1 << 20
    ) throws -> APIClient {
        APIClient(
            APIClientSettings(
                address: try ServiceAddress(url), user: "alice", token: token,
                totalTimeout: timeout, replyMaxBytes: replyMaxBytes))
    }

    private func json(_ shape: some JSONWritable) -> RawServer.Step {
        .reply(200, JSONCoding.encode(shape), headers: ["Content-Type: application/json"])
    }

    @Test func `submits as JSON, in the user's name, with the token`() async throws {
        let answer = SubmitResponse(jobID: 7, message: "m", status: "pending", notes: ["n"])
        let server = RawServer(replies: [.reply(202, JSONCoding.encode(answer))])
        let request = SubmitRequest(
            exchange: "binance", symbols: ["BTC-USDT"], startDate: "2024-01-01",
            endDate: "2024-01-02", dataTypes: ["trades"])

        let reply = try await client(server.url + "/", token: "s3cret").submit(request)

        #expect(reply.value == answer)
        let seen = try #require(server.requests.first)
        #expect(seen.method == "POST")
        #expect(seen.target == "/download")
        #expect(seen["Content-Type"] == "application/json")
        #expect(seen["X-Username"] == "alice")
        #expect(seen["X-API-Token"] == "s3cret")
        #expect(seen["Expect"] == nil)
        #expect(seen.body == JSONCoding.encode(request))
    }

    @Test func `reads a job and a list`() async throws {
        let list = JobListResponse(jobs: [APIClientTests.job], total: 41)
        let server = RawServer(replies: [json(APIClientTests.job)], [json(list)])
        let client = try client(server.url)

        #expect(try await client.job(7).value == APIClientTests.job)
        let query = JobListQuery(limit: 20, offset: 3, status: "failed", user: "ä b&c")
        #expect(try await client.list(query).value == list)

        #expect(
            server.requests.map(\.target) == [
                "/jobs/7", "/jobs?limit=20&offset=3&status=failed&user=%C3%A4%20b%26c",
            ])
        #expect(server.requests.allSatisfy { $0["X-API-Token"] == nil })
    }

    @Test func `keeps a path of the base URL`() async throws {
        let server = RawServer(replies: [json(APIClientTests.job)])
        _ = try await client(server.url + "/tardis/").job(7)
        #expect(server.requests.map(\.target) == ["/tardis/jobs/7"])
    }

    @Test func `an error response has its lines and bytes`() async throws {
        let body = #"{"detail":"Job 7 not found"}"#
        let server = RawServer(replies: [.reply(404, body)])
        let error = await #expect(throws: APIClientError.self) {
            _ = try await client(server.url).job(7)
        }
        let refusal = ServiceError(status: 404, lines: ["Job 7 not found"], body: Array(body.utf8))
        #expect(error == .refused(refusal))
    }

    @Test func `distinguishes a port without a listener`() async throws {
        let url: String
        do {
            let server = RawServer(greeting: [.close])
            url = server.url
        }
        // The listener closes on a thread of its own.
        let refused = try await eventually {
            do {
                _ = try await client(url).job(7)
            } catch APIClientError.cannotConnect {
                return true
            } catch is APIClientError {}
            return false
        }
        #expect(refused)
    }

    @Test func `a connection that ends early, and one that breaks`() async throws {
        for step in [RawServer.Step.close, .reset] {
            let server = RawServer(replies: [
                .text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), step,
            ])
            await #expect(throws: APIClientError.cutShort) {
                _ = try await client(server.url).job(7)
            }
        }
    }

    @Test func `a missing answer is a time-out`() async throws {
        let server = RawServer(replies: [.stall])
        await #expect(throws: APIClientError.timedOut) {
            _ = try await client(server.url, timeout: .milliseconds(50)).job(7)
        }
    }

    @Test func `another program, another protocol, a redirect, a flood`() async throws {
        let html = RawServer(replies: [.reply(200, "<html>")])
        await #expect(throws: APIClientError.foreignResponse(ForeignResponse(status: 200))) {
            _ = try await client(html.url).job(7)
        }
        let mail = RawServer(replies: [.text("220 mail.example ESMTP ready\r\n"), .close])
        await #expect(throws: APIClientError.foreignResponse(ForeignResponse(status: nil))) {
            _ = try await client(mail.url).job(7)
        }
        let redirect = RawServer(replies: [.reply(302, "", headers: ["Location: /login?next=1"])])
        await #expect(
            throws: APIClientError.foreignResponse(ForeignResponse(status: 302, location: "/login"))
        ) {
            _ = try await client(redirect.url).job(7)
        }
        let flood = RawServer(replies: [.reply(200, String(repeating: "x", count: 5000))])
        await #expect(throws: APIClientError.foreignResponse(ForeignResponse(status: nil))) {
            _ = try await client(flood.url, replyMaxBytes: 1000).job(7)
        }
    }

    @Test func `a redirect names the new base URL`() async throws {
        let moved = RawServer { request in
            [.reply(301, "", headers: ["Location: https://data.example\(request.target)"])]
        }
        let answer = ForeignResponse(status: 301, movedTo: "https://data.example")
        await #expect(throws: APIClientError.foreignResponse(answer)) {
            _ = try await client(moved.url).list(JobListQuery(limit: 3, user: "a b"))
        }
        await #expect(throws: APIClientError.foreignResponse(answer)) {
            _ = try await client(moved.url + "/").job(7)
        }
    }

    @Test func `a redirect to a path, or to another machine's root`() async throws {
        let path = RawServer { request in
            [.reply(301, "", headers: ["Location: /tardis\(request.target)"])]
        }
        let answer = ForeignResponse(status: 301, movedTo: "/tardis")
        await #expect(throws: APIClientError.foreignResponse(answer)) {
            _ = try await client(path.url).list(JobListQuery(limit: 3))
        }
        for status in [301, 308] {
            let root = RawServer(replies: [
                .reply(status, "", headers: ["Location: https://data.example/"])
            ])
            let moved = ForeignResponse(status: status, movedTo: "https://data.example")
            await #expect(throws: APIClientError.foreignResponse(moved)) {
                _ = try await client(root.url).job(7)
            }
        }
        let login = RawServer(replies: [
            .reply(302, "", headers: ["Location: https://sso.example/"])
        ])
        let asked = ForeignResponse(status: 302, location: "https://sso.example/")
        await #expect(throws: APIClientError.foreignResponse(asked)) {
            _ = try await client(login.url).job(7)
        }
    }

    @Test(arguments: ["{}", "[]", #"{"detail":"x"}"#])
    func `a document of another program is no manifest`(body: String) async throws {
        let server = RawServer(replies: [.reply(200, body)])
        await #expect(throws: APIClientError.foreignResponse(ForeignResponse(status: 200))) {
            _ = try await client(server.url).manifest(of: 7, isSums: false)
        }
    }

    @Test(arguments: [403, 407, 503])
    func `a proxy without a tunnel is a foreign response`(status: Int) {
        let error = CurlError.proxyRefused("data.example: no", status: status)
        #expect(
            APIClient.clientError(for: error) == .foreignResponse(ForeignResponse(status: status)))
    }

    @Test func `a password of a proxy is not the service's token`() async throws {
        let proxy = RawServer(replies: [
            .reply(
                401, #"{"detail":"Unauthorized"}"#,
                headers: [#"WWW-Authenticate: Basic realm="x""#])
        ])
        await #expect(
            throws: APIClientError.foreignResponse(ForeignResponse(status: 401, challenge: "Basic"))
        ) {
            _ = try await client(proxy.url).job(7)
        }
        let service = RawServer(replies: [
            .reply(
                401, #"{"detail":"Invalid or missing API token"}"#,
                headers: [#"WWW-Authenticate: ApiKey realm="download-service""#])
        ])
        let error = await #expect(throws: APIClientError.self) {
            _ = try await client(service.url).job(7)
        }
        guard case .refused(let refusal) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(refusal.lines == ["Invalid or missing API token"])
    }

    @Test func `pins, accepts gaps and reads manifests by their routes`() async throws {
        let sums = "00ff  a.csv.gz\n"
        let server = RawServer(
            replies: [json(APIClientTests.job)], [json(APIClientTests.job)],
            [json(APIClientTests.job)],
            [.reply(200, sums, headers: ["Content-Type: text/plain; charset=utf-8"])],
            [json(["job_id": 7] as JSONValue)])
        let client = try client(server.url)
        _ = try await client.pin(7, true)
        _ = try await client.acceptGaps(of: 7, files: [])
        _ = try await client.acceptGaps(of: 7, files: ["a.csv.gz"])
        #expect(try await client.manifest(of: 7, isSums: true) == Array(sums.utf8))
        #expect(try await client.manifest(of: 7, isSums: false) == Array(#"{"job_id":7}"#.utf8))
        #expect(
            server.requests.map { "\($0.method) \($0.target)" } == [
                "PATCH /jobs/7", "POST /jobs/7/accept-gaps", "POST /jobs/7/accept-gaps",
                "GET /jobs/7/manifest?format=sha256sums", "GET /jobs/7/manifest",
            ])
        #expect(
            server.requests.prefix(3).map { String(decoding: $0.body, as: UTF8.self) } == [
                #"{"pinned":true}"#, "", #"{"files":["a.csv.gz"]}"#,
            ])
    }

    @Test(arguments: [
        ("alice", true), ("Ünal K", true), ("", false), (" a", false), ("a ", false),
        ("a\r\nX: y", false), ("a\u{0}", false), ("a\u{7F}", false),
    ])
    func `knows valid header values`(text: String, sound: Bool) {
        #expect(APIClientSettings.isHeaderValue(text) == sound)
    }
}
