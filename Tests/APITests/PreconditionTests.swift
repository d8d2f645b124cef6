// Requests with preconditions on the version of a job (RFC 9110 §13).

import APITypes
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct PreconditionTests {
    private static let failed =
        #"{"detail":"Nothing was done: what is there now is not what the request's precondition "#
        + #"(If-Match, If-None-Match) is about. Look at it, then send the request again."}"#
    private static let pin = #"{"pinned":true}"#

    private func ask(
        _ fixture: Fixture, _ method: String, _ target: String, _ field: String, _ value: String,
        body: String = ""
    ) async -> Reply {
        await fixture.send(
            method, target, headers: ["X-Username": "ann", field: value], body: body)
    }

    private func fixture() async -> Fixture {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        return fixture
    }

    private func tag(_ fixture: Fixture) async -> String {
        await fixture.send("GET", "/jobs/1").headers["ETag"] ?? "none"
    }

    @Test(arguments: [("PATCH", pin), ("DELETE", "")])
    func `a change of another version is not made`(method: String, body: String) async {
        let fixture = await fixture()
        let before = await fixture.store.jobs[JobID(1)]
        let own = await tag(fixture)
        for (field, value) in [
            ("If-Match", #""x""#), ("If-Match", "W/\(own)"), ("If-Match", ""),
            ("If-None-Match", "*"), ("If-None-Match", own),
        ] {
            let reply = await ask(fixture, method, "/jobs/1", field, value, body: body)
            #expect(reply.status == 412)
            #expect(reply.text == PreconditionTests.failed)
        }
        #expect(await fixture.store.jobs[JobID(1)] == before)
        #expect(fixture.runner.calls == [])
    }

    @Test(arguments: [("PATCH", pin, "pending"), ("DELETE", "", "cancelled")])
    func `a change of the version at hand is made`(
        method: String, body: String, status: String
    ) async {
        for list in ["TAG", #""x", TAG"#, "*"] {
            let fixture = await fixture()
            let list = list.replacing("TAG", with: await tag(fixture))
            let reply = await ask(fixture, method, "/jobs/1", "If-Match", list, body: body)
            #expect(reply.status == 200)
            #expect(reply.json["status"]?.string == status)
            // What it was is not what it is.
            let again = await ask(fixture, "GET", "/jobs/1", "If-Match", list)
            #expect(again.status == (list == "*" ? 200 : 412))
        }
        let fixture = await fixture()
        let reply = await ask(fixture, method, "/jobs/1", "If-None-Match", #""x""#, body: body)
        #expect(reply.status == 200)
    }

    @Test(arguments: ["/", "/health", "/jobs", "/jobs/1/status", "/jobs/1/files"])
    func `a resource without versions ignores preconditions`(path: String) async {
        let fixture = await fixture()
        for method in ["GET", "HEAD"] {
            for (field, value) in [
                ("If-None-Match", "*"), ("If-None-Match", #""x""#), ("If-Match", #""x""#),
                ("If-Match", "*"),
            ] {
                let reply = await ask(fixture, method, path, field, value)
                #expect(reply.status == 200)
                #expect(reply.headers["ETag"] == nil)
            }
        }
    }

    @Test func `a job in another version is not shown`() async {
        let fixture = await fixture()
        let own = await tag(fixture)
        for method in ["GET", "HEAD"] {
            #expect(await ask(fixture, method, "/jobs/1", "If-Match", #""x""#).status == 412)
            let reply = await ask(fixture, method, "/jobs/1", "If-Match", own)
            #expect(reply.status == 200)
            #expect(reply.headers["ETag"] == own)
        }
    }

    @Test(arguments: ["GET", "PATCH", "DELETE"])
    func `a job that is unknown stays unknown`(method: String) async {
        let fixture = await fixture()
        for (field, value) in [("If-Match", #""x""#), ("If-Match", "*"), ("If-None-Match", "*")] {
            let reply = await ask(
                fixture, method, "/jobs/9", field, value, body: PreconditionTests.pin)
            #expect(reply.status == 404)
        }
    }

    @Test func `a user without permission gets that error, not a version`() async {
        let fixture = Fixture(users: ["bob"])
        #expect(await ask(fixture, "DELETE", "/jobs/1", "If-Match", #""x""#).status == 403)
    }

    @Test func `a submission has no version, and its preconditions are ignored`() async {
        let fixture = Fixture()
        let reply = await ask(
            fixture, "POST", "/download", "If-Match", #""x""#, body: Fixture.goodBody)
        #expect(reply.status == 202)
        #expect(fixture.submissions.value == 1)
    }
}
