// A crash in the middle of a job: the job continues by itself without fetching published files
// again.

import APITypes
import Curl
import Glibc
import ServiceSupport
import TestSupport
import Testing

@Suite struct RestartTests {
    @Test func `a killed service completes its job, and no published file is requested twice`()
        async throws
    {
        let installation = try await Installation(
            sandbox: ["--latency", "40"], settings: ["DOWNLOAD_CONCURRENCY": "3"])
        let first = try await installation.startService()
        let answer = try await first.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-03-01", to: "2024-04-29")
        let isUnderWay = await eventually(within: .seconds(30)) {
            installation.publishedNames().filter { $0.hasSuffix(".csv.gz") }.count >= 10
        }
        try #require(isUnderWay)
        await first.crash()
        let before = installation.publishedNames().filter { $0.hasSuffix(".csv.gz") }
        #expect(before.count < 60)
        let states = try installation.query("SELECT status FROM download_jobs")
        #expect(states == "running")

        let second = try await installation.startService()
        let job = try await second.end(of: answer.jobID)
        #expect(job.status == "completed", "\(job.errorMessage ?? "")")
        #expect(job.filesDone == 60)
        let names = installation.publishedNames()
        #expect(names.count == 60)
        #expect(!names.contains { $0.hasSuffix(".part") })
        for name in before {
            // binance_trades_2024-03-05_BTCUSDT.csv.gz stands at …/2024/03/05/BTCUSDT.csv.gz
            let day = String(name.split(separator: "_")[2]).replacing("-", with: "/")
            let requests = try await installation.upstream.requests(for: day)
            #expect(requests.count == 1, "\(name)")
        }
        let started = try await installation.upstream.messages().filter {
            $0.contains("Download Started")
        }
        #expect(started.count == 1)
    }

    @Test func `a stopped service requeues its transfers and continues at the next start`()
        async throws
    {
        let installation = try await Installation(
            sandbox: ["--latency", "60"], settings: ["DOWNLOAD_CONCURRENCY": "2"])
        let first = try await installation.startService()
        let answer = try await first.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-03-01", to: "2024-03-20")
        let isUnderWay = await eventually { installation.publishedNames().count >= 3 }
        try #require(isUnderWay)
        #expect(await first.stop() == 0)
        let counted = try installation.query(
            "SELECT max(attempts) FROM job_files WHERE state = 'pending'")
        #expect(counted == "0")

        let second = try await installation.startService()
        let job = try await second.end(of: answer.jobID)
        #expect(job.status == "completed", "\(job.errorMessage ?? "")")
        #expect(installation.publishedNames().count == 20)
    }

    @Test func `a transfer that ends within the grace period is recorded`()
        async throws
    {
        let installation = try await Installation(
            sandbox: ["--latency", "700"], settings: ["DOWNLOAD_CONCURRENCY": "1"])
        let first = try await installation.startService()
        let answer = try await first.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-02-01", to: "2024-02-01")
        func asked() async throws -> Int {
            try await installation.upstream.requests(for: ".csv.gz").count
        }
        try #require(try await eventually { try await asked() == 1 })
        #expect(await first.stop() == 0)
        #expect(try installation.query("SELECT state, attempts FROM job_files") == "ok|1")
        let second = try await installation.startService()
        #expect(try await second.end(of: answer.jobID).status == "completed")
        #expect(try await asked() == 1)
    }

    @Test func `a transfer beyond the grace period is requeued without an attempt`() async throws {
        let installation = try await Installation(settings: ["SHUTDOWN_GRACE": "1"])
        try await installation.upstream.play(
            #"[{"match":"*.csv.gz*","times":0,"fault":"stall"}]"#)
        let first = try await installation.startService()
        let answer = try await first.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01")
        try #require(
            try await eventually {
                try await installation.upstream.requests(for: ".csv.gz").count == 1
            })
        #expect(await first.stop() == 0)
        let states = try installation.query(
            "SELECT state, attempts, crashes FROM job_files JOIN download_jobs ON id = job_id")
        #expect(states == "pending|0|0")
        try await installation.upstream.play("[]")
        let second = try await installation.startService()
        #expect(try await second.end(of: answer.jobID).status == "completed")
        #expect(try installation.query("SELECT crashes FROM download_jobs") == "0")
        #expect(
            try installation.query("SELECT count(*) FROM job_events WHERE kind = 'crashed'") == "0")
    }

    @Test func `a file in flight at every crash fails, and the others complete`()
        async throws
    {
        let installation = try await Installation(settings: ["CRASHES_MAX": "2"])
        try await installation.upstream.play(
            #"[{"match":"/tardis-datasets*2024/01/02/*","times":0,"fault":"stall"}]"#)
        let deadly = "SELECT state FROM job_files WHERE day = '2024-01-02'"
        var service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-03")
        for crashes in 1...2 {
            let isAlone = await eventually {
                (try? installation.query(
                    "SELECT count(*) FROM job_files WHERE state IN ('pending', 'running')")) == "1"
                    && (try? installation.query(deadly)) == "running"
            }
            try #require(isAlone)
            await service.crash()
            service = try await installation.startService()
            _ = await eventually {
                (try? installation.query(
                    "SELECT count(*) FROM job_events WHERE kind = 'crashed'")) == "\(crashes)"
            }
        }
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "failed")
        #expect(job.filesDone == 2)
        #expect(job.errorMessage?.contains("/retry") == true, "\(job.errorMessage ?? "")")
        #expect(
            try installation.query("SELECT code, attempts FROM job_files WHERE state = 'failed'")
                == "crashed|0")
    }

    @Test func `a partial file of a crash is removed, even if its job fails`()
        async throws
    {
        let installation = try await Installation()
        try await installation.upstream.play(
            #"[{"match":"/tardis-datasets*","times":0,"fault":"stall"}]"#)
        let first = try await installation.startService()
        let answer = try await first.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-02", to: "2024-01-02")
        let part = "binance_trades_2024-01-02_BTCUSDT.csv.gz.part"
        try #require(await eventually { installation.publishedNames() == [part] })
        await first.crash()
        #expect(installation.publishedNames() == [part])

        try await installation.upstream.play("[]")
        let second = try await installation.startService(["TARDIS_API_KEY": "TD.wrong"])
        #expect(try await second.end(of: answer.jobID).status == "failed")
        #expect(await eventually { installation.publishedNames() == [] })
    }
}
