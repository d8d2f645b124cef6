// The table of responses, row by row.

import Curl
import Datasets
import Jobs
import TestSupport
import Testing

@testable import Tardis

@Suite struct ResponseClassifierTests {
    private func summary(
        _ status: Int, _ body: String = "", retryAfter: Duration? = nil, attempt: Int = 1,
        wasMissing: Bool = false, isFromUpstream: Bool = true, contentType: String? = nil,
        bytes: [UInt8]? = nil
    ) -> String {
        let classifier = ResponseClassifier(
            file: .sample(), attempt: attempt, wasMissing: wasMissing, retryBase: .seconds(2),
            retryAfterMax: .seconds(300))
        let reply = Reply(
            status: status, retryAfter: retryAfter, contentType: contentType,
            body: bytes ?? Array(body.utf8), isFromUpstream: isFromUpstream, apiKey: "TD.secret")
        switch classifier.classify(reply) {
        case .dataset: return "dataset"
        case .redirect: return "redirect"
        case .notFoundOnce(let failure): return "missed \(failure.code)"
        case .missing(_, let otherwise): return "missing, else \(otherwise.summary)"
        case .decided(let outcome): return outcome.summary
        }
    }

    @Test func `takes a dataset and follows redirects`() {
        #expect(summary(200) == "dataset")
        for status in [301, 302, 303, 307, 308] { #expect(summary(status) == "redirect") }
    }

    @Test func `stops the job when the key is refused`() {
        let expired = #"{"code":11,"message":"The provided API key is expired."}"#
        #expect(summary(401, expired) == "stopJob api_key_refused")
    }

    @Test func `waits while another address holds the key`() {
        let locked = #"{"code":274,"message":"in use","retryAfterSeconds":893}"#
        #expect(summary(403, locked) == "park key_in_use_elsewhere for 893.0 seconds")
        let short = #"{"code":274,"message":"in use","retryAfterSeconds":30}"#
        #expect(summary(403, short) == "retry key_in_use_elsewhere after 30.0 seconds")
        let silent = #"{"code":274,"message":"in use"}"#
        #expect(summary(403, silent) == "park key_in_use_elsewhere for 900.0 seconds")
    }

    @Test func `gives up a file that is forbidden`() {
        #expect(summary(403, #"{"code":7,"message":"no"}"#) == "failed forbidden")
    }

    @Test(arguments: [400, 401, 403])
    func `takes no refusal without a body for Tardis's, which writes a code`(status: Int) {
        #expect(summary(status) == "retry refused_in_between")
        #expect(summary(status, bytes: gzip("")) == "retry refused_in_between")
        #expect(summary(status, "\r\n") == "retry refused_in_between")
        #expect(summary(status, "{") == "retry refused_in_between")
    }

    @Test(arguments: [400, 401, 403, 404])
    func `takes no JSON of a gateway for Tardis's`(status: Int) {
        for text in [
            // API Gateway, Kong, Spring, APISIX, Kubernetes, gRPC, Google.
            #"{"message":"Forbidden"}"#,
            #"{"message":"no Route matched with those values","request_id":"7f"}"#,
            #"{"timestamp":1,"status":404,"error":"Not Found","path":"/v1/x"}"#,
            #"{"error_msg":"404 Route Not Found"}"#,
            #"{"kind":"Status","status":"Failure","message":"no","reason":"x","code":403}"#,
            #"{"code":5,"message":"Not Found","details":[]}"#,
            #"{"error":{"code":404,"message":"no"}}"#, #"{"code":"DENIED","message":"no"}"#, "{}",
        ] {
            #expect(summary(status, text) == "retry refused_in_between", "\(text)")
        }
        let own = #"{"code":300,"message":"no"}"#
        #expect(summary(status, own, contentType: "text/html") == "retry refused_in_between")
        #expect(
            !summary(status, own, contentType: "application/json; charset=utf-8")
                .contains("refused_in_between"))
    }

    @Test(arguments: [400, 401, 402, 403, 404, 405, 410, 416, 451, 502, 503])
    func `takes no web page for a response of Tardis`(status: Int) {
        #expect(summary(status, "<!DOCTYPE html><title>Just a moment...") == "retry web_page")
        #expect(summary(status, "\r\n<HTML>blocked</HTML>") == "retry web_page")
        #expect(
            summary(status, "blocked", contentType: "text/html; charset=utf-16")
                == "retry web_page")
        #expect(summary(status, "<html>", isFromUpstream: false).hasPrefix("retry "))
    }

    @Test(arguments: [400, 401, 403, 404])
    func `takes no refusal for Tardis's that is not written as Tardis writes`(status: Int) {
        let words = [
            "Forbidden.", "404 page not found\n", "error code: 1020",
            "Access denied by corporate policy",
            #"{"error":"blocked","policy":"finance"}"#, #"[{"code":11}]"#,
        ]
        for text in words { #expect(summary(status, text) == "retry refused_in_between") }
        let wide = "<!DOCTYPE html><title>Blocked".utf16.flatMap { [UInt8($0 & 255), 0] }
        #expect(summary(status, bytes: [0xFF, 0xFE] + wide) == "retry refused_in_between")
        #expect(summary(status, bytes: [0x78, 0x9C, 0, 1, 2]) == "retry refused_in_between")
        #expect(
            summary(status, "no", retryAfter: .seconds(9))
                == "retry refused_in_between after 9.0 seconds")
    }

    @Test func `a page about too many requests parks nothing`() {
        #expect(
            summary(429, "<html>slow down</html>", retryAfter: .seconds(4_000))
                == "retry web_page after 300.0 seconds")
    }

    @Test func `knows a proxy and a network that ask who is there`() {
        #expect(summary(407) == "retry proxy_refused after 60.0 seconds")
        #expect(summary(407, "<html>login</html>") == "retry proxy_refused after 60.0 seconds")
        for (status, wait) in [(407, " after 60.0 seconds"), (403, "")] {
            let refused = CurlError.proxyRefused("datasets.tardis.dev: no", status: status)
            #expect(
                DownloadOutcome(of: refused, retryBase: .seconds(2)).summary
                    == "retry proxy_refused\(wait)")
        }
        #expect(summary(511, "<html>login</html>") == "retry network_login after 60.0 seconds")
    }

    @Test func `reads what the server has compressed`() {
        let locked = #"{"code":274,"message":"in use","retryAfterSeconds":30}"#
        #expect(
            summary(403, bytes: gzip(locked)) == "retry key_in_use_elsewhere after 30.0 seconds")
        #expect(summary(403, bytes: gzip("<html>blocked</html>")) == "retry web_page")
    }

    @Test func `asks for a new signed address when the storage refuses one`() {
        #expect(summary(403, "<Error/>", isFromUpstream: false) == "retry storage_refused")
        #expect(summary(401, isFromUpstream: false) == "retry storage_refused")
        #expect(summary(400, "<Error/>", isFromUpstream: false) == "retry storage_refused")
    }

    @Test func `tells the kinds of bad request apart`() {
        let symbol = #"{"code":300,"message":"Invalid 'symbol'. Did you mean 'BTCUSDT'?"}"#
        #expect(summary(400, symbol) == "failed symbol_refused")
        let window = #"{"code":140,"message":"only up to '2024-09-06T00:00:00.000Z'"}"#
        #expect(summary(400, window) == "missing, else failed not_available")
        let date = #"{"code":1,"message":"must be in ISO 8601 format"}"#
        #expect(summary(400, date) == "retry date_refused")
        #expect(summary(400, "must be in ISO 8601 format") == "retry date_refused")
        #expect(summary(400, #"{"code":1}"#) == "failed request_refused")
    }

    @Test func `asks once more before it believes that there is no file`() {
        let missing = #"{"code":404,"message":"Not found"}"#
        #expect(summary(404, missing) == "missed not_found")
        #expect(summary(404, missing, attempt: 2) == "missed not_found")
        #expect(
            summary(404, missing, attempt: 2, wasMissing: true) == "missing, else failed not_found")
        let stored = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>"
        #expect(summary(404, stored, isFromUpstream: false) == "missed not_found")
        // Only Tardis redirects to its storage.
        #expect(summary(404, stored) == "retry web_page")
    }

    @Test func `an empty 404 is no verdict, however often it comes`() {
        #expect(summary(404) == "retry not_found")
        #expect(summary(404, attempt: 11, wasMissing: true) == "retry not_found")
        #expect(summary(404, isFromUpstream: false) == "retry not_found")
        #expect(summary(404, retryAfter: .seconds(9)) == "retry not_found after 9.0 seconds")
    }

    @Test func `says of a response that is not Tardis's that it is no verdict`() {
        let classifier = ResponseClassifier(
            file: .sample(), attempt: 1, wasMissing: true, retryBase: .seconds(2),
            retryAfterMax: .seconds(300))
        for (status, body) in [(401, ""), (403, "no"), (404, ""), (404, "no"), (404, "<p>no")] {
            let reply = Reply(
                status: status, retryAfter: nil, body: Array(body.utf8), isFromUpstream: true,
                apiKey: nil)
            guard case .decided(.retry(_, let failure)) = classifier.classify(reply) else {
                Issue.record("\(status) \(body) is a verdict")
                continue
            }
            #expect(failure.detail.contains("It is no verdict of Tardis on the file, the key"))
        }
    }

    @Test func `waits as long as it is asked to, and parks when the quota is used up`() {
        #expect(
            summary(429, retryAfter: .seconds(7)) == "retry rate_limited after 7.0 seconds")
        #expect(
            summary(429, retryAfter: .seconds(300)) == "retry rate_limited after 300.0 seconds")
        #expect(
            summary(429, retryAfter: .seconds(301)) == "park quota_exhausted for 301.0 seconds")
        #expect(summary(429) == "retry rate_limited after 60.0 seconds")
        // Proxies know no quota.
        #expect(
            summary(429, "error code: 1015", retryAfter: .seconds(4_000))
                == "retry rate_limited after 300.0 seconds")
        let decade = Duration.seconds(315_360_000)
        #expect(summary(429, retryAfter: decade) == "park quota_exhausted for 86400.0 seconds")
    }

    @Test func `waits as long as the body says in any form, and the longer of the two`() {
        let waits =
            [
                ("3.5", nil, 4), (#""3""#, nil, 3), ("3", .seconds(9), 9), ("9", .seconds(3), 9),
                ("-1", .seconds(5), 5),
            ] as [(String, Duration?, Int)]
        for (body, header, expected) in waits {
            #expect(
                summary(429, #"{"retryAfterSeconds":\#(body)}"#, retryAfter: header)
                    == "retry rate_limited after \(expected).0 seconds")
        }
    }

    @Test func `reads of a body that was cut short what is there`() {
        let whole = #"{"code":274,"message":"in use, by 1.2.3.4","retryAfterSeconds":30}"#
        // Half a number would be another one.
        for count in 12..<whole.count {
            #expect(
                summary(403, String(whole.prefix(count)))
                    == "park key_in_use_elsewhere for 900.0 seconds")
        }
        let first = #"{"retryAfterSeconds":30,"code":274,"message":"in use"#
        #expect(summary(403, first) == "retry key_in_use_elsewhere after 30.0 seconds")
        #expect(summary(403, #"{"co"#) == "retry refused_in_between")
    }

    @Test func `shows words, and nothing of what is no text`() {
        let bodies: [([UInt8], String?)] = [
            (Array("Slow down, \u{1F422}".utf8), "Slow down, \u{1F422}"),
            (Array("Slow \u{1F422}".utf8.dropLast(2)), "Slow"),
            ([0x1F, 0x8B, 0x08, 0x00, 0x3C, 0xFF], nil), (Array("a\u{1}b".utf8), nil),
            ([0x41, 0xFF, 0x42], nil), (gzip("words"), "words"),
        ]
        for (body, expected) in bodies {
            let reply = Reply(
                status: 500, retryAfter: nil, body: body, isFromUpstream: true, apiKey: nil)
            #expect(reply.message == expected)
            #expect(reply.sender == .other)
        }
    }

    @Test func `retries what may pass`() {
        for status in [408, 425, 502, 503, 504, 520, 599] {
            #expect(summary(status) == "retry upstream_failed")
        }
        #expect(
            summary(503, retryAfter: .seconds(9)) == "retry upstream_failed after 9.0 seconds")
        #expect(
            summary(503, retryAfter: .seconds(9999))
                == "retry upstream_failed after 300.0 seconds")
    }

    @Test func `waits twice as long after a 500`() {
        #expect(summary(500) == "retry upstream_failed after 4.0 seconds")
        #expect(summary(500, attempt: 3) == "retry upstream_failed after 16.0 seconds")
        #expect(summary(500, attempt: 12) == "retry upstream_failed after 240.0 seconds")
        #expect(
            summary(500, retryAfter: .seconds(50)) == "retry upstream_failed after 50.0 seconds")
    }

    @Test(arguments: [100, 204, 206, 304, 402, 405, 410, 416, 451, 999])
    func `what makes no sense is no verdict on a file`(status: Int) {
        #expect(summary(status) == "retry unexpected_status")
        #expect(summary(status, "Blocked") == "retry unexpected_status")
    }

    @Test func `passes Tardis's words on, without the key and on one line`() {
        let reply = Reply(
            status: 400, retryAfter: nil,
            body: Array(
                #"{"code":300,"message":"bad\nTD.secret \u202e'X'. Did you mean 'Y'?"}"#.utf8),
            isFromUpstream: true, apiKey: "TD.secret")
        let classifier = ResponseClassifier(
            file: .sample(), attempt: 1, wasMissing: false, retryBase: .seconds(2),
            retryAfterMax: .seconds(300))
        guard case .decided(.failed(let failure)) = classifier.classify(reply) else {
            Issue.record("a wrong symbol is permanent")
            return
        }
        #expect(failure.detail.contains("bad [key] 'X'. Did you mean 'Y'?"))
        #expect(!failure.detail.contains("secret"))
        #expect(failure.httpStatus == 400)
    }

    @Test func `survives numbers and types that no server should send`() {
        let huge = #"{"code":274,"retryAfterSeconds":9223372036854775807}"#
        #expect(summary(403, huge) == "park key_in_use_elsewhere for 86400.0 seconds")
        let negative = #"{"code":274,"retryAfterSeconds":-5}"#
        #expect(summary(403, negative) == "park key_in_use_elsewhere for 900.0 seconds")
        let beyond = #"{"retryAfterSeconds":1e300}"#
        #expect(summary(429, beyond) == "park quota_exhausted for 86400.0 seconds")
        let word = #"{"retryAfterSeconds":"soon"}"#
        #expect(summary(429, word) == "retry rate_limited after 60.0 seconds")
        #expect(summary(400, #"{"code":"300","message":7}"#) == "retry refused_in_between")
        #expect(summary(400, #"{"code":300,"message":7}"#) == "failed symbol_refused")
    }
}
