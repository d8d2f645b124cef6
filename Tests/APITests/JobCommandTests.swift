// Cancelling, retrying, pausing, resuming and changing jobs: permissions, states and messages.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct JobCommandTests {
    private static let json: KeyValuePairs<String, String> = [
        "X-Username": "ann", "Content-Type": "application/json",
    ]

    @Test(arguments: [("DELETE", "/jobs/1"), ("POST", "/jobs/1/cancel")])
    func `a cancelled job is shown as such, and again when asked again`(
        method: String, target: String
    ) async {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        let reply = await fixture.send(method, target)
        #expect(reply.status == 200)
        #expect(reply.json["id"] == 1)
        #expect(reply.json["status"] == "cancelled")
        #expect(reply.json["completed_at"] == "2024-06-15T08:10:00.000001Z")
        #expect(reply.json["error_message"] == "Cancelled by ann.")
        let again = await fixture.send(method, target)
        #expect(again.status == 200)
        #expect(again.text == reply.text)
        #expect(fixture.runner.calls == ["notify", "stop 1", "wake"])
        // The start was not notified.
        #expect(await fixture.store.outbox.isEmpty)
    }

    @Test(arguments: [("DELETE", "/jobs/1"), ("POST", "/jobs/1/cancel")])
    func `the end of a job that had begun is notified once`(
        method: String, target: String
    ) async throws {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        _ = try #require(try await fixture.store.claimJob(at: Fixture.now))
        for _ in 0..<2 {
            let reply = await fixture.send(method, target)
            #expect(reply.status == 200)
            #expect(reply.json["status"] == "cancelled")
        }
        #expect(await fixture.store.outbox.map(\.kind) == [.started, .cancelled])
        #expect(fixture.runner.calls == ["notify", "stop 1", "wake"])
    }

    @Test func `a command to an ended job is refused as such`() async {
        let fixture = Fixture()
        await fixture.finishJob()
        for (verb, participle) in [("cancel", "cancelled"), ("pause", "paused")] {
            let reply = await fixture.send("POST", "/jobs/1/\(verb)")
            #expect(reply.status == 409)
            #expect(
                reply.text
                    == #"{"detail":"Job 1 has ended: it is failed. Only a pending or running job "#
                    + #"can be \#(participle)."}"#)
        }
        let resumed = await fixture.send("POST", "/jobs/1/resume")
        #expect(resumed.status == 409)
        #expect(
            resumed.json["detail"]?.string?.hasSuffix(
                " A failed or cancelled one can be retried.") == true)
        #expect(await fixture.send("DELETE", "/jobs/1").status == 409)
        #expect(await fixture.store.jobs[JobID(1)]?.state == .failed)
    }

    @Test func `a retry tries the failed files again after the last run has ended`() async {
        let fixture = Fixture()
        await fixture.finishJob()
        let reply = await fixture.send("POST", "/jobs/1/retry")
        #expect(reply.status == 202)
        #expect(reply.json["status"] == "pending")
        #expect(reply.json["files_done"] == 1)
        #expect(reply.json["files_failed"] == 0)
        #expect(reply.json["completed_at"] == .null)
        #expect(fixture.runner.calls == ["stop 1", "wake"])
        #expect(
            await fixture.store.files[JobID(1)]?.map(\.state) == [.ok, .pending])
        let again = await fixture.send("POST", "/jobs/1/retry")
        #expect(again.status == 409)
        #expect(
            again.text
                == #"{"detail":"Job 1 is pending. It can be retried once it has ended."}"#)
    }

    @Test func `a completed job has nothing to retry`() async throws {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        let job = try #require(try await fixture.store.claimJob(at: Fixture.now))
        try await fixture.store.expand(job.id, into: [], notes: [])
        _ = try await fixture.store.finish(
            job.id, as: .completed, errorMessage: nil, at: Fixture.now)
        let reply = await fixture.send("POST", "/jobs/1/retry")
        #expect(reply.status == 409)
        #expect(
            reply.text == #"{"detail":"Job 1 is completed: none of its files failed."}"#)
    }

    @Test func `a run that does not stop in time delays a retry, and no cancel`() async {
        let fixture = Fixture(time: FixedTime(sleepsEnd: true))
        _ = await fixture.submit(Fixture.goodBody)
        fixture.runner.hang()
        #expect(await fixture.send("DELETE", "/jobs/1").status == 200)
        let reply = await fixture.send("POST", "/jobs/1/retry")
        #expect(reply.status == 409)
        #expect(
            reply.text
                == #"{"detail":"Job 1 is still being stopped. Please try again in a moment."}"#)
        #expect(await fixture.store.jobs[JobID(1)]?.state == .cancelled)
    }

    @Test func `pausing and resuming a job twice changes nothing`() async {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        for _ in 0..<2 {
            let reply = await fixture.send("POST", "/jobs/1/pause")
            #expect(reply.status == 200)
            #expect(reply.json["status"] == "pending")
            #expect(reply.json["paused"] == true)
        }
        for _ in 0..<2 {
            let reply = await fixture.send("POST", "/jobs/1/resume")
            #expect(reply.status == 200)
            #expect(reply.json["paused"] == false)
        }
        #expect(
            await fixture.store.events.map(\.kind) == [.submitted, .paused, .resumed])
    }

    @Test(arguments: ["cancel", "retry", "pause", "resume"])
    func `jobs of others are for administrators`(verb: String) async {
        let fixture = Fixture(admins: ["root"])
        _ = await fixture.submit(Fixture.goodBody)
        let bob: KeyValuePairs<String, String> = ["X-Username": "bob"]
        let reply = await fixture.send("POST", "/jobs/1/\(verb)", headers: bob)
        #expect(reply.status == 403)
        #expect(
            reply.text
                == #"{"detail":"Only ann, who submitted job 1, and administrators (ADMIN_USERS) "#
                + #"may \#(verb) it."}"#)
        #expect(fixture.runner.calls.isEmpty)
        #expect(await fixture.store.events.map(\.kind) == [.submitted])
        let root = await fixture.send("POST", "/jobs/1/\(verb)", headers: ["X-Username": "root"])
        #expect(root.status == (verb == "retry" ? 409 : 200))
        #expect(await fixture.send("POST", "/jobs/1/verify", headers: bob).status == 409)
    }

    @Test func `a job is pinned and gets another priority`() async {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        func change(_ body: String) async -> Reply {
            await fixture.send("PATCH", "/jobs/1", headers: JobCommandTests.json, body: body)
        }
        let both = await change(#"{"pinned":true,"priority":2}"#)
        #expect(both.status == 200)
        #expect(both.json["pinned"] == true)
        #expect(both.json["priority"] == 2)
        #expect(await change(#"{"pinned":true,"priority":null}"#).text == both.text)
        #expect(await change(#"{"priority":5}"#).json["pinned"] == true)
        #expect(await change(#"{"pinned":false}"#).json["priority"] == 5)
        #expect(
            await fixture.store.events.map(\.kind) == [
                .submitted, .prioritized, .pinned, .prioritized, .unpinned,
            ])
        #expect(fixture.runner.calls.filter { $0.hasPrefix("controls") }.first == "controls 1 2")
    }

    @Test func `a high priority is for administrators, also of one's own job`() async {
        let fixture = Fixture(admins: ["root"])
        _ = await fixture.submit(Fixture.goodBody)
        let body = #"{"priority":6}"#
        let reply = await fixture.send(
            "PATCH", "/jobs/1", headers: JobCommandTests.json, body: body)
        #expect(reply.status == 403)
        #expect(
            reply.text
                == #"{"detail":"Only administrators (ADMIN_USERS) may give a job a priority above 5."}"#
        )
        let root = await fixture.send(
            "PATCH", "/jobs/1",
            headers: ["X-Username": "root", "Content-Type": "application/json"], body: body)
        #expect(root.status == 200)
        #expect(root.json["priority"] == 6)
        let bob = await fixture.send(
            "PATCH", "/jobs/1",
            headers: ["X-Username": "bob", "Content-Type": "application/json"],
            body: #"{"pinned":true}"#)
        #expect(bob.status == 403)
    }

    @Test(arguments: [
        ("{}", ["value_error @ body"]), (#"{"priority":null}"#, ["value_error @ body"]),
        (#"{"priority":10}"#, ["less_than_equal @ body.priority"]),
        (#"{"priority":-1}"#, ["greater_than_equal @ body.priority"]),
        (#"{"priority":"5"}"#, ["int_type @ body.priority"]),
        (#"{"priority":1.5}"#, ["int_type @ body.priority"]),
        (
            #"{"pinned":1,"pined":true}"#,
            ["bool_type @ body.pinned", "extra_forbidden @ body.pined"]
        ), ("[]", ["model_attributes_type @ body"]), ("", ["missing @ body"]),
    ])
    func `an invalid change is refused completely`(body: String, problems: [String]) async {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        let reply = await fixture.send(
            "PATCH", "/jobs/1", headers: JobCommandTests.json, body: body)
        #expect(reply.status == 422)
        #expect(reply.problems == problems)
        #expect(await fixture.store.events.count == 1)
    }

    @Test func `a running job says when the upstream may be asked again`() async throws {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        let moment = Fixture.now + .seconds(600)
        try await fixture.store.set(moment.iso8601, for: UpstreamPause.untilKey)
        #expect(await fixture.send("GET", "/jobs/1").json["resume_at"] == .null)
        _ = try await fixture.store.claimJob(at: Fixture.now)
        let text = JSONValue.string(moment.iso8601)
        #expect(await fixture.send("GET", "/jobs/1").json["resume_at"] == text)
        let list = await fixture.send("GET", "/jobs").json["jobs"]?.elements
        #expect(list?.first?["resume_at"] == text)
        try await fixture.store.set(Fixture.now.iso8601, for: UpstreamPause.untilKey)
        #expect(await fixture.send("GET", "/jobs/1").json["resume_at"] == .null)
    }
}
