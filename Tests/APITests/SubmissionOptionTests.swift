// The options of a submission: priority, force and pinned, and the limits of a user.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct SubmissionOptionTests {
    private func body(
        _ more: String = "", days: Int = 2, symbols: String = #"["BTCUSDT"]"#
    ) -> String {
        #"{"exchange":"binance","symbols":\#(symbols),"start_date":"2024-01-01","#
            + #""end_date":"2024-01-0\#(days)"\#(more.isEmpty ? "" : ",")\#(more)}"#
    }

    @Test func `an equal request is answered with the active job`() async throws {
        let fixture = Fixture()
        _ = await fixture.submit(body(#""data_types":["quotes","trades"]"#))
        let reply = await fixture.submit(
            body(#""data_types":["trades","quotes"],"output_path":"./datasets""#))
        #expect(reply.status == 202)
        #expect(reply.headers["Location"] == "jobs/1")
        #expect(
            reply.text
                == #"{"job_id":1,"message":"You have asked for exactly this before: job 1, which is "#
                + #"pending. No new job was made; send \"force\": true for one.","#
                + #""status":"pending","notes":[],"duplicate_of":1}"#)
        #expect(fixture.submissions.value == 1)
        _ = try await fixture.store.claimJob(at: Fixture.now)
        let running = await fixture.submit(body(#""data_types":["trades","quotes"]"#))
        #expect(running.json["status"] == "running")
        // Another spelling is understood as the same, and said to be.
        let spelled = await fixture.submit(
            body(#""data_types":["trades","quotes"]"#, symbols: #"["BTC-USDT"]"#))
        #expect(spelled.json["duplicate_of"] == 1)
        #expect(spelled.json["notes"]?.elements?.count == 1)
    }

    @Test func `force makes another job, and so does another user`() async throws {
        let fixture = Fixture()
        for (body, user) in [
            (body(), "ann"), (body(#""force":true"#), "ann"), (body(), "bob"),
        ] {
            let reply = await fixture.submit(body, as: user)
            #expect(reply.status == 202)
            #expect(reply.json["duplicate_of"] == nil)
        }
        #expect(await fixture.submit(body(#""force":false"#)).json["duplicate_of"] == 1)
        #expect(await fixture.submit(body(#""force":null"#)).json["duplicate_of"] == 1)
        #expect(fixture.submissions.value == 3)
    }

    @Test func `a response about a paused job says so`() async throws {
        let fixture = Fixture()
        _ = await fixture.submit(body())
        var job = try #require(try await fixture.store.job(JobID(1)))
        job.control.isPaused = true
        await fixture.store.adopt(job)
        let reply = await fixture.submit(body(#""pinned":true,"priority":2"#))
        let message = try #require(reply.json["message"]?.string)
        #expect(message.contains("job 1, which is paused, until it is resumed."))
        // What the job is not as it was asked for is said, too.
        #expect(message.hasSuffix("Its priority stays 5. It is not pinned."))
    }

    @Test func `a priority that was not requested is not reported as missing`() async throws {
        let fixture = Fixture()
        _ = await fixture.submit(body(#""priority":2"#))
        let reply = await fixture.submit(body())
        #expect(reply.json["duplicate_of"] == 1)
        #expect(reply.json["message"]?.string?.contains("priority") == false)
    }

    @Test func `fifty equal requests at once make one job`() async throws {
        let fixture = Fixture()
        let replies = await withTaskGroup(of: Reply.self) { group in
            for _ in 0..<50 { group.addTask { await fixture.submit(body()) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(replies.allSatisfy { $0.status == 202 && $0.json["job_id"] == 1 })
        #expect(replies.count { $0.json["duplicate_of"] == nil } == 1)
    }

    @Test func `priority and pin are kept and shown`() async throws {
        let fixture = Fixture(admins: ["root"])
        for (more, user, expected, pinned) in [
            ("", "ann", 5, false), (#""priority":0"#, "ann", 0, false),
            (#""priority":5.0,"pinned":true"#, "ann", 5, true),
            (#""priority":null,"pinned":null"#, "ann", 5, false),
            (#""priority":9"#, "root", 9, false),
        ] as [(String, String, Int, Bool)] {
            let reply = await fixture.submit(
                body(more + (more.isEmpty ? "" : ",") + #""force":true"#), as: user)
            #expect(reply.status == 202, "\(reply.text)")
            let job = await fixture.send("GET", "/jobs/\(reply.json["job_id"]?.integer ?? 0)").json
            #expect(job["priority"]?.integer == expected)
            #expect(job["pinned"] == .bool(pinned))
        }
    }

    @Test(arguments: [6, 9]) func `above 5 is for administrators`(priority: Int) async throws {
        let fixture = Fixture(admins: ["root"])
        let reply = await fixture.submit(body(#""priority":\#(priority)"#))
        #expect(reply.status == 403)
        #expect(reply.json["detail"]?.string?.contains("for administrators") == true)
        #expect(fixture.submissions.value == 0)
    }

    @Test(arguments: [
        (#""priority":10"#, "less_than_equal @ body.priority"),
        (#""priority":-1"#, "greater_than_equal @ body.priority"),
        (#""priority":5.5"#, "int_from_float @ body.priority"),
        (#""priority":1e99"#, "int_from_float @ body.priority"),
        (#""priority":"high""#, "int_type @ body.priority"),
        (#""priority":true"#, "int_type @ body.priority"),
        (#""priority":[5]"#, "int_type @ body.priority"),
        (#""force":1"#, "bool_type @ body.force"), (#""force":"true""#, "bool_type @ body.force"),
        (#""pinned":{}"#, "bool_type @ body.pinned"),
    ])
    func `an invalid option is 422 in the predecessor's words`(
        more: String, problem: String
    ) async {
        let reply = await Fixture(admins: ["ann"]).submit(body(more))
        #expect(reply.status == 422)
        #expect(reply.problems == [problem])
    }

    @Test func `one job too many is 429 with the limit and its setting`() async throws {
        let fixture = Fixture(
            admins: ["root"], limits: UserQuota(queuedJobsMax: 2, filesPerDayMax: 0))
        let forced = body(#""force":true"#)
        for _ in 0..<2 { #expect(await fixture.submit(forced).status == 202) }
        let reply = await fixture.submit(forced)
        #expect(reply.status == 429)
        #expect(reply.headers["Retry-After"] == "60")
        #expect(
            reply.json["detail"]?.string
                == "You have 2 jobs that have not ended; one user may have at most 2 "
                + "(USER_QUEUED_JOBS_MAX). Send this again when one has ended.")
        #expect(fixture.submissions.value == 2)
        for _ in 0..<4 { #expect(await fixture.submit(forced, as: "root").status == 202) }
        // An equal job needs no room.
        #expect(await fixture.submit(body()).status == 202)
    }

    @Test func `a retry is one job more`() async throws {
        let fixture = Fixture(limits: UserQuota(queuedJobsMax: 1, filesPerDayMax: 0))
        _ = await fixture.submit(Fixture.goodBody)
        #expect(await fixture.send("DELETE", "/jobs/1").status == 200)
        _ = await fixture.submit(Fixture.goodBody)
        let reply = await fixture.send("POST", "/jobs/1/retry")
        #expect(reply.status == 429)
        #expect(reply.headers["Retry-After"] == "60")
        #expect(reply.json["detail"]?.string?.contains("USER_QUEUED_JOBS_MAX") == true)
        let bulk = await fixture.send("POST", "/jobs/actions", body: #"{"action":"retry"}"#)
        #expect(bulk.json["passed_over"] == 2)
        #expect(await fixture.store.jobs[JobID(1)]?.state == .cancelled)
    }

    @Test func `more files than a day may have is 429 until midnight`() async throws {
        let fixture = Fixture(limits: UserQuota(queuedJobsMax: 0, filesPerDayMax: 3))
        #expect(await fixture.submit(body()).status == 202)
        let reply = await fixture.submit(body(#""force":true"#))
        #expect(reply.status == 429)
        // Ten past eight, and a microsecond: the rest of the day, rounded up.
        #expect(reply.headers["Retry-After"] == String(15 * 3_600 + 50 * 60))
        let message = try #require(reply.json["detail"]?.string)
        #expect(message.contains("asked for 2 files today, and this asks for 2 more"))
        #expect(message.contains("at most 3 in a day (USER_FILES_PER_DAY_MAX)"))
        #expect(await fixture.submit(body(#""force":true"#, days: 1)).status == 202)
    }

    @Test func `more files than any day allows are 429 without Retry-After`() async throws {
        let fixture = Fixture(limits: UserQuota(queuedJobsMax: 0, filesPerDayMax: 3))
        let reply = await fixture.submit(body(days: 4))
        #expect(reply.status == 429)
        #expect(reply.headers["Retry-After"] == nil)
        #expect(reply.json["detail"]?.string?.contains("Waiting does not help") == true)
    }
}
