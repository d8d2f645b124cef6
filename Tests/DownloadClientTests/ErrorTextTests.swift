// Errors say what happened and what to do.

import Testing

@testable import APIClient
@testable import download_client

@Suite struct ErrorTextTests {
    private func lines(
        _ cause: APIClientError, _ purpose: ServiceFailure.Purpose = .job,
        at url: String = "http://localhost:8000", hasLostAnswer: Bool = false
    ) throws -> [String] {
        ErrorText.lines(
            for: ServiceFailure(
                cause: cause, purpose: purpose, address: try ServiceAddress(url),
                user: "alice", program: "download-client", answer: nil,
                hasLostAnswer: hasLostAnswer))
    }

    private func foreign(_ answer: ForeignResponse, at url: String) throws -> String {
        try lines(.foreignResponse(answer), at: url).joined(separator: "\n")
    }

    @Test func `suggests make only on the machine of the service`() throws {
        let causes: [APIClientError] = [.cannotConnect, .timedOut, .cutShort, refused(500, ["no"])]
        for cause in causes {
            #expect(try lines(cause).joined().contains("make "))
            #expect(!(try lines(cause, at: "http://data.example").joined().contains("make ")))
        }
        #expect(
            try lines(.cannotConnect, at: "http://data.example")[0]
                .contains("Check --url and DOWNLOAD_SERVICE_URL"))
    }

    @Test func `names the proxy in front of the service, and what to set`() throws {
        let url = "http://data.example:80"
        let moved = try foreign(
            ForeignResponse(status: 301, movedTo: "https://data.example"), at: url)
        #expect(moved.hasSuffix("Set --url or DOWNLOAD_SERVICE_URL to https://data.example"))
        let login = try foreign(
            ForeignResponse(status: 302, location: "https://sso.example/login"), at: url)
        #expect(login.contains("https://sso.example/login (302), as a login page does"))
        let password = try foreign(ForeignResponse(status: 401, challenge: "Basic"), at: url)
        #expect(password.contains("(401, Basic), which API_TOKEN is not"))
        #expect(try foreign(ForeignResponse(status: 407), at: url).contains("https_proxy"))
        #expect(try foreign(ForeignResponse(status: 403), at: url).contains("has not seen it"))
        #expect(try foreign(ForeignResponse(status: 413), at: url).contains("client_max_body_size"))
        #expect(
            try foreign(ForeignResponse(status: 200, isPage: true), at: url)
                .contains("not the download service (a page for browsers, status 200)"))
    }

    @Test(arguments: [
        ("http://data.example", "/tardis", "http://data.example/tardis"),
        ("https://data.example:1/old", "/new", "https://data.example:1/new"),
    ])
    func `a redirect to another path names the whole address`(
        url: String, path: String, target: String
    ) throws {
        let moved = try foreign(ForeignResponse(status: 301, movedTo: path), at: url)
        #expect(moved.hasSuffix("Set --url or DOWNLOAD_SERVICE_URL to \(target)"))
    }

    @Test(arguments: [nil, 400])
    func `suggests https where the port may speak TLS`(status: Int?) throws {
        let answer = ForeignResponse(status: status, isPage: true)
        #expect(
            try foreign(answer, at: "http://data.example:8443/t").hasSuffix(
                "Where it speaks TLS, set --url or DOWNLOAD_SERVICE_URL to "
                    + "https://data.example:8443/t"))
        #expect(!(try foreign(answer, at: "https://data.example").contains("speaks TLS")))
    }

    @Test(arguments: [
        ("/docs", ""), ("/tardis/docs", "/tardis"), ("/tardis/jobs", "/tardis"), ("/v1", ""),
        ("/a/b/openapi.json", "/a/b"),
    ])
    func `suggests the address without its page, with the path before it`(
        path: String, rest: String
    ) throws {
        let gone = try foreign(ForeignResponse(status: 404), at: "http://data.example\(path)")
        #expect(gone.hasSuffix("DOWNLOAD_SERVICE_URL to http://data.example\(rest)"))
    }

    @Test func `an address that ends in jobs is not reported as a wrong request`() throws {
        let lines = try lines(
            refused(422, ["job_id: Input should be a valid integer"]), .listing,
            at: "http://data.example/jobs")
        #expect(lines.last?.hasSuffix("DOWNLOAD_SERVICE_URL to http://data.example") == true)
    }

    @Test func `names the variable that sets the proxy`() throws {
        let variables = ["http_proxy": "http://u:s3cret@p", "ALL_PROXY": "p"]
        let environment = ProcessEnvironment { variables[$0] }
        for (url, name) in [
            ("http://data.example", "http_proxy"), ("https://data.example", "ALL_PROXY"),
            ("http://localhost:8000", nil),
        ] {
            #expect(
                Session.proxyVariable(for: try ServiceAddress(url), in: environment) == name)
        }
        var failure = ServiceFailure(
            cause: .cannotConnect, purpose: .job,
            address: try ServiceAddress("http://data.example"),
            user: "alice", program: "download-client")
        failure.proxyVariable = "http_proxy"
        #expect(ErrorText.lines(for: failure).last?.hasPrefix("http_proxy leads through") == true)
    }

    @Test(arguments: [
        APIClientError.foreignResponse(ForeignResponse(status: 404, isPage: true)),
        .refused(ServiceError(status: 404, lines: ["Not Found"])),
        .refused(ServiceError(status: 405, lines: ["Method Not Allowed"])),
    ])
    func `distinguishes an address with a page from an older service`(
        cause: APIClientError
    )
        throws
    {
        let page = try lines(cause, at: "http://data.example:8000/docs")
        #expect(
            page.last == "The address goes without the name of a page. "
                + "Set --url or DOWNLOAD_SERVICE_URL to http://data.example:8000")
        #expect(try lines(cause).last?.contains("older than this program") == true)
    }

    @Test func `warns of an earlier lost answer also after other errors`() throws {
        let doubt = "Or submit exactly the same with --idempotency-key 'k-1'"
        for cause in [APIClientError.cannotConnect, refused(409, ["busy"]), refused(503, ["no"])] {
            let lines = try lines(cause, .submission(key: "k-1"), hasLostAnswer: true)
            #expect(lines.count { $0.hasPrefix(doubt) } == 1)
        }
        let refused = try lines(
            refused(422, ["no"]), .submission(key: "k-1"), hasLostAnswer: true)
        #expect(!refused.contains { $0.hasPrefix(doubt) })
    }

    private func refused(
        _ status: Int, _ lines: [String], after seconds: Int? = nil
    )
        -> APIClientError
    {
        .refused(
            ServiceError(status: status, lines: lines, requestID: "r-1", retryAfterSeconds: seconds)
        )
    }

    @Test func `suggests starting a service that is not running`() throws {
        #expect(
            try lines(.cannotConnect) == [
                "❌ Cannot reach the service at http://localhost:8000. Is the service running? "
                    + "Try: make run"
            ])
    }

    @Test func `lists the problems of a request line by line`() throws {
        let problems = ["symbols[0]: unknown; did you mean BTCUSDT?", "end_date: too early"]
        #expect(
            try lines(refused(422, problems), .submission(key: "k-1")) == [
                "❌ The service does not accept this request:",
                "  symbols[0]: unknown; did you mean BTCUSDT?",
                "  end_date: too early",
            ])
    }

    @Test(arguments: [
        (401, "API_TOKEN"), (403, "alice"), (404, "download-client list"), (429, "in 7 s"),
        (503, "in 7 s"), (500, "request r-1"),
    ])
    func `every error response has a next step`(status: Int, hint: String) throws {
        let lines = try lines(refused(status, ["no"], after: 7))
        #expect(lines.first == "❌ no")
        #expect(lines.last?.contains(hint) == true)
    }

    @Test func `a submission without an answer gets the key for its repetition`() throws {
        let lost = APIClientError.foreignResponse(ForeignResponse(status: 502))
        for cause in [APIClientError.timedOut, .cutShort, lost] {
            let lines = try lines(cause, .submission(key: "k-1"))
            #expect(lines.dropLast().last?.contains("download-client list") == true)
            #expect(lines.last?.contains("--idempotency-key 'k-1'") == true)
            #expect(try self.lines(cause, .job).count == 1)
        }
        #expect(try lines(.cannotConnect, .submission(key: "k-1")).count == 1)
    }

    @Test(arguments: [
        APIClientError.foreignResponse(ForeignResponse(status: 200)),
        .foreignResponse(ForeignResponse(status: nil)),
    ])
    func `distinguishes another program from the service`(cause: APIClientError) throws {
        #expect(try lines(cause)[0].contains("not the download service"))
    }

    @Test func `every kind of error has words`() throws {
        let causes: [APIClientError] = [
            .unknownHost, .untrusted("w"), .timedOut, .cutShort, .cancelled, .other("w"),
            refused(418, []), refused(422, []),
        ]
        for cause in causes { #expect(try lines(cause)[0].count > 10) }
    }

    @Test func `escapes hostile text of the server`() throws {
        let lines = try lines(refused(400, ["a\u{1B}[31m", "b\nfake line"]))
        #expect(lines == ["❌ a\\u{1B}[31m", "b\n  fake line"])
    }
}
