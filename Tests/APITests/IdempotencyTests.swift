// Idempotency-Key on POST /download: its form, and repeated requests.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct IdempotencyTests {
    private func jobs(of fixture: Fixture) async throws -> Int {
        try await fixture.store.jobs(matching: JobFilter(), limit: 500, from: .offset(0)).total
    }

    @Test func `the same key and body bring the first answer again`() async throws {
        let fixture = Fixture()
        let first = await fixture.submit(Fixture.goodBody, key: #""k-1""#)
        #expect(first.status == 202)
        #expect(first.headers["Idempotency-Replayed"] == nil)
        // Not as it would be answered by now: the job has ended.
        _ = try await fixture.store.finish(
            JobID(1), as: .cancelled, errorMessage: nil, at: Fixture.now)
        let second = await fixture.submit(Fixture.goodBody, key: #""k-1""#)
        #expect(second.status == 202)
        #expect(second.text == first.text)
        #expect(second.headers["Location"] == "jobs/1")
        #expect(second.headers["Idempotency-Replayed"] == "true")
        #expect(second.headers["Content-Type"] == "application/json")
        #expect(try await jobs(of: fixture) == 1)
        #expect(fixture.submissions.value == 1)
    }

    @Test func `another body under the same key is 422`() async throws {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody, key: "k-1")
        // Even one byte makes it another body.
        let reply = await fixture.submit(Fixture.goodBody + " ", key: "k-1")
        #expect(reply.status == 422)
        #expect(reply.problems == ["idempotency_key_reused @ header.Idempotency-Key"])
        #expect(reply.json["detail"]?.elements?.first?["input"] == "k-1")
        #expect(try await jobs(of: fixture) == 1)
    }

    @Test func `a key belongs to its user`() async throws {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody, key: "k-1")
        let reply = await fixture.submit(Fixture.goodBody, as: "bob", key: "k-1")
        #expect(reply.json["job_id"] == 2)
    }

    @Test func `a refused request leaves its key unused`() async throws {
        let fixture = Fixture()
        #expect(await fixture.submit("{}", key: "k-1").status == 422)
        #expect(await fixture.submit(Fixture.goodBody, key: "k-1").status == 202)
        let broken = Fixture(fault: { operation, call in operation == "insert" && call == 1 })
        #expect(await broken.submit(Fixture.goodBody, key: "k-1").status == 503)
        #expect(await broken.submit(Fixture.goodBody, key: "k-1").status == 202)
    }

    @Test func `a response about an equal job is repeated, too`() async throws {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        let first = await fixture.submit(Fixture.goodBody, key: "k-1")
        #expect(first.json["duplicate_of"] == 1)
        _ = try await fixture.store.finish(
            JobID(1), as: .cancelled, errorMessage: nil, at: Fixture.now)
        #expect(await fixture.submit(Fixture.goodBody, key: "k-1").text == first.text)
    }

    @Test func `a repeated response is made from its job, not stored`() async throws {
        let fixture = Fixture()
        let body =
            #"{"exchange":"binance","symbols":["BTC-USDT","ETHUSDT"],"#
            + #""start_date":"2024-01-01","end_date":"2024-01-02"}"#
        let first = await fixture.submit(body, key: "k-1")
        #expect(first.json["notes"]?.elements?.count == 1)
        _ = try await fixture.store.claimJob(at: Fixture.now)
        try await fixture.store.expand(JobID(1), into: [], notes: ["found while it is planned"])
        #expect(await fixture.submit(body, key: "k-1").text == first.text)
        // Retention has removed the job before its key.
        let kept = StoredSubmission(
            job: JobID(7), state: .running, isPaused: false, isDuplicate: true, files: 2, notes: 1)
        let answer = try JSONCoding.decode(SubmitResponse.self, from: kept.content(about: nil))
        #expect(answer.jobID == 7 && answer.duplicateOf == 7 && answer.status == "running")
        #expect(answer.message.contains("was removed since"))
    }

    @Test func `a key whose request is being answered is 409, and free afterwards`() async throws {
        let catalogue = WaitingCatalogue()
        let fixture = Fixture(catalogue: catalogue)
        let first = Task { await fixture.submit(Fixture.goodBody, key: "k-1") }
        #expect(await eventually { catalogue.asked.value == 1 })
        for body in [Fixture.goodBody, "{}"] {
            let reply = await fixture.submit(body, key: "k-1")
            #expect(reply.status == 409)
            #expect(reply.headers["Retry-After"] == "1")
        }
        // Another key, and the same key of another user, do not conflict with it.
        let others = [
            Task { await fixture.submit(Fixture.goodBody, key: "k-2") },
            Task { await fixture.submit(Fixture.goodBody, as: "bob", key: "k-1") },
        ]
        #expect(await eventually { catalogue.asked.value == 3 })
        for task in [first] + others {
            task.cancel()
            #expect(await task.value.status == 202)
        }
        let again = await fixture.submit(Fixture.goodBody, key: "k-1")
        #expect(again.headers["Idempotency-Replayed"] == "true")
    }

    @Test func `of fifty requests at once with one key one makes a job`() async throws {
        let fixture = Fixture()
        let replies = await withTaskGroup(of: Reply.self) { group in
            for _ in 0..<50 {
                group.addTask { await fixture.submit(Fixture.goodBody, key: "k-1") }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(replies.map(\.status)).isSubset(of: [202, 409]))
        let accepted = replies.filter { $0.status == 202 }
        #expect(Set(accepted.map(\.text)).count == 1)
        #expect(accepted.count { $0.headers["Idempotency-Replayed"] == nil } == 1)
        #expect(try await jobs(of: fixture) == 1)
    }

    @Test(arguments: [
        (#""abc""#, "abc"), ("abc", "abc"), (#""a b,c;=""#, "a b,c;="),
        (#""a\"b\\c""#, #"a"b\c"#), (#""abc";foo=1"#, "abc"), (#""abc" ; foo"#, "abc"),
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("~a/b:c*", "~a/b:c*"),
        (String(repeating: "x", count: 255), String(repeating: "x", count: 255)),
    ])
    func `a key is read with quotes and without`(text: String, key: String) throws {
        let request = Request(
            method: .post, path: "/download", headers: Headers(["Idempotency-Key": text]))
        #expect(try IdempotencyKey.read(from: request) == key)
    }

    @Test(arguments: [
        "", #""""#, #""abc"#, #"abc""#, "a b", "a,b", #""a"b"#, #""a", "b""#, #""\a""#, #""a\"#,
        "käse", #""käse""#, "\"a\u{7F}\"", "(a)", String(repeating: "x", count: 256),
        "\"" + String(repeating: "x", count: 256) + "\"",
    ])
    func `an invalid key is 400 and says what to do`(text: String) async throws {
        let fixture = Fixture()
        let reply = await fixture.submit(Fixture.goodBody, key: text)
        #expect(reply.status == 400)
        #expect(reply.json["detail"]?.string?.contains("1 to 255 characters in quotes") == true)
        #expect(try await jobs(of: fixture) == 0)
    }

    @Test func `two keys are invalid`() async {
        let reply = await Fixture().send(
            "POST", "/download",
            headers: ["X-Username": "ann", "Idempotency-Key": "a", "idempotency-key": "a"],
            body: Fixture.goodBody)
        #expect(reply.status == 400)
        #expect(reply.text.contains("more than once"))
    }
}
