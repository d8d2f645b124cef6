// The built program as a process, against a scripted server: output, errors and exit status.

import APITypes
import Glibc
import JSON
import TestSupport
import Testing

@testable import download_client

@Suite struct ProgramTests {
    private func reply(_ status: Int = 200, _ shape: some JSONWritable) -> RawServer.Step {
        .reply(status, JSONCoding.encode(shape))
    }

    private static let submission = [
        "--exchange", "binance", "--symbols", "BTC-USDT", "ETH-USDT", "--start-date",
        "2024-01-01", "--end-date", "2024-01-02",
    ]
    private static let accepted = SubmitResponse(
        jobID: 12, message: "Download job created", status: "pending", notes: [])

    @Test(arguments: [[], ["submit"]])
    func `submits, prints the job's number and exits 0`(subcommand: [String]) async throws {
        let server = RawServer(replies: [reply(202, ProgramTests.accepted)])
        let run = try await ProgramRun(
            subcommand + ProgramTests.submission,
            ["DOWNLOAD_SERVICE_URL": server.url, "API_TOKEN": "s3cret"])
        #expect(run.status == 0)
        #expect(run.output.contains("📊 Job ID: 12\n"))
        #expect(run.output.contains("download-client status 12\n"))
        #expect(run.errors == "")
        let seen = try #require(server.requests.first)
        #expect(seen["X-Username"] == "alice")
        #expect(seen["X-API-Token"] == "s3cret")
        #expect(
            try JSONCoding.decode(SubmitRequest.self, from: seen.body).symbols
                == ["BTC-USDT", "ETH-USDT"])
    }

    @Test(arguments: ["0", "-5", "1", "26", "wide", "99999999999999999999"])
    func `help is printed in terminals of any width`(columns: String) async throws {
        for arguments in [["--help"], ["submit", "--help"], []] {
            let run = try await ProgramRun(arguments, ["COLUMNS": columns])
            #expect(run.status == (arguments.isEmpty ? 2 : 0), "\(run.errors.suffix(300))")
            #expect((run.output + run.errors).contains("USAGE: "))
        }
    }

    @Test func `a submission whose answer is lost is sent again under the same key`() async throws {
        let server = RawServer(replies: [.close], [reply(202, ProgramTests.accepted)])
        let run = try await ProgramRun(["submit", "--url", server.url] + ProgramTests.submission)
        #expect(run.status == 0)
        #expect(run.output.contains("📊 Job ID: 12\n"))
        #expect(run.errors.hasPrefix("⚠️ The answer was lost. Sending the same request again"))
        let keys = server.requests.map { $0["Idempotency-Key"] ?? "none" }
        #expect(keys.count == 2)
        #expect(Set(keys).count == 1)
        #expect(keys[0].hasPrefix("\"") && keys[0].hasSuffix("\"") && keys[0].count == 34)
        #expect(server.requests[0].body == server.requests[1].body)
    }

    @Test func `prints a duplicate in words and sends a given key unchanged`()
        async throws
    {
        var answer = ProgramTests.accepted
        answer.duplicateOf = 12
        let server = RawServer(replies: [reply(202, answer)])
        let run = try await ProgramRun(
            ["submit", "--url", server.url, "--idempotency-key", #"a "b" \c"#, "--priority", "2"]
                + ProgramTests.submission)
        #expect(run.status == 0)
        #expect(run.output.contains("🔁 Download job created\nNo new job: job 12 does the same."))
        let seen = try #require(server.requests.first)
        #expect(seen["Idempotency-Key"] == #""a \"b\" \\c""#)
        #expect(try JSONCoding.decode(SubmitRequest.self, from: seen.body).priority == 2)
    }

    @Test func `shows and lists as the predecessor did`() async throws {
        let server = RawServer { request in
            request.target.hasPrefix("/jobs?")
                ? [reply(200, JobListResponse(jobs: [Sample.job()], total: 1))]
                : [reply(200, Sample.job())]
        }
        let job = try await ProgramRun(["--url", server.url, "--job-id", "12"])
        #expect(job.status == 0)
        #expect(job.output.hasPrefix("\n🔄 Job 12 - RUNNING\nExchange: binance\n"))
        let list = try await ProgramRun(["--list-jobs", "--url", server.url, "--limit", "5"])
        #expect(list.status == 0)
        #expect(
            list.output.contains("\n🔄 Job 12 | running | binance | BTCUSDT, ETHUSDT | by alice\n"))
        #expect(server.requests.map(\.target) == ["/jobs/12", "/jobs?limit=5"])
    }

    @Test func `prints the server's JSON verbatim and nothing else`() async throws {
        let odd = #"{"id" : 12,"x":"\u00e9"}"#
        let whole = String(decoding: JSONCoding.encode(Sample.job()), as: UTF8.self)
        let body = odd.dropLast() + "," + whole.dropFirst()
        let server = RawServer(replies: [.reply(200, String(body))])
        let run = try await ProgramRun(["status", "12", "--json", "--url", server.url])
        #expect(run.status == 0)
        #expect(run.output == body + "\n")
        #expect(run.errors == "")
    }

    @Test func `an error as JSON goes to standard output, its explanation to the other`()
        async throws
    {
        let body = #"{"detail":"Job 9 not found"}"#
        let server = RawServer(replies: [.reply(404, body)])
        let run = try await ProgramRun(["--json", "status", "9", "--url", server.url])
        #expect(run.status == 4)
        #expect(run.output == body + "\n")
        #expect(run.errors.hasPrefix("❌ Job 9 not found\n"))
    }

    @Test func `a refused submission exits 1 with a line for each problem`() async throws {
        let server = RawServer(replies: [
            .reply(
                422,
                #"{"detail":[{"type":"t","loc":["body","symbols",0],"msg":"m?","input":"BTC-USDT"}]}"#
            )
        ])
        let run = try await ProgramRun(["--url", server.url] + ProgramTests.submission)
        #expect(run.status == 1)
        #expect(run.output == "")
        #expect(run.errors.contains("  symbols[0]: m? (you sent BTC-USDT)\n"))
    }

    @Test func `a service that is not running exits 4 and says how to start it`() async throws {
        // Port 9 (discard) is below what a user may listen on.
        let run = try await ProgramRun(["list", "--url", "http://127.0.0.1:9"])
        #expect(run.status == 4)
        #expect(run.errors.contains("Is the service running? Try: make run"))
    }

    @Test(arguments: [
        ["--list-jobs", "--url", "http://127.0.0.1:9"], ["--job-id", "x"], ["--job-id"],
        ["--exchange", "binance"], ["--nonsense"],
        ["--exchange", "e", "--symbols", "A", "--start-date", "-7", "--end-date", "today"],
    ])
    func `every error of the predecessor's flags exits 1`(arguments: [String]) async throws {
        let run = try await ProgramRun(arguments)
        #expect(run.status == 1)
        #expect(run.output == "")
        #expect(!run.errors.isEmpty)
    }

    @Test func `a completed job with accepted gaps exits 3`() async throws {
        var job = Sample.ended("completed")
        job.filesUnavailable = 2
        job.gapsAccepted = 1
        let server = RawServer(replies: [reply(200, job)])
        let run = try await ProgramRun(["watch", "12", "--url", server.url])
        #expect(run.status == 3)
        #expect(
            run.output.contains("completed: 31 files (1 unavailable, 1 accepted gap), 84.2 MB"))
    }

    @Test(arguments: [false, true])
    func `verify says what it found, and exits 3 where anything was not as recorded`(
        isDamaged: Bool
    ) async throws {
        var job = Sample.ended("completed")
        job.verification = VerificationResponse(
            startedAt: nil, at: "2025-12-13T10:21:42.000000Z", filesChecked: 31,
            filesDamaged: isDamaged ? 1 : 0, filesMissing: isDamaged ? 1 : 0,
            filesRepaired: isDamaged ? 2 : 0, filesChanged: 0, formerDigest: nil)
        let server = RawServer(replies: [reply(202, ProgramTests.accepted)], [reply(200, job)])
        let run = try await ProgramRun(["verify", "12", "--url", server.url])
        #expect(run.status == (isDamaged ? 3 : 0))
        #expect(
            run.output.contains(
                isDamaged
                    ? "⚠️ Job 12 verified: 31 files checked, 1 damaged, 1 missing, 2 repaired\n"
                    : "✅ Job 12 verified: all 31 files are as recorded, 84.2 MB\n"))
        #expect(!run.output.contains(" in 1 min"))
        #expect(server.requests.first.map { $0.body.isEmpty } == true)
    }

    @Test func `requests changed files by a flag and prints both digests`()
        async throws
    {
        var job = Sample.ended("completed")
        job.datasetDigest = "a4418f"
        job.verification = VerificationResponse(
            startedAt: nil, at: "2025-12-13T10:21:42.000000Z", filesChecked: 31, filesDamaged: 1,
            filesMissing: 0, filesRepaired: 0, filesChanged: 1, formerDigest: "96a2ce")
        let server = RawServer(replies: [reply(202, ProgramTests.accepted)], [reply(200, job)])
        let run = try await ProgramRun(["verify", "12", "--accept-revision", "--url", server.url])
        #expect(run.status == 3)
        #expect(run.output.contains("1 changed at Tardis\n"))
        #expect(run.output.contains("Dataset digest: a4418f\nFormer digest: 96a2ce\n"))
        #expect(
            server.requests.first.map { String(decoding: $0.body, as: UTF8.self) }
                == #"{"accept_revision":true}"#)
    }

    @Test(arguments: [
        [], ["status"], ["--url", "localhost:8000", "list"], ["list", "--nonsense"], ["sumbit"],
        ["help", "nonsense"], ["verify", "12", "13"],
    ])
    func `a mistake on the command line exits 2 and sends nothing`(arguments: [String]) async throws
    {
        let run = try await ProgramRun(arguments)
        #expect(run.status == 2)
        #expect(run.output == "")
        #expect(!run.errors.isEmpty)
    }

    @Test func `help goes to standard output, with examples`() async throws {
        let run = try await ProgramRun(["--help"])
        #expect(run.status == 0)
        #expect(run.output.contains("download-client submit --exchange binance"))
        #expect(run.output.contains("DOWNLOAD_SERVICE_URL"))
        #expect(!run.output.contains("classic"))
        let version = try await ProgramRun(["--version"])
        #expect(version.status == 0)
        #expect(version.output == "download-client \(ReleaseVersion.current)\n")
    }

    @Test func `watches to the end through a restart of the service and exits 0`() async throws {
        let server = RawServer(
            replies: [reply(200, Sample.job(done: 1))], [.reset],
            [.reply(502, "<html>starting</html>")], [reply(200, Sample.job(done: 30))],
            [reply(200, Sample.ended("completed"))])
        let run = try await ProgramRun(["watch", "12", "--url", server.url])
        #expect(run.status == 0)
        #expect(run.output.contains("🔄 Job 12 running: 1 of 31 done, 38.2 MB\n"))
        #expect(run.output.contains("trying again for up to 5 min 00 s.\n"))
        #expect(run.output.contains("The service answers again"))
        #expect(run.output.contains("✅ Job 12 completed: 31 files, 84.2 MB in 1 min 12 s\n"))
        // Nothing is redrawn without a terminal.
        #expect(!run.output.contains("\r"))
    }

    @Test func `waits for another version than the last one`() async throws {
        func versioned(_ job: JobResponse, _ tag: String) -> [RawServer.Step] {
            [
                .reply(
                    200, JSONCoding.encode(job),
                    headers: ["Content-Type: application/json", "ETag: \(tag)"])
            ]
        }
        let server = RawServer(
            replies: versioned(Sample.job(done: 1), "\"a\""),
            versioned(Sample.job(done: 2), "\"b\""),
            [.reply(304, [], headers: ["ETag: \"b\"", "Preference-Applied: wait=30"])],
            versioned(Sample.ended("completed"), "\"c\""))
        let run = try await ProgramRun(["watch", "12", "--url", server.url])
        #expect(run.status == 0)
        #expect(run.output.contains("1 of 31 done"))
        #expect(run.output.contains("2 of 31 done"))
        #expect(server.requests.map { $0["If-None-Match"] } == [nil, "\"a\"", "\"b\"", "\"b\""])
        #expect(server.requests.map { $0["Prefer"] } == [nil, "wait=30", "wait=30", "wait=30"])
    }

    @Test func `a watched job that failed exits 1; its JSON has standard output to itself`()
        async throws
    {
        let failed = Sample.ended("failed", failed: 2, errorMessage: "2 files failed")
        let server = RawServer(replies: [reply(202, ProgramTests.accepted)], [reply(200, failed)])
        let run = try await ProgramRun(
            ["submit", "--watch", "--json", "--url", server.url] + ProgramTests.submission)
        #expect(run.status == 1)
        #expect(run.output == String(decoding: JSONCoding.encode(failed), as: UTF8.self) + "\n")
        #expect(run.errors.contains("❌ Job 12 failed: 2 of 31 files failed"))
    }

    @Test func `Ctrl-C stops the watching, not the job, and exits 130`() async throws {
        let server = RawServer(replies: [reply(200, Sample.job())])
        let process = try ProgramRun.start(["watch", "12", "--url", server.url])
        #expect(await eventually { process.output.contains("running") })
        process.send(SIGINT)
        #expect(await process.waitForExit() == 130)
        #expect(
            await eventually { process.errors.contains("Job 12 goes on by itself; check it with:") }
        )
    }
}
