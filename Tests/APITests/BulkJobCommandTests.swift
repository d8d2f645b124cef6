// One command to many jobs.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct BulkJobCommandTests {
    /// Jobs 1 to 6 by ann, bob, ann, bob …; the fifth has ended.
    private func fixture() async -> Fixture {
        let fixture = Fixture(admins: ["root"])
        for number in 1...6 {
            _ = await fixture.send(
                "POST", "/download",
                headers: [
                    "X-Username": number % 2 == 1 ? "ann" : "bob",
                    "Content-Type": "application/json",
                ],
                body: Fixture.anotherBody)
        }
        _ = try? await fixture.store.finish(
            JobID(5), as: .failed, errorMessage: "why", at: Fixture.now)
        return fixture
    }

    private func act(
        _ fixture: Fixture, _ body: String, as user: String = "ann"
    ) async -> Reply {
        await fixture.send(
            "POST", "/jobs/actions",
            headers: ["X-Username": user, "Content-Type": "application/json"], body: body)
    }

    private func lines(_ reply: Reply) -> [String] {
        (reply.json["jobs"]?.elements ?? []).map { entry in
            "\(entry["job_id"]?.integer ?? 0) \(entry["status"]?.string ?? "") "
                + (entry["result"]?.string ?? "")
        }
    }

    @Test func `users mean their own jobs unless they name another user`() async {
        let fixture = await fixture()
        let reply = await act(fixture, #"{"action":"cancel"}"#)
        #expect(reply.status == 200)
        #expect(
            lines(reply) == ["3 cancelled done", "1 cancelled done", "5 failed passed_over"])
        let entries = reply.json["jobs"]?.elements ?? []
        #expect(
            entries.last?["reason"]
                == "Job 5 has ended: it is failed. Only a pending or running job can be cancelled.")
        #expect(reply.json["matched"] == 3)
        #expect(reply.json["actionable"] == 2)
        #expect(reply.json["done"] == 2)
        #expect(reply.json["passed_over"] == 1)
        #expect(reply.json["more"] == false)
        #expect(reply.json["dry_run"] == false)
        let states = await fixture.store.jobs.values.filter { $0.state == .cancelled }.map(\.id)
        #expect(states.sorted() == [JobID(1), JobID(3)])
        let again = await act(fixture, #"{"action":"cancel"}"#)
        #expect(again.json["done"] == 0)
        #expect(lines(again).contains("3 cancelled unchanged"))
    }

    @Test func `jobs of others are passed over, with the reason`() async {
        let fixture = await fixture()
        let reply = await act(fixture, #"{"action":"pause","user":"bob"}"#)
        #expect(reply.json["done"] == 0)
        #expect(reply.json["actionable"] == 0)
        #expect(reply.json["passed_over"] == 3)
        #expect(
            reply.json["jobs"]?.elements?.first?["reason"]
                == "Only bob, who submitted job 6, and administrators (ADMIN_USERS) may pause it.")
        #expect(await fixture.store.jobs.values.allSatisfy { !$0.control.isPaused })
        let root = await act(fixture, #"{"action":"pause","status":"pending"}"#, as: "root")
        #expect(root.json["done"] == 5)
        #expect(await fixture.store.jobs.values.count { $0.control.isPaused } == 5)
    }

    @Test func `a dry run counts and changes nothing`() async {
        let fixture = await fixture()
        let before = await fixture.store.jobs
        let reply = await act(
            fixture, #"{"action":"retry","exchange":"binance","dry_run":true}"#, as: "root")
        #expect(reply.status == 200)
        #expect(reply.json["dry_run"] == true)
        #expect(reply.json["matched"] == 6)
        #expect(reply.json["actionable"] == 1)
        #expect(lines(reply).first == "5 failed done")
        #expect(await fixture.store.jobs == before)
        #expect(fixture.runner.calls.isEmpty)
        #expect(fixture.submissions.value == 6)
    }

    @Test func `more than a thousand jobs take another request`() async throws {
        let fixture = Fixture()
        for number in 1...1_203 {
            await fixture.store.adopt(
                Job(
                    id: JobID(Int64(number)), state: .pending, exchange: "binance",
                    dataTypes: ["trades"], symbols: ["BTCUSDT"], startDate: "2024-01-01",
                    endDate: "2024-01-01", outputPath: "./datasets", createdAt: Fixture.now,
                    createdBy: "ann"))
        }
        let first = await act(fixture, #"{"action":"cancel"}"#)
        #expect(first.json["matched"] == 1_203)
        #expect(first.json["done"] == 1_000)
        #expect(first.json["more"] == true)
        #expect(first.json["jobs"]?.elements?.count == 1_000)
        let second = await act(fixture, #"{"action":"cancel"}"#)
        #expect(second.json["done"] == 203)
        #expect(second.json["more"] == false)
        let third = await act(fixture, #"{"action":"cancel"}"#)
        #expect(third.json["matched"] == 1_203)
        #expect(third.json["more"] == false)
        #expect(await fixture.store.jobs.values.allSatisfy { $0.state == .cancelled })
    }

    @Test func `jobs of many files are changed in small batches`() {
        func batches(_ files: [Int]) -> [Int] {
            let jobs = files.enumerated().map { index, count in
                var job = Job(
                    id: JobID(Int64(index)), state: .pending, exchange: "binance",
                    dataTypes: ["trades"], symbols: ["BTCUSDT"], startDate: "2024-01-01",
                    endDate: "2024-01-01", outputPath: "./datasets", createdAt: Fixture.now,
                    createdBy: "ann")
                job.progress.filesTotal = count
                return job
            }
            return BulkJobCommandEndpoint.batches(of: jobs).map(\.count)
        }
        #expect(batches([]) == [])
        #expect(batches([100_000, 1, 2]) == [1, 2])
        #expect(batches([4_000, 4_000, 4_000, 4_000, 20_000, 1]) == [2, 2, 1, 1])
        #expect(batches(Array(repeating: 1, count: 250)) == [100, 100, 50])
    }

    @Test(arguments: [
        (#"{"status":"pending"}"#, ["missing @ body.action"]),
        (#"{"action":"delete"}"#, ["enum @ body.action"]),
        (#"{"action":null}"#, ["string_type @ body.action"]),
        (#"{"action":"cancel","staus":"pending"}"#, ["extra_forbidden @ body.staus"]),
        (
            #"{"action":1,"status":"done","user":[],"dry_run":"yes"}"#,
            [
                "string_type @ body.action", "enum @ body.status", "string_type @ body.user",
                "bool_type @ body.dry_run",
            ]
        ), ("", ["missing @ body"]),
    ])
    func `a mistake changes nothing`(body: String, problems: [String]) async {
        let fixture = await fixture()
        let reply = await act(fixture, body, as: "root")
        #expect(reply.status == 422)
        #expect(reply.problems == problems)
        #expect(await fixture.store.events.count { $0.kind != .submitted } == 1)
    }
}
