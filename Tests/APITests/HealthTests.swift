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
        let health = FixedHealth(telegramFinding: HealthFinding("not configured"))
        let reply = await Fixture(health: health).send("GET", "/health", headers: [:])
        #expect(reply.status == 200)
        #expect(reply.json["telegram"] == "not configured")
    }

    @Test func `what is broken is named`() async {
        let health = FixedHealth(diskFinding: HealthFinding("read-only", isHealthy: false))
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
        let health = FixedHealth(upstreamFinding: HealthFinding("resting until 10:00"))
        #expect(await Fixture(health: health).send("GET", "/health").status == 200)
    }

    @Test func `a disk that hangs is reported as such`() async {
        let reply = await Fixture(health: FixedHealth(diskHangs: true), time: LastSleeperTime(4))
            .send("GET", "/health", headers: [:])
        #expect(reply.status == 503)
        #expect(reply.json["detail"] == "disk: no answer in time")
        #expect(reply.json["database"] == "connected")
    }

    @Test func `an upstream that hangs is reported, and the service is healthy`() async {
        let reply = await Fixture(
            health: FixedHealth(upstreamHangs: true), time: LastSleeperTime(4)
        )
        .send("GET", "/health", headers: [:])
        #expect(reply.status == 200)
        #expect(reply.json["upstream"] == "no answer in time")
        #expect(reply.json["disk"] == "ok")
    }
}
