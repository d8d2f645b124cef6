// The shapes on the wire: names, order, nulls; and back.

import APITypes
import JSON
import Testing

@Suite struct ShapeTests {
    private let job = JobResponse(
        id: 1, status: "pending", exchange: "binance", dataTypes: ["trades"], symbols: ["BTCUSDT"],
        startDate: "2024-01-01", endDate: "2024-01-02", outputPath: "./datasets",
        createdAt: "2025-11-13T10:20:30.123456Z", createdBy: "ann")

    private func text(_ shape: some JSONWritable) -> String {
        String(decoding: JSONCoding.encode(shape), as: UTF8.self)
    }

    @Test func `a job has every member, null where nothing happened yet`() {
        let expected =
            #"{"id":1,"status":"pending","exchange":"binance","data_types":["trades"],"#
            + #""symbols":["BTCUSDT"],"start_date":"2024-01-01","end_date":"2024-01-02","#
            + #""output_path":"./datasets","created_at":"2025-11-13T10:20:30.123456Z","#
            + #""started_at":null,"completed_at":null,"error_message":null,"created_by":"ann","#
            + #""files_total":0,"files_done":0,"files_failed":0,"bytes_done":0,"notes":[],"#
            + #""dataset_digest":null,"#
            + #""bytes_saved":0,"files_suspicious":0,"verified_at":null,"files_repaired":0,"#
            + #""priority":5,"paused":false,"pinned":false,"resume_at":null,"files_empty":0,"#
            + #""files_unavailable":0,"files_cancelled":0,"gaps_accepted":0,"verification":null,"#
            + #""waiting":null,"symbols_total":1}"#
        #expect(text(job) == expected)
    }

    @Test func `every answer can be read back`() throws {
        func same<Shape: JSONWritable & Decodable & Equatable>(_ shape: Shape) throws {
            #expect(try JSONCoding.decode(Shape.self, from: JSONCoding.encode(shape)) == shape)
        }
        var ended = job
        ended.startedAt = "2025-11-13T10:20:31.000000Z"
        ended.errorMessage = "1 file failed"
        ended.notes = ["BTC-USDT is BTCUSDT on binance"]
        try same(job)
        try same(ended)
        try same(JobListResponse(jobs: [job, ended], total: 7))
        try same(
            JobStatusResponse(
                jobID: 1, status: "failed", createdBy: "ann", createdAt: job.createdAt,
                errorMessage: "no"))
        try same(SubmitResponse(jobID: 3, message: "ok", status: "pending", notes: ["n"]))
        try same(ServiceInfo(version: "2.0.0"))
        try same(
            HealthReport(
                status: "unhealthy", database: "unavailable", telegram: "configured", disk: "ok",
                diskFreeBytes: 1, upstream: "reachable", jobsRunning: nil, jobsPending: 2,
                version: "2", detail: "database: unavailable"))
        try same(
            SubmitRequest(
                exchange: "binance", symbols: ["A"], startDate: "a", endDate: "b",
                dataTypes: ["trades"], outputPath: "./datasets"))
    }

    @Test func `members that a newer server adds are passed over`() throws {
        var json = job.json
        json["something_new"] = [1, ["a": nil]]
        #expect(try JSONCoding.decode(JobResponse.self, from: JSONCoding.encode(json)) == job)
    }

    @Test func `a request leaves out what is the server's choice`() {
        let request = SubmitRequest(exchange: "x", symbols: ["A"], startDate: "a", endDate: "b")
        #expect(
            text(request) == #"{"exchange":"x","symbols":["A"],"start_date":"a","end_date":"b"}"#)
    }

    @Test func `an error is a sentence or a list of problems`() throws {
        let sentence = ErrorResponse("Job 99 not found")
        #expect(text(sentence) == #"{"detail":"Job 99 not found"}"#)
        let list = ErrorResponse([
            ValidationProblem(
                type: "string_type", location: ["body", "symbols", 0],
                message: "Input should be a valid string",
                input: ["a": [1, .number("1.5"), nil, true, "x"]],
                context: ["ge": 1])
        ])
        #expect(
            text(list)
                == #"{"detail":[{"type":"string_type","loc":["body","symbols",0],"#
                + #""msg":"Input should be a valid string","input":{"a":[1,1.5,null,true,"x"]},"#
                + #""ctx":{"ge":1}}]}"#)
        for answer in [sentence, list] {
            #expect(
                try JSONCoding.decode(ErrorResponse.self, from: JSONCoding.encode(answer)) == answer
            )
        }
    }
}
