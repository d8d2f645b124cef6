// Accepting gaps, verifications that take other bytes, and the numbers of a job's files.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct GapTests {
    private static let gap = "binance_trades_2024-01-02_BTCUSDT.csv.gz"

    /// A failed job of two files, the second of which Tardis does not have.
    private func fixture(admins: [String] = []) async throws -> Fixture {
        let fixture = Fixture(admins: admins)
        _ = await fixture.submit(Fixture.goodBody)
        let job = try #require(try await fixture.store.claimJob(at: Fixture.now))
        let plan = ["2024-01-01", "2024-01-02"].compactMap(Day.init).map { day in
            PlannedFile(
                file: DatasetFile(
                    exchange: "binance", dataType: .trades, day: day, symbol: "BTCUSDT"))
        }
        try await fixture.store.expand(job.id, into: plan, notes: [])
        _ = try await fixture.store.claimFiles(of: job.id, limit: 2, at: Fixture.now)
        try await fixture.store.record(.published(.sample), of: job.id, position: 0)
        let missing = FileFailure(code: "not_found", detail: "Not there.", httpStatus: 404)
        try await fixture.store.record(.failed(missing), of: job.id, position: 1)
        _ = try await fixture.store.finish(
            job.id, as: .failed, errorMessage: "1 of 2 files failed.", at: Fixture.now)
        return fixture
    }

    private static let json: KeyValuePairs = [
        "X-Username": "ann", "Content-Type": "application/json",
    ]

    @Test func `an accepted gap completes the job and is named wherever the job is shown`()
        async throws
    {
        let fixture = try await fixture()
        let reply = await fixture.send("POST", "/jobs/1/accept-gaps")
        #expect(reply.status == 200)
        #expect(reply.json["status"] == "completed")
        #expect(reply.json["files_done"] == 2)
        #expect(reply.json["files_unavailable"] == 1)
        #expect(reply.json["files_failed"] == 0)
        #expect(reply.json["gaps_accepted"] == 1)
        #expect(reply.json["notes"] == [.string("1 gap was accepted: \(Self.gap).")])
        let manifest = await fixture.send("GET", "/jobs/1/manifest").json
        #expect(manifest["gaps"] == [.string(Self.gap)])
        #expect(manifest["status"] == "completed")
        let sums = await fixture.send("GET", "/jobs/1/manifest?format=sha256sums").text
        #expect(sums.contains("# gap accepted: \(Self.gap)\n"))
        let events = await fixture.send("GET", "/jobs/1/events").json["events"]?.elements ?? []
        #expect(events.map { $0["event"] }.suffix(2) == ["gaps_accepted", "completed"])

        let again = await fixture.send("POST", "/jobs/1/accept-gaps")
        #expect(again.status == 409)
        let retried = await fixture.send("POST", "/jobs/1/retry")
        #expect(retried.status == 202)
        #expect(retried.json["gaps_accepted"] == 0)
        #expect(retried.json["status"] == "pending")
        #expect(await fixture.send("POST", "/jobs/1/accept-gaps").status == 409)
    }

    @Test func `a retry of many jobs leaves accepted gaps alone`() async throws {
        let fixture = try await fixture()
        _ = await fixture.send("POST", "/jobs/1/accept-gaps")
        let reply = await fixture.send(
            "POST", "/jobs/actions", headers: Self.json, body: #"{"action":"retry"}"#)
        #expect(reply.json["done"] == 0)
        #expect(try await fixture.store.job(JobID(1))?.state == .completed)
    }

    @Test func `gaps can be named, all or none`() async throws {
        let fixture = try await fixture()
        let path = "/jobs/1/accept-gaps"
        let wrong = await fixture.send(
            "POST", path, headers: Self.json, body: #"{"files":["\#(Self.gap)","x.csv.gz"]}"#)
        #expect(wrong.status == 409)
        #expect(wrong.json["detail"]?.string?.contains("'x.csv.gz'") == true)
        #expect(try await fixture.store.job(JobID(1))?.state == .failed)
        for (body, problem) in [
            (#"{"files":[]}"#, "value_error @ body.files"),
            (#"{"files":"x"}"#, "list_type @ body.files"),
            (#"{"files":[1]}"#, "string_type @ body.files.0"),
            (#"{"file":["x"]}"#, "extra_forbidden @ body.file"),
        ] {
            let reply = await fixture.send("POST", path, headers: Self.json, body: body)
            #expect(reply.status == 422)
            #expect(reply.problems == [problem])
        }
        let right = await fixture.send(
            "POST", path, headers: Self.json, body: #"{"files":["\#(Self.gap)"]}"#)
        #expect(right.status == 200)
    }

    @Test func `only its owner and administrators accept a job's gaps`() async throws {
        let fixture = try await fixture(admins: ["boss"])
        let other = await fixture.send(
            "POST", "/jobs/1/accept-gaps", headers: ["X-Username": "bob"])
        #expect(other.status == 403)
        #expect(other.json["detail"]?.string?.contains("Only ann") == true)
        #expect(await fixture.send("POST", "/jobs/9/accept-gaps").status == 404)
        let boss = await fixture.send(
            "POST", "/jobs/1/accept-gaps", headers: ["X-Username": "boss"])
        #expect(boss.status == 200)
    }

    @Test func `a verification may accept other bytes`() async throws {
        let fixture = try await fixture()
        let wrong = await fixture.send(
            "POST", "/jobs/1/verify", headers: Self.json, body: #"{"accept_revision":"yes"}"#)
        #expect(wrong.problems == ["bool_type @ body.accept_revision"])
        let reply = await fixture.send(
            "POST", "/jobs/1/verify", headers: Self.json, body: #"{"accept_revision":true}"#)
        #expect(reply.status == 202)
        #expect(try await fixture.store.job(JobID(1))?.integrity.acceptsRevision == true)
    }

    @Test func `what a verification found is shown with the job and its files`() async throws {
        let fixture = try await fixture()
        #expect(await fixture.send("GET", "/jobs/1").json["verification"] == .null)
        _ = await fixture.send("POST", "/jobs/1/verify")
        _ = try await fixture.store.claimJob(at: Fixture.now)
        _ = try await fixture.store.claimFiles(of: JobID(1), limit: 9, at: Fixture.now)
        var failure = FileFailure.changedUpstream(recorded: FileChecksum.sample.sha256, now: "0a")
        failure.finding = .damaged
        try await fixture.store.record(.failed(failure), of: JobID(1), position: 0)
        _ = try await fixture.store.finish(
            JobID(1), as: .failed, errorMessage: "no", at: Fixture.now + .seconds(5))
        let found = try #require(await fixture.send("GET", "/jobs/1").json["verification"])
        #expect(found["started_at"] == .string(Fixture.now.iso8601))
        #expect(found["files_checked"] == 1)
        #expect(found["files_damaged"] == 1)
        #expect(found["files_repaired"] == 0)
        #expect(found["files_changed"] == 1)
        let file = try #require(
            await fixture.send("GET", "/jobs/1/files").json["files"]?.elements?.first)
        #expect(file["finding"] == "damaged")
        #expect(file["code"] == "changed_upstream")
        #expect(file["revision"]?["sha256"] == "0a")
        #expect(file["revision"]?["recorded_sha256"] == .string(FileChecksum.sample.sha256))
        #expect(file["revision"]?["accepted"] == .bool(false))
        #expect(file["attempts_total"] == 2)
    }
}
