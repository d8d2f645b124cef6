// GET /health: its content, and its time limit.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import TestSupport
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
                + #""jobs_pending":1,"version":"2.0.0","reasons":[],"#
                + #""service":"Tardis Download Service"}"#)
    }

    @Test func `without Telegram the service is healthy`() async {
        let health = FixedHealth(telegramFinding: ComponentHealth("not configured"))
        let reply = await Fixture(health: health).send("GET", "/health", headers: [:])
        #expect(reply.status == 200)
        #expect(reply.json["telegram"] == "not configured")
    }

    @Test func `a broken part is named`() async {
        let disk = ComponentHealth("read-only", .init(.degraded, "not_writable", "Mount it."))
        let reply = await Fixture(health: FixedHealth(diskFinding: disk), fault: { _, _ in true })
            .send("GET", "/health", headers: [:])
        #expect(reply.status == 503)
        #expect(reply.headers["Retry-After"] == "30")
        #expect(reply.json["status"] == "unhealthy")
        #expect(reply.json["database"] == "unavailable")
        #expect(reply.json["telegram"] == "configured")
        #expect(reply.json["jobs_running"] == .null)
        #expect(
            reply.json["reasons"]?.elements?.map { $0["code"] } == [
                "database_unavailable", "not_writable",
            ])
        #expect(reply.json["detail"]?.string?.hasSuffix("Mount it.") == true)
    }

    @Test func `while downloads cannot proceed the service is degraded, with the reason`() async {
        let fixture = Fixture()
        let until = Timestamp("2024-06-15T14:05:00Z")!
        for (obstacle, code) in [
            (.upstreamPaused(until: until, reason: "The quota is used up."), "upstream_paused"),
            (.storage(.lowSpace(freeBytes: 1, reserveBytes: 2)), "disk_low"),
            (.storage(.lowInodes(free: 3)), "inodes_low"),
            (.storage(.changed), "data_root_changed"),
            (.storage(.unusable("Read-only file system")), "not_writable"),
            (.storage(.folder(code: "disk_low", reason: "of out")), "disk_low"),
            (.storage(.folder(code: "not_writable", reason: "of out")), "not_writable"),
            (.storage(.folder(code: "machine_busy", reason: "of out")), "machine_busy"),
            (.awaitsCatalogue(reason: "Could not resolve host"), "no_catalogue"),
        ] as [(WaitReason, JSONValue)] {
            fixture.runner.set(obstacles: [obstacle])
            let reply = await fixture.send("GET", "/health", headers: [:])
            #expect(reply.status == 200)
            #expect(reply.json["status"] == "degraded")
            #expect(reply.json["database"] == "connected")
            #expect(reply.json["telegram"] == "configured")
            #expect(reply.json["reasons"]?.elements?.map { $0["code"] } == [code])
            let isPause = code == "upstream_paused"
            let expected: JSONValue = isPause ? .string(until.iso8601) : .null
            #expect(reply.json["reasons"]?.elements?.first?["until"] == expected)
        }
        fixture.runner.set(obstacles: [.awaitsTurn, .awaitsCatalogue(reason: nil)])
        #expect(await fixture.send("GET", "/health").json["status"] == "healthy")
    }

    @Test func `a reason of both the disk and the queue is reported once`() async {
        let disk = ComponentHealth("disk_low", .init(.degraded, "disk_low", "Make room."))
        let fixture = Fixture(health: FixedHealth(diskFinding: disk))
        fixture.runner.set(obstacles: [.storage(.lowSpace(freeBytes: 1, reserveBytes: 2))])
        let reply = await fixture.send("GET", "/health")
        #expect(reply.json["reasons"]?.elements?.count == 1)
    }

    @Test func `a database that was moved is named`() async {
        let fixture = Fixture(fault: { _, _ in true })
        await fixture.store.failMoved()
        let reply = await fixture.send("GET", "/health")
        #expect(reply.status == 503)
        #expect(reply.json["reasons"]?.elements?.map { $0["code"] } == ["database_moved"])
        #expect(await fixture.submit(Fixture.goodBody).status == 503)
    }

    @Test func `a disk that hangs is reported as such`() async {
        let reply = await Fixture(health: FixedHealth(diskHangs: true), time: LastSleeperTime(5))
            .send("GET", "/health", headers: [:])
        #expect(reply.status == 200)
        #expect(reply.json["disk"] == "no answer in time")
        #expect(reply.json["status"] == "degraded")
        #expect(reply.json["database"] == "connected")
    }

    @Test func `an upstream that hangs is reported`() async {
        let reply = await Fixture(
            health: FixedHealth(upstreamHangs: true), time: LastSleeperTime(5)
        )
        .send("GET", "/health", headers: [:])
        #expect(reply.status == 200)
        #expect(reply.json["upstream"] == "no answer in time")
        #expect(reply.json["disk"] == "ok")
    }
}
