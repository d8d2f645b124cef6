// The table of answers, row by row.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Tardis

@Suite struct ReplyTableTests {
    private func summary(
        _ status: Int, _ body: String = "", retryAfter: Duration? = nil, attempt: Int = 1,
        isFromUpstream: Bool = true
    ) -> String {
        let table = ReplyTable(
            file: .sample(), attempt: attempt, retryBase: .seconds(2), retryAfterMax: .seconds(300))
        let reply = Reply(
            status: status, retryAfter: retryAfter, body: Array(body.utf8),
            isFromUpstream: isFromUpstream, apiKey: "TD.secret")
        switch table.meaning(of: reply) {
        case .dataset: return "dataset"
        case .redirect: return "redirect"
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
        #expect(summary(401) == "stopJob api_key_refused")
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
        #expect(summary(403, "<html>blocked</html>") == "failed forbidden")
        #expect(summary(403, #"{"code":7,"message":"no"}"#) == "failed forbidden")
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
        #expect(summary(400) == "failed request_refused")
    }

    @Test func `asks once more before it believes that there is no file`() {
        #expect(summary(404) == "retry not_found")
        #expect(summary(404, attempt: 2) == "missing, else failed not_found")
    }

    @Test func `waits as long as it is asked to, and parks when the quota is used up`() {
        #expect(
            summary(429, retryAfter: .seconds(7)) == "retry rate_limited after 7.0 seconds")
        #expect(
            summary(429, retryAfter: .seconds(300)) == "retry rate_limited after 300.0 seconds")
        #expect(
            summary(429, retryAfter: .seconds(301)) == "park quota_exhausted for 301.0 seconds")
        #expect(summary(429) == "retry rate_limited after 60.0 seconds")
        let decade = Duration.seconds(315_360_000)
        #expect(summary(429, retryAfter: decade) == "park quota_exhausted for 86400.0 seconds")
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
    func `gives up at what makes no sense`(status: Int) {
        #expect(summary(status) == "failed unexpected_status")
    }

    @Test func `passes Tardis's words on, without the key and on one line`() {
        let reply = Reply(
            status: 400, retryAfter: nil,
            body: Array(
                #"{"code":300,"message":"bad\nTD.secret \u202e'X'. Did you mean 'Y'?"}"#.utf8),
            isFromUpstream: true, apiKey: "TD.secret")
        let table = ReplyTable(
            file: .sample(), attempt: 1, retryBase: .seconds(2), retryAfterMax: .seconds(300))
        guard case .decided(.failed(let failure)) = table.meaning(of: reply) else {
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
        #expect(summary(403, negative) == "retry key_in_use_elsewhere after 0.0 seconds")
        #expect(summary(400, #"{"code":"300","message":7}"#) == "failed request_refused")
    }
}
