// The responses of the predecessor, byte for byte where they are unchanged.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct WireFormatTests {
    @Test func `GET slash names the service`() async {
        let reply = await Fixture().send("GET", "/", headers: [:])
        #expect(reply.status == 200)
        #expect(reply.headers["Content-Type"] == "application/json")
        #expect(
            reply.text
                == #"{"service":"Tardis Download Service","status":"running","version":"2.0.0"}"#)
    }

    @Test func `a good request becomes a pending job`() async throws {
        let fixture = Fixture()
        let reply = await fixture.submit(Fixture.goodBody)
        #expect(reply.status == 202)
        #expect(reply.headers["Location"] == "jobs/1")
        #expect(
            reply.text
                == #"{"job_id":1,"message":"Download job submitted successfully: 2 files from "#
                + #"binance (BTCUSDT; trades; 2024-01-01 to 2024-01-02) to ./datasets.","#
                + #""status":"pending","notes":[]}"#)
        let job = try #require(try await fixture.store.job(JobID(1)))
        #expect(job.dataTypes == ["trades"])
        #expect(job.outputPath == "./datasets")
        #expect(job.createdBy == "ann")
        #expect(job.createdAt == Fixture.now)
        #expect(fixture.submissions.value == 1)
    }

    @Test func `a job is shown with all its members`() async {
        let fixture = Fixture()
        await fixture.store.adopt(
            Job(
                id: JobID(7), state: .failed, exchange: "binance", dataTypes: ["trades"],
                symbols: ["BTC-USDT"], startDate: "2024-01-01", endDate: "2024-01-02",
                outputPath: "./datasets", createdAt: Timestamp("2025-11-13 10:20:30.123456")!,
                startedAt: Timestamp("2025-11-13 10:20:31")!, completedAt: nil,
                errorMessage: "1 of 2 files failed", createdBy: "bob",
                progress: JobProgress(filesTotal: 2, filesDone: 1, filesFailed: 1, bytesDone: 5)))
        let expected =
            #"{"id":7,"status":"failed","exchange":"binance","data_types":["trades"],"#
            + #""symbols":["BTC-USDT"],"start_date":"2024-01-01","end_date":"2024-01-02","#
            + #""output_path":"./datasets","created_at":"2025-11-13T10:20:30.123456Z","#
            + #""started_at":"2025-11-13T10:20:31.000000Z","completed_at":null,"#
            + #""error_message":"1 of 2 files failed","created_by":"bob","files_total":2,"#
            + #""files_done":1,"files_failed":1,"bytes_done":5,"notes":[],"#
            + #""dataset_digest":null,"#
            + #""bytes_saved":0,"files_suspicious":0,"verified_at":null,"files_repaired":0,"#
            + #""priority":5,"paused":false,"pinned":false,"resume_at":null,"files_empty":0,"#
            + #""files_unavailable":0,"files_cancelled":0,"gaps_accepted":0,"verification":null,"#
            + #""waiting":null,"symbols_total":1}"#
        for target in ["/jobs/7", "/jobs/007", "/jobs/%37", "/jobs/7.0"] {
            let reply = await fixture.send("GET", target)
            #expect(reply.status == 200)
            #expect(reply.text == expected)
        }
        #expect(
            await fixture.send("GET", "/jobs").text
                == #"{"jobs":[\#(expected)],"total":1,"next_cursor":null}"#)
        #expect(
            await fixture.send("GET", "/jobs/7/status").text
                == #"{"job_id":7,"status":"failed","created_by":"bob","#
                + #""created_at":"2025-11-13T10:20:30.123456Z","#
                + #""error_message":"1 of 2 files failed","waiting":null}"#)
    }

    @Test(arguments: [
        ("/jobs/99", "99"), ("/jobs/99/status", "99"), ("/jobs/0", "0"), ("/jobs/-1", "-1"),
        ("/jobs/%2B5", "5"), ("/jobs/99999999999999999999999", "99999999999999999999999"),
    ])
    func `an unknown job is named`(target: String, name: String) async {
        let reply = await Fixture().send("GET", target)
        #expect(reply.status == 404)
        #expect(reply.text == #"{"detail":"Job \#(name) not found"}"#)
    }

    @Test(arguments: [
        ("/jobs/abc", "abc"), ("/jobs/1.5/status", "1.5"), ("/jobs/1%20", "1 "),
        ("/jobs/%ff", "\u{FFFD}"), ("/jobs/1e3", "1e3"), ("/jobs/%252F", "%2F"),
    ])
    func `a job id is a whole number`(target: String, input: String) async {
        let reply = await Fixture().send("GET", target)
        #expect(reply.status == 422)
        #expect(
            reply.text
                == #"{"detail":[{"type":"int_parsing","loc":["path","job_id"],"msg":"Input should "#
                + #"be a valid integer, unable to parse string as an integer","input":"\#(input)"}]}"#
        )
    }

    @Test func `pages, newest first, with the number of all that match`() async {
        let fixture = Fixture()
        for user in ["ann", "bob", "ann", "ann"] {
            _ = await fixture.send(
                "POST", "/download",
                headers: ["X-Username": user, "Content-Type": "application/json"],
                body: Fixture.goodBody.dropLast() + #","force":true}"#)
        }
        func page(_ query: String) async -> (ids: [Int], total: Int?) {
            let json = await fixture.send("GET", "/jobs" + query).json
            return (
                (json["jobs"]?.elements ?? []).compactMap { $0["id"]?.integer },
                json["total"]?.integer
            )
        }
        #expect(await page("") == ([4, 3, 2, 1], 4))
        #expect(await page("?limit=2") == ([4, 3], 4))
        #expect(await page("?limit=2&offset=3") == ([1], 4))
        #expect(await page("?user=ann&limit=1") == ([4], 3))
        #expect(await page("?status=running") == ([], 0))
        #expect(await page("?status=pending&exchange=binance&user=bob") == ([2], 1))
        #expect(await page("?limit=1&limit=3&unknown=%zz") == ([4, 3, 2], 4))
        #expect(await page("?offset=99999999999999999999999") == ([], 4))
    }

    @Test func `all problems of a query are reported together, in pydantic's words`() async {
        let reply = await Fixture().send("GET", "/jobs?limit=0&offset=-3&status=done")
        #expect(reply.status == 422)
        let states = "'pending', 'running', 'completed', 'failed' or 'cancelled'"
        #expect(
            reply.text
                == #"{"detail":[{"type":"greater_than_equal","loc":["query","limit"],"msg":"Input "#
                + #"should be greater than or equal to 1","input":"0","ctx":{"ge":1}},"#
                + #"{"type":"greater_than_equal","loc":["query","offset"],"msg":"Input should be "#
                + #"greater than or equal to 0","input":"-3","ctx":{"ge":0}},"#
                + #"{"type":"enum","loc":["query","status"],"msg":"Input should be \#(states)","#
                + #""input":"done","ctx":{"expected":"\#(states)"}}]}"#)
        #expect(
            await Fixture().send("GET", "/jobs?limit=501").text
                == #"{"detail":[{"type":"less_than_equal","loc":["query","limit"],"msg":"Input "#
                + #"should be less than or equal to 500","input":"501","ctx":{"le":500}}]}"#)
        for bad in ["abc", "", "1.5", "+1", "%201", "true", "1;offset=2"] {
            let reply = await Fixture().send("GET", "/jobs?limit=\(bad)")
            #expect(reply.problems == ["int_parsing @ query.limit"])
        }
        #expect(await Fixture().send("GET", "/jobs?limit=-5").status == 422)
        #expect(await Fixture().send("GET", "/jobs?limit=1_0").status == 200)
    }
}
