// The rate of writes of one user.

import Datasets
import HTTP
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct WriteRateTests {
    private static let body =
        #"{"exchange":"binance","symbols":["BTCUSDT"],"start_date":"2024-01-01","#
        + #""end_date":"2024-01-01","force":true}"#

    private func limit(_ limit: ServiceLimit, to value: Int, _ fixture: Fixture) {
        fixture.limits.apply([
            limit: LimitSetting(
                value: value, changedBy: "root", changedAt: Fixture.now, revision: 1)
        ])
    }

    @Test func `a loop of submissions ends at the limit, for its own user alone`() async {
        let fixture = Fixture(admins: ["root"])
        limit(.userSubmissionsPerMinute, to: 4, fixture)
        for _ in 0..<4 { #expect(await fixture.submit(Self.body).status == 202) }
        let refused = await fixture.submit(Self.body)
        #expect(refused.status == 429)
        #expect(refused.headers["Retry-After"] == "15")
        #expect(refused.text.contains("USER_SUBMISSIONS_PER_MINUTE_MAX"))
        #expect(await fixture.submit(Self.body, as: "bob").status == 202)
        for _ in 0..<9 { #expect(await fixture.submit(Self.body, as: "root").status == 202) }
    }

    @Test func `commands and verifications have limits of their own`() async {
        let fixture = Fixture()
        limit(.userCommandsPerMinute, to: 1, fixture)
        limit(.userVerificationsPerMinute, to: 1, fixture)
        #expect(await fixture.submit(Self.body).status == 202)
        #expect(await fixture.send("POST", "/jobs/1/pause").status == 200)
        #expect(await fixture.send("POST", "/jobs/1/cancel").status == 429)
        #expect(await fixture.send("DELETE", "/jobs/1").status == 429)
        #expect(await fixture.send("POST", "/jobs/1/verify").status == 409)
        #expect(await fixture.send("POST", "/jobs/1/verify").status == 429)
        #expect(await fixture.send("GET", "/jobs/1").status == 200)
    }

    @Test func `a bucket refills, also after the clock is set back`() throws {
        let limits = RuntimeLimits()
        limits.apply([
            .userCommandsPerMinute: LimitSetting(
                value: 2, changedBy: "root", changedAt: Fixture.now, revision: 1)
        ])
        let rates = WriteRates(limits: limits)
        let ann = Principal(name: "ann")
        func take(at seconds: Int) -> Bool {
            (try? rates.take(.command, by: ann, at: Fixture.now + .seconds(seconds))) != nil
        }
        #expect(take(at: 0) && take(at: 0) && !take(at: 0))
        #expect(!take(at: 29) && take(at: 30) && !take(at: 30))
        #expect(take(at: 100_000) && take(at: 100_000))
        #expect(!take(at: 0) && !take(at: 29))
        #expect(take(at: 30) && !take(at: 59))
        #expect(take(at: 60) && !take(at: 60))
    }
}
