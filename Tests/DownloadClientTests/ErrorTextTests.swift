// Errors say what happened and what to do.

import APIClient
import Testing

@testable import download_client

@Suite struct ErrorTextTests {
    private func lines(
        _ cause: APIClientError, _ wish: ServiceFailure.Wish = .job
    ) throws -> [String] {
        ErrorText.lines(
            for: ServiceFailure(
                cause: cause, wish: wish, address: try ServiceAddress("http://localhost:8000"),
                user: "alice", program: "download-client", answer: nil))
    }

    private func refused(
        _ status: Int, _ lines: [String], after seconds: Int? = nil
    )
        -> APIClientError
    {
        .refused(
            Refusal(status: status, lines: lines, requestID: "r-1", retryAfterSeconds: seconds))
    }

    @Test func `a service that is not there`() throws {
        #expect(
            try lines(.cannotConnect) == [
                "❌ Cannot reach the service at http://localhost:8000. Is the service running? "
                    + "Try: make run"
            ])
    }

    @Test func `problems of a request stand below each other`() throws {
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
    func `every refusal names the way on`(status: Int, hint: String) throws {
        let lines = try lines(refused(status, ["no"], after: 7))
        #expect(lines.first == "❌ no")
        #expect(lines.last?.contains(hint) == true)
    }

    @Test func `a submission without an answer is not to be repeated blindly`() throws {
        for cause in [APIClientError.timedOut, .cutShort, .foreignAnswer(status: 502)] {
            let lines = try lines(cause, .submission(key: "k-1"))
            #expect(lines.dropLast().last?.contains("download-client list") == true)
            #expect(lines.last?.contains("--idempotency-key 'k-1'") == true)
            #expect(try self.lines(cause, .job).count == 1)
        }
        #expect(try lines(.cannotConnect, .submission(key: "k-1")).count == 1)
    }

    @Test(arguments: [APIClientError.foreignAnswer(status: 200), .foreignAnswer(status: nil)])
    func `another program is told from the service`(cause: APIClientError) throws {
        #expect(try lines(cause)[0].contains("not the download service"))
    }

    @Test func `every kind of error has words`() throws {
        let causes: [APIClientError] = [
            .unknownHost, .untrusted("w"), .timedOut, .cutShort, .cancelled, .other("w"),
            refused(418, []), refused(422, []),
        ]
        for cause in causes { #expect(try lines(cause)[0].count > 10) }
    }

    @Test func `hostile words of the server are made harmless`() throws {
        let lines = try lines(refused(400, ["a\u{1B}[31m", "b\nfake line"]))
        #expect(lines == ["❌ a\\u{1B}[31m", "b\n  fake line"])
    }
}
