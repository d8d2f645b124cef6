// GET /health: what it says, and that it says so in time.

import APITypes
import HTTP
import Jobs
import Testing

@testable import API

@Suite struct HealthTests {
    @Test func `all is well`() async {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        let reply = await fixture.send("GET", "/health", headers: [:])
        #expect(reply.status == 200)
        #expect(
            reply.text
                == #"{"status":"healthy","database":"connected","telegram":"configured","disk":"ok","#
                + #""disk_free_bytes":1000,"upstream":"reachable","jobs_running":0,"#
                + #""jobs_pending":1,"version":"2.0.0"}"#)
    }

    @Test func `without Telegram the service is healthy`() async {
        let health = FixedHealth(telegram: HealthFinding("not configured"))
        let reply = await Fixture(health: health).send("GET", "/health", headers: [:])
        #expect(reply.status == 200)
        #expect(reply.json["telegram"] == "not configured")
    }

    @Test func `what is broken is named`() async {
        let health = FixedHealth(disk: HealthFinding("read-only", isHealthy: false))
        let reply = await Fixture(health: health, fault: { _, _ in true })
            .send("GET", "/health", headers: [:])
        #expect(reply.status == 503)
        #expect(reply.headers["Retry-After"] == "30")
        #expect(reply.json["status"] == "unhealthy")
        #expect(reply.json["database"] == "unavailable")
        #expect(reply.json["telegram"] == "configured")
        #expect(reply.json["jobs_running"] == .null)
        #expect(reply.json["detail"] == "database: unavailable; disk: read-only")
    }

    @Test func `an upstream that rests does not make the service unhealthy`() async {
        let health = FixedHealth(upstream: HealthFinding("resting until 10:00"))
        #expect(await Fixture(health: health).send("GET", "/health").status == 200)
    }

    @Test func `what hangs is reported as such`() async {
        let reply = await Fixture(
            health: FixedHealth(hangs: true), time: FixedTime(sleepsEnd: true)
        ).send("GET", "/health", headers: [:])
        #expect(reply.status == 503)
        #expect(reply.json["disk"] == "unavailable: no answer in time")
    }
}

@Suite struct DeadlineTests {
    @Test func `work that ends in time gives its result`() async {
        #expect(await Deadline.wait(.seconds(1), by: FixedTime(), for: { 7 }) == 7)
    }

    @Test func `work that does not end gives nothing and is cancelled`() async {
        let cancelled = Counter()
        let result: Int? = await Deadline.wait(.seconds(1), by: FixedTime(sleepsEnd: true)) {
            await untilCancelled()
            cancelled.add()
            return 7
        }
        #expect(result == nil)
        while cancelled.value == 0 { await Task.yield() }
    }

    @Test func `a waiter that is cancelled gives up`() async {
        let waiter = Task {
            await Deadline.wait(.seconds(1), by: FixedTime()) { () -> Int in
                await untilCancelled()
                return 7
            }
        }
        waiter.cancel()
        #expect(await waiter.value == nil)
    }
}
