// The predecessor's answers, byte for byte where they are ours too.

import APITypes
import Datasets
import HTTP
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
        #expect(reply.headers["Location"] == "/jobs/1")
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
            + #""files_done":1,"files_failed":1,"bytes_done":5,"notes":[]}"#
        for target in ["/jobs/7", "/jobs/007", "/jobs/%37", "/jobs/7.0"] {
            let reply = await fixture.send("GET", target)
            #expect(reply.status == 200)
            #expect(reply.text == expected)
        }
        #expect(await fixture.send("GET", "/jobs").text == #"{"jobs":[\#(expected)],"total":1}"#)
        #expect(
            await fixture.send("GET", "/jobs/7/status").text
                == #"{"job_id":7,"status":"failed","created_by":"bob","#
                + #""created_at":"2025-11-13T10:20:30.123456Z","#
                + #""error_message":"1 of 2 files failed"}"#)
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
                body: Fixture.goodBody)
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

    @Test func `the problems of a query come together, in pydantic's words`() async {
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

/// The body of POST /download, as FastAPI 0.104 with pydantic 2.5 judged it.
@Suite struct BodyTests {
    private func detail(_ body: String, type: String? = "application/json") async -> Reply {
        var headers: KeyValuePairs = ["X-Username": "ann"]
        if let type { headers = ["X-Username": "ann", "Content-Type": type] }
        return await Fixture().send("POST", "/download", headers: headers, body: body)
    }

    @Test func `missing members are named, each with what it is missing from`() async {
        #expect(
            await detail("{}").text
                == #"{"detail":[{"type":"missing","loc":["body","exchange"],"msg":"Field required","#
                + #""input":{}},{"type":"missing","loc":["body","symbols"],"msg":"Field required","#
                + #""input":{}},{"type":"missing","loc":["body","start_date"],"msg":"Field "#
                + #"required","input":{}},{"type":"missing","loc":["body","end_date"],"#
                + #""msg":"Field required","input":{}}]}"#)
    }

    @Test func `members of other types are named in the predecessor's order`() async {
        let body =
            #"{"exchange":1,"symbols":"x","start_date":null,"end_date":[1],"#
            + #""data_types":[1,"trades",null],"output_path":5}"#
        let string = #""msg":"Input should be a valid string","input""#
        #expect(
            await detail(body).text
                == #"{"detail":[{"type":"string_type","loc":["body","exchange"],\#(string):1},"#
                + #"{"type":"string_type","loc":["body","data_types",0],\#(string):1},"#
                + #"{"type":"string_type","loc":["body","data_types",2],\#(string):null},"#
                + #"{"type":"list_type","loc":["body","symbols"],"msg":"Input should be a valid "#
                + #"list","input":"x"},"#
                + #"{"type":"string_type","loc":["body","start_date"],\#(string):null},"#
                + #"{"type":"string_type","loc":["body","end_date"],\#(string):[1]},"#
                + #"{"type":"string_type","loc":["body","output_path"],\#(string):5}]}"#)
    }

    @Test(arguments: ["[]", #""a""#, "1", "true"])
    func `anything but an object is no request`(body: String) async {
        #expect(
            await detail(body).text
                == #"{"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"Input should "#
                + #"be a valid dictionary or object to extract fields from","input":\#(body)}]}"#)
    }

    @Test(arguments: ["", "null"])
    func `nothing is missing as a whole`(body: String) async {
        #expect(
            await detail(body).text
                == #"{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","#
                + #""input":null}]}"#)
    }

    @Test func `broken JSON is shown where it breaks`() async {
        let reply = await detail(#"{"exchange":}"#)
        #expect(reply.status == 422)
        #expect(
            reply.text
                == #"{"detail":[{"type":"json_invalid","loc":["body",12],"msg":"JSON decode error","#
                + #""input":{},"ctx":{"error":"Expecting value"}}]}"#)
    }

    @Test(arguments: [
        "text/plain", "application/x-www-form-urlencoded", "text/json", "application/jsonx",
        "garbage", "multipart/form-data; boundary=x", "",
    ])
    func `content of another type is taken for a text`(type: String) async {
        #expect(
            await detail(#"{"a":1}"#, type: type).text
                == #"{"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"Input should "#
                + #"be a valid dictionary or object to extract fields from","#
                + #""input":"{\"a\":1}"}]}"#)
    }

    @Test(arguments: [
        nil, "application/json", "application/json; charset=utf-8", "Application/JSON",
        "application/vnd.api+json", " application/json ;x=y",
    ])
    func `content of JSON's types, or of none, is JSON`(type: String?) async {
        #expect(await detail(Fixture.goodBody, type: type).status == 202)
    }

    @Test func `bytes that are no text are refused`() async {
        for type in ["application/json", "text/plain"] {
            let reply = await Fixture().send(
                "POST", "/download", headers: ["X-Username": "ann", "Content-Type": type],
                bytes: Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8))
            #expect(reply.status == 400)
            #expect(reply.text == #"{"detail":"There was an error parsing the body"}"#)
        }
    }

    @Test func `unknown members are ignored, and numbers shown as they came`() async {
        let good = Fixture.goodBody.dropLast() + #","extra":{"a":[1]}}"#
        #expect(await detail(String(good)).status == 202)
        let reply = await detail(#"{"exchange":123456789012345678901234567890,"symbols":[1e400]}"#)
        #expect(reply.text.contains(#""input":123456789012345678901234567890}"#))
        #expect(reply.text.contains(#""input":1e400}"#))
    }
}
