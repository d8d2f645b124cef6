// Whole answers other than a dataset, each with its requests, its waits, and what it comes to.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import tardis_sandbox

@Suite(.timeLimit(.minutes(1)))
struct AnswerFaultTests {
    private static func answer(
        _ status: Int, _ body: String = "", headers: [String: String] = [:]
    ) -> Fault {
        Fault(answer: Fault.Answer(status: status, headers: headers, body: body))
    }

    private static func tardis(_ status: Int, code: Int, _ more: String = "") -> Fault {
        answer(status, #"{"code":\#(code),"message":"So it is."\#(more)}"#)
    }

    private static func redirect(to location: String) -> Fault {
        answer(302, headers: ["Location": location])
    }

    static let serverErrors: [FaultCase] = [
        .passing(
            "500 once", answer(500), asked: [0, 4], ["retry upstream_failed"],
            says: "Tardis's server failed. (HTTP 500"),
        .passing(
            "500 twice", answer(500), times: 2, asked: [0, 4, 12],
            ["retry upstream_failed", "retry upstream_failed"], says: "HTTP 500"),
        .lasting(
            "500 for ever", answer(500, "broken"), asked: [0, 4, 12],
            ["retry upstream_failed", "retry upstream_failed", "retry upstream_failed"],
            says: "HTTP 500: broken"),
        .passing(
            "502 once", answer(502), asked: [0, 2], ["retry upstream_failed"], says: "HTTP 502"),
        .passing(
            "503 twice", CommonFault.unavailable.fault, times: 2, asked: [0, 2, 6],
            ["retry web_page", "retry web_page"], says: "(HTTP 503)"),
        .passing(
            "504 once", answer(504), asked: [0, 2], ["retry upstream_failed"], says: "HTTP 504"),
        .lasting(
            "504 for ever", answer(504), asked: [0, 2, 6],
            ["retry upstream_failed", "retry upstream_failed", "retry upstream_failed"],
            says: "HTTP 504"),
        .lasting(
            "204 for ever", answer(204), asked: [0, 2, 6],
            thrice.map { _ in "retry unexpected_status" },
            says: "Tardis does not send this status: a proxy or a firewall may have answered. ("),
        .passing(
            "206 that was not requested", answer(206, "x"), asked: [0, 2],
            ["retry unexpected_status"], says: "HTTP 206"),
        .passing(
            "402", answer(402, "Pay."), asked: [0, 2], ["retry unexpected_status"],
            says: "HTTP 402: Pay."),
        .passing(
            "503 with Retry-After", answer(503, headers: ["Retry-After": "20"]), asked: [0, 20],
            ["retry upstream_failed"], says: "HTTP 503"),
        .passing(
            "503 with an hour of Retry-After", answer(503, headers: ["Retry-After": "3600"]),
            asked: [0, 300], ["retry upstream_failed"], says: "HTTP 503"),
    ]

    static let limits: [FaultCase] = [
        .passing(
            "429", answer(429), asked: [0, 60], ["retry rate_limited"],
            says: "Tardis asks for fewer requests. (HTTP 429"),
        .passing(
            "429 with Retry-After", answer(429, headers: ["Retry-After": "7"]), asked: [0, 7],
            ["retry rate_limited"], says: "HTTP 429"),
        .passing(
            "429 with a Retry-After of a second", CommonFault.rateLimit.fault, asked: [0, 2],
            ["retry rate_limited"], says: "HTTP 429, code 429: Too many requests"),
        .passing(
            "429 with 300 s of Retry-After", answer(429, headers: ["Retry-After": "300"]),
            asked: [0, 300], ["retry rate_limited"], says: "HTTP 429"),
        .passing(
            "429 with a nonsensical Retry-After", answer(429, headers: ["Retry-After": "soon"]),
            asked: [0, 60], ["retry rate_limited"], says: "HTTP 429"),
        .passing(
            "429 with a negative Retry-After", answer(429, headers: ["Retry-After": "-7"]),
            asked: [0, 60], ["retry rate_limited"], says: "HTTP 429"),
        .passing(
            "429 for ten minutes", answer(429, headers: ["Retry-After": "600"]), asked: [0, 600],
            ["pause quota_exhausted"], says: "Tardis's quota is used up"),
        .passing(
            "429 until tomorrow", CommonFault.quota.fault, times: 4,
            asked: [0, 3_600, 7_200, 10_800, 14_400],
            Array(repeating: "pause quota_exhausted", count: 4),
            says: "Tardis's quota is used up"),
        .passing(
            "403 code 274", tardis(403, code: 274, #","retryAfterSeconds":120"#), asked: [0, 120],
            ["retry key_in_use_elsewhere"], says: "in use from another address"),
        .passing(
            "403 code 274 for long", tardis(403, code: 274, #","retryAfterSeconds":893"#),
            times: 2, asked: [0, 893, 1_786],
            ["pause key_in_use_elsewhere", "pause key_in_use_elsewhere"],
            says: "in use from another address"),
        .passing(
            "403 code 274 without a time", tardis(403, code: 274), asked: [0, 900],
            ["pause key_in_use_elsewhere"], says: "in use from another address"),
    ]

    static let permanent: [FaultCase] = [
        .lasting(
            "401", CommonFault.expiredKey.fault, asked: [0], ["stopJob api_key_refused"],
            says: "API key refused"),
        .lasting(
            "403", tardis(403, code: 7), asked: [0], ["failed forbidden"],
            says: "Tardis refuses this file."),
        .passing(
            "403 in plain words", answer(403, "No."), asked: [0, 2],
            ["retry refused_in_between"], says: "Something refuses the request that is not Tardis"),
        .passing(
            "403 of a web page", answer(403, "<html>blocked</html>"), asked: [0, 2],
            ["retry web_page"], says: "A web page came in place of Tardis's answer"),
        .passing(
            "401 without a word", answer(401), asked: [0, 2], ["retry refused_in_between"],
            says: "Something refuses the request that is not Tardis"),
        .lasting(
            "403 of a gateway for ever", answer(403, #"{"message":"Forbidden"}"#),
            asked: [0, 2, 6], thrice.map { _ in "retry refused_in_between" },
            says: "It is no verdict of Tardis on the file, the key or its plan."),
        .lasting(
            "404 of a proxy for ever", answer(404, "404 page not found\n"), asked: [0, 2, 6],
            thrice.map { _ in "retry refused_in_between" },
            says: "It is no verdict of Tardis on the file, the key or its plan."),
        .lasting(
            "404 of a web page for ever", answer(404, "<html>Not found</html>"),
            asked: [0, 2, 6], thrice.map { _ in "retry web_page" },
            says: "It is no verdict of Tardis on the file, the key or its plan."),
        .lasting(
            "an empty 404 for ever", answer(404), asked: [0, 2, 6],
            thrice.map { _ in "retry not_found" },
            says: "It is no verdict of Tardis on the file, the key or its plan."),
        .passing(
            "407", answer(407, "Who are you?"), asked: [0, 60], ["retry proxy_refused"],
            says: "The proxy refuses the request."),
        .lasting(
            "400 code 300", tardis(400, code: 300), asked: [0], ["failed symbol_refused"],
            says: "Tardis has no symbol BTCUSDT on binance. (HTTP 400, code 300: So it is.)"),
        .lasting(
            "400 code 140", tardis(400, code: 140), asked: [0], ["failed not_available"],
            says: "Tardis has no trades of BTCUSDT on 2024-01-01."),
        .lasting(
            "400 of another code", tardis(400, code: 7), asked: [0], ["failed request_refused"],
            says: "Tardis refuses the request for this file"),
        .passing(
            "400 over the date", answer(400, "not in ISO 8601 format"), asked: [0, 2],
            ["retry date_refused"], says: "Tardis rejected the date"),
        .passing(
            "404 once", CommonFault.missing.fault, asked: [0, 2], ["retry not_found"],
            says: "Tardis has no file of BTCUSDT on 2024-01-01"),
        .lasting(
            "404", CommonFault.missing.fault, asked: [0, 2],
            ["retry not_found", "failed not_found"],
            says: "Tardis has no file of BTCUSDT on 2024-01-01"),
    ]

    private static let thrice = 0..<3

    static let redirects: [FaultCase] = [
        .lasting(
            "a redirect loop", redirect(to: "/v1/again"),
            asked: [0.0, 2, 6].flatMap { Array(repeating: $0, count: 6) },
            thrice.map { _ in "retry redirect_loop" }, says: "Tardis redirects more than 5 times."),
        .lasting(
            "a redirect to file:", redirect(to: "file:///etc/passwd"), asked: [0, 2, 6],
            thrice.map { _ in "retry redirect_refused" },
            says: "Tardis redirects to an address that makes no sense."),
        .lasting(
            "a redirect to ftp:", redirect(to: "ftp://127.0.0.1/x"), asked: [0, 2, 6],
            thrice.map { _ in "retry redirect_refused" },
            says: "Tardis redirects to ftp:, which is not allowed."),
        .lasting(
            "a redirect to a private address", redirect(to: "http://192.168.0.1/secret"),
            asked: [0, 2, 6], thrice.map { _ in "retry request_not_allowed" },
            says: "UPSTREAM_ALLOWED_NETWORKS"),
        .lasting(
            "a redirect to the cloud's metadata",
            redirect(to: "http://169.254.169.254/latest/meta-data"), asked: [0, 2, 6],
            thrice.map { _ in "retry request_not_allowed" }, says: "169.254.169.254"),
        .lasting(
            "a redirect to nowhere", answer(302), asked: [0, 2, 6],
            thrice.map { _ in "retry redirect_refused" },
            says: "Tardis redirects without saying where to."),
        FaultCase(
            name: "a paid day's redirect to the storage", rules: [], asked: [0], storage: [0],
            attempts: ["published"], file: .ok, says: "", isPaid: true),
        FaultCase(
            name: "a storage that refuses its own address once",
            rules: [storageRule(answer(403))],
            asked: [0, 2], storage: [0, 2], attempts: ["retry storage_refused", "published"],
            file: .ok,
            says: "Tardis's storage refused the URL that Tardis redirects to. (HTTP 403 there",
            isPaid: true),
        FaultCase(
            name: "a storage that breaks off", rules: [storageRule(CommonFault.short.fault)],
            asked: [0, 2], storage: [0, 2], attempts: ["retry cut_short", "published"],
            file: .ok, says: "127.0.0.1", isPaid: true),
    ]

    /// Hits the object storage once, and not the datasets host.
    private static func storageRule(_ fault: Fault) -> FaultRule {
        FaultRule("/tardis-datasets/*", fault: fault)
    }

    @Test(arguments: serverErrors + limits) func `temporary faults are retried`(
        row: FaultCase
    ) async throws {
        try await row.check()
    }

    @Test(arguments: permanent) func `final responses are not requested again`(
        row: FaultCase
    ) async throws {
        try await row.check()
    }

    @Test(arguments: redirects) func `redirects lead to the file only`(
        row: FaultCase
    ) async throws {
        try await row.check()
    }
}
