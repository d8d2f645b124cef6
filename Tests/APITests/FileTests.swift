// The files of a job, its manifest, and verifications.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct FileTests {
    @Test func `a job's files are listed with their proofs and attempts`() async throws {
        let fixture = Fixture()
        await fixture.finishJob()
        let reply = await fixture.send("GET", "/jobs/1/files")
        #expect(reply.status == 200)
        #expect(reply.json["total"] == 2)
        let files = try #require(reply.json["files"]?.elements)
        #expect(files.count == 2)
        let published = files[0]
        #expect(published["name"] == "binance_trades_2024-01-01_BTCUSDT.csv.gz")
        #expect(published["state"] == "ok")
        #expect(published["bytes"] == 1_000)
        #expect(published["rows"] == 10)
        #expect(published["sha256"] == .string(FileChecksum.sample.sha256))
        #expect(published["origin"] == "upstream")
        #expect(published["code"] == .null)
        #expect(published["seconds"] == .number("0.5"))
        let attempts = try #require(published["attempts"]?.elements)
        #expect(attempts.map { $0["http_status"] } == [503, 200])
        #expect(attempts.map { $0["code"] } == ["unavailable", .null])
        #expect(attempts[1]["at"] == "2024-06-15T08:10:02.000001Z")
        #expect(attempts[1]["seconds"] == .number("0.25"))
        #expect(files[1]["state"] == "failed")
        #expect(files[1]["detail"] == "Tardis answered 400.")
        #expect(files[1]["sha256"] == .null)
    }

    @Test func `files are paged, and chosen by state`() async {
        let fixture = Fixture()
        await fixture.finishJob()
        let second = await fixture.send("GET", "/jobs/1/files?limit=1&offset=1").json
        #expect(second["files"]?.elements?.map { $0["day"] } == ["2024-01-02"])
        #expect(second["total"] == 2)
        let failed = await fixture.send("GET", "/jobs/1/files?state=failed").json
        #expect(failed["files"]?.elements?.map { $0["state"] } == ["failed"])
        #expect(failed["total"] == 1)
        let none = await fixture.send("GET", "/jobs/1/files?state=empty").json
        #expect(none == ["files": [], "total": 0])
        for query in ["limit=0", "limit=1001", "offset=-1", "state=good"] {
            #expect(await fixture.send("GET", "/jobs/1/files?\(query)").status == 422, "\(query)")
        }
        #expect(await fixture.send("GET", "/jobs/9/files").status == 404)
    }

    @Test func `a manifest is JSON, or what sha256sum reads`() async throws {
        let fixture = Fixture()
        await fixture.finishJob()
        let manifest = await fixture.send("GET", "/jobs/1/manifest").json
        #expect(manifest["job_id"] == 1)
        #expect(manifest["status"] == "failed")
        #expect(manifest["dataset_digest"] == .null)
        #expect(manifest["files"]?.elements?.map { $0["state"] } == ["ok", "failed"])
        let sums = await fixture.send("GET", "/jobs/1/manifest?format=sha256sums")
        #expect(sums.headers["Content-Type"] == "text/plain; charset=utf-8")
        let lines = sums.text.split(separator: "\n")
        #expect(
            lines.last == "\(FileChecksum.sample.sha256)  binance_trades_2024-01-01_BTCUSDT.csv.gz")
        #expect(lines.dropLast().allSatisfy { $0.hasPrefix("# ") })
        #expect(lines.contains("# days: 2024-01-01 to 2024-01-02"))
        #expect(lines.contains("# files: 1 of 2"))
        #expect(manifest["gaps"] == [])
        #expect(manifest["files_failed"] == 1)
    }

    @Test func `a manifest of many pages is whole`() async throws {
        let fixture = Fixture(filesMax: 2_000)
        _ = await fixture.submit(Fixture.goodBody)
        let job = try #require(try await fixture.store.claimJob(at: Fixture.now))
        let plan = (0..<1_234).map { number in
            PlannedFile(
                file: .init(
                    exchange: "binance", dataType: .trades, day: .init(daysSinceEpoch: number),
                    symbol: "BTCUSDT"))
        }
        try await fixture.store.expand(job.id, into: plan, notes: [])
        let manifest = await fixture.send("GET", "/jobs/1/manifest").json
        let names = manifest["files"]?.elements?.compactMap { $0["name"]?.string }
        #expect(names == plan.map(\.file.name).sorted())
    }

    @Test func `verifying makes an ended job pending and wakes the queue`() async throws {
        let fixture = Fixture()
        await fixture.finishJob()
        let before = fixture.submissions.value
        let reply = await fixture.send("POST", "/jobs/1/verify")
        #expect(reply.status == 202)
        #expect(reply.json["status"] == "pending")
        #expect(reply.json["message"] == "1 file of job 1 will be proven again.")
        #expect(fixture.submissions.value == before + 1)
        let files = try await fixture.store.files(of: JobID(1), in: nil, limit: 9, offset: 0)
        #expect(files.map(\.state) == [.pending, .failed])
        #expect(files[0].expectedSHA256 == FileChecksum.sample.sha256)
        // It waits now, and cannot be verified before it has ended again.
        let again = await fixture.send("POST", "/jobs/1/verify")
        #expect(again.status == 409)
        #expect(again.json["detail"]?.string?.contains("once it has ended") == true)
    }

    @Test func `a job without published files cannot be verified`() async throws {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        _ = try await fixture.store.finish(
            JobID(1), as: .failed, errorMessage: "no", at: Fixture.now)
        let reply = await fixture.send("POST", "/jobs/1/verify")
        #expect(reply.status == 409)
        #expect(
            reply.json["detail"] == "Job 1 has no published files that could be verified.")
    }
}
