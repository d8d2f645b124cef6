// Reading and changing limits.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct LimitsTests {
    private func change(_ fixture: Fixture, _ body: String, as user: String = "root") async -> Reply
    {
        await fixture.send(
            "PATCH", "/settings/limits",
            headers: ["X-Username": user, "Content-Type": "application/json"], body: body)
    }

    @Test func `every user sees all limits, with their defaults`() async {
        let fixture = Fixture(admins: ["root"])
        let reply = await fixture.send("GET", "/settings/limits")
        #expect(reply.status == 200)
        #expect(reply.json.members?.map(\.name) == ServiceLimit.allCases.map(\.rawValue))
        #expect(
            reply.json["transfers"] == [
                "value": 16, "default": 16, "changed_by": .null, "changed_at": .null,
            ])
    }

    @Test func `a change applies at once, is stored, and can be undone`() async throws {
        let fixture = Fixture(admins: ["root"])
        let reply = await change(fixture, #"{"transfers":8,"bytes_per_second":20000000}"#)
        #expect(reply.status == 200)
        #expect(
            reply.json["transfers"] == [
                "value": 8, "default": 16, "changed_by": "root",
                "changed_at": .string(Fixture.now.iso8601),
            ])
        #expect(fixture.limits.current.transfers == 8)
        #expect(fixture.limits.current.bytesPerSecond == 20_000_000)
        #expect(await fixture.send("GET", "/settings/limits").json == reply.json)
        #expect(await fixture.store.limits[.transfers]?.value == 8)
        let back = await change(fixture, #"{"transfers":null}"#)
        #expect(back.json["transfers"]?["value"] == 16)
        #expect(back.json["transfers"]?["changed_by"] == "root")
        #expect(back.json["bytes_per_second"]?["value"] == 20_000_000)
        #expect(
            await fixture.store.limitDetails == [
                "transfers: 16 → 8; bytes_per_second: 0 → 20000000", "transfers: 8 → 16 (default)",
            ])
    }

    @Test func `others may not change them, with any body`() async {
        let fixture = Fixture(admins: ["root"])
        for body in [#"{"transfers":8}"#, "{}", "nonsense"] {
            let reply = await change(fixture, body, as: "ann")
            #expect(reply.status == 403)
            #expect(reply.json["detail"]?.string?.contains("ADMIN_USERS") == true)
        }
        #expect(await change(Fixture(), #"{"transfers":8}"#).status == 403, "there are none")
        #expect(await fixture.store.limits.isEmpty)
    }

    @Test(arguments: [
        (#"{"transfers":0}"#, ["greater_than_equal @ body.transfers"]),
        (#"{"transfers":257}"#, ["less_than_equal @ body.transfers"]),
        (
            #"{"running_jobs":0,"bytes_per_second":-1}"#,
            [
                "greater_than_equal @ body.running_jobs",
                "greater_than_equal @ body.bytes_per_second",
            ]
        ),
        (#"{"transfers":"8"}"#, ["int_type @ body.transfers"]),
        (#"{"transfers":8.5}"#, ["int_type @ body.transfers"]),
        (#"{"transfers":true}"#, ["int_type @ body.transfers"]),
        (#"{"transfers":99999999999999999999}"#, ["int_type @ body.transfers"]),
        (#"{"transfers":8,"speed":1}"#, ["extra_forbidden @ body.speed"]),
        ("{}", ["value_error @ body"]), ("[]", ["model_attributes_type @ body"]),
        ("", ["missing @ body"]), ("{", ["json_invalid @ body.1"]),
    ])
    func `an invalid change changes nothing`(
        body: String, problems: [String]
    ) async {
        let fixture = Fixture(admins: ["root"])
        let reply = await change(fixture, body)
        #expect(reply.status == 422)
        #expect(reply.problems == problems)
        #expect(await fixture.store.limits.isEmpty)
        #expect(fixture.limits.current == fixture.limits.defaults)
    }

    @Test(arguments: ["8.0", "8e0", "80E-1", "0.8e1"])
    func `a whole number may be spelled as any JSON number`(spelling: String) async {
        let fixture = Fixture(admins: ["root"])
        let reply = await change(fixture, #"{"transfers":\#(spelling)}"#)
        #expect(reply.status == 200)
        #expect(reply.json["transfers"]?["value"] == 8)
        _ = await fixture.submit(Fixture.goodBody)
        let job = await fixture.send("PATCH", "/jobs/1", body: #"{"priority":\#(spelling)}"#)
        #expect(job.problems == [] && job.status == 403, "above 5 is for administrators")
    }

    @Test func `a bound is reported with the value that exceeds it`() async {
        let reply = await change(Fixture(admins: ["root"]), #"{"transfers":0}"#)
        #expect(
            reply.json["detail"]?.elements?.first == [
                "type": "greater_than_equal", "loc": ["body", "transfers"],
                "msg": "Input should be greater than or equal to 1", "input": 0,
                "ctx": ["ge": 1],
            ])
    }

    @Test func `administrators end an upstream pause, once`() async {
        let fixture = Fixture(admins: ["root"])
        let path = "/settings/upstream/resume"
        let until = Timestamp("2024-06-15T14:05:00Z")!
        fixture.runner.set(UpstreamPause(until: until, reason: "The quota is used up."))
        #expect(await fixture.send("POST", path).status == 403)
        let reply = await fixture.send("POST", path, headers: ["X-Username": "root"])
        #expect(reply.status == 200)
        #expect(
            reply.json == [
                "until": .string(until.iso8601), "reason": "The quota is used up.",
            ])
        #expect(await fixture.send("POST", path, headers: ["X-Username": "root"]).status == 409)
    }
}
