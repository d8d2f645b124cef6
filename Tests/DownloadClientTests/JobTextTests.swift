// What submit, status and the listings print.

import APITypes
import Testing

@testable import download_client

@Suite struct JobTextTests {
    @Test func `every status has its sign`() {
        let statuses = ["pending", "running", "completed", "failed", "cancelled", "odd"]
        #expect(statuses.map(JobText.mark) == ["⏳", "🔄", "✅", "❌", "🚫", "📊"])
    }

    @Test func `a submission prints the job's number and the next commands`() {
        let answer = SubmitResponse(
            jobID: 12, message: "Download job created", status: "pending",
            notes: ["BTC-USDT is BTCUSDT on binance"])
        #expect(
            JobText.submission(answer, program: "download-client") == [
                "",
                "✅ Download job created",
                "📝 BTC-USDT is BTCUSDT on binance",
                "📊 Job ID: 12",
                "",
                "Check status with: download-client status 12",
                "Follow it with:    download-client watch 12",
            ])
    }

    @Test func `a note within the message is not repeated`() {
        let answer = SubmitResponse(
            jobID: 1, message: "Accepted. A is B.", status: "pending", notes: ["A is B."])
        #expect(!JobText.submission(answer, program: "p").contains { $0.hasPrefix("📝") })
    }

    @Test func `the details of a job hold every fact`() {
        let job = Sample.job(
            status: "failed", errorMessage: "one\ntwo", total: 31, done: 30, failed: 1,
            completedAt: "2025-11-13T10:21:42.000000Z", notes: ["BTC-USDT is BTCUSDT"])
        #expect(
            JobText.details(job) == [
                "",
                "❌ Job 12 - FAILED",
                "Exchange: binance",
                "Symbols: BTCUSDT, ETHUSDT",
                "Data Types: trades",
                "Date Range: 2024-01-01 to 2024-01-31",
                "Output Path: ./datasets",
                "Files: 30 of 31 done, 1 failed, 38.2 MB",
                "Created: 2025-11-13T10:20:00.000000Z",
                "Created by: alice",
                "Started: 2025-11-13T10:20:30.123456Z",
                "Completed: 2025-11-13T10:21:42.000000Z (took 1 min 12 s)",
                "Note: BTC-USDT is BTCUSDT",
                "Error: one\n  two",
            ])
    }

    @Test func `hostile text of the server never reaches the terminal`() {
        let evil = "\u{1B}]0;owned\u{7}\u{202E}"
        let job = JobResponse(
            id: 1, status: evil, exchange: evil, dataTypes: [evil], symbols: [evil],
            startDate: evil, endDate: evil, outputPath: evil, createdAt: evil, startedAt: evil,
            completedAt: evil, errorMessage: evil, createdBy: evil, filesTotal: 1, notes: [evil])
        let answer = SubmitResponse(jobID: 1, message: evil, status: evil, notes: [evil])
        let list = JobListResponse(jobs: [job], total: 2)
        let texts =
            JobText.details(job) + JobText.submission(answer, program: "p")
            + JobListText.table(list) + JobListText.legacy(list)
            + WatchText.outcome(job, program: "p") + [WatchText.change(job)]
            + [ProgressLine(job: job).text(columns: 200)]
        for text in texts {
            #expect(!text.unicodeScalars.contains { ["\u{1B}", "\u{7}", "\u{202E}"].contains($0) })
        }
    }

    @Test func `counts the symbols that are left out`() {
        var job = Sample.job()
        job.symbolsTotal = 45_000
        #expect(JobText.symbols(job) == "BTCUSDT, ETHUSDT (+44998 more)")
        job.symbolsTotal = .min
        #expect(JobText.symbols(job) == "BTCUSDT, ETHUSDT")
    }

    @Test func `the list is a table`() {
        let jobs = [
            Sample.job(),
            Sample.job(id: 3, status: "completed", symbols: ["A", "B", "C"], total: 0),
        ]
        #expect(
            JobListText.table(JobListResponse(jobs: jobs, total: 9)) == [
                "JOB  STATUS        EXCHANGE  SYMBOLS           DATES                    FILES"
                    + "     SIZE  BY",
                " 12  🔄 running    binance   BTCUSDT, ETHUSDT  2024-01-01 … 2024-01-31  14/31"
                    + "  38.2 MB  alice",
                "  3  ✅ completed  binance   A, B (+1 more)    2024-01-01 … 2024-01-31      -"
                    + "        -  alice",
                "",
                "Showing 2 of 9 jobs.",
            ])
    }

    @Test func `the predecessor's list keeps its lines`() {
        let rule = String(repeating: "-", count: 80)
        #expect(
            JobListText.legacy(JobListResponse(jobs: [Sample.job()], total: 9)) == [
                "", "📋 Recent Jobs (showing 1 of 9)", rule,
                "🔄 Job 12 | running | binance | BTCUSDT, ETHUSDT | by alice", rule,
            ])
        #expect(JobListText.legacy(JobListResponse(jobs: [], total: 0)) == ["", "No jobs found."])
        #expect(
            JobListText.table(JobListResponse(jobs: [], total: 4))
                == ["No jobs on this page; there are 4."])
    }

    @Test func `prints digest, saved bytes and verification where the service reports them`() {
        var job = Sample.job(status: "completed", total: 2, done: 2)
        job.datasetDigest = "0abc"
        job.bytesSaved = 38_200_000
        job.filesSuspicious = 1
        job.verifiedAt = "2025-11-13T10:21:42.000000Z"
        job.filesRepaired = 2
        #expect(
            JobText.details(job).suffix(4) == [
                "Dataset digest: 0abc",
                "Not fetched again: 38.2 MB",
                "⚠️ Of unusual size: 1 (see: files 12)",
                "Verified: 2025-11-13T10:21:42.000000Z, 2 repaired",
            ])
    }

    @Test func `lists files with their errors`() {
        let file = FileResponse(
            name: "a.csv.gz", state: "failed", dataType: "trades", day: "2024-01-01",
            symbol: "A", bytes: nil, rows: nil, firstTimestamp: nil, lastTimestamp: nil,
            sha256: nil, origin: nil, suspicious: nil, code: "refused",
            detail: "Tardis answered 400.\n", attempts: [], seconds: 0)
        #expect(
            FileListText.table(FileListResponse(files: [file], total: 3)) == [
                "STATE   ROWS  SIZE  TRIES  FILE", "failed     -     -      0  a.csv.gz", "",
                "a.csv.gz: Tardis answered 400.\\u{A}", "", "Showing 1 of 3 files.",
            ])
        #expect(FileListText.table(FileListResponse(files: [], total: 0)) == ["No such files."])
    }
}
