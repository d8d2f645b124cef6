// The main job: from a request to verified files and notices.

import APITypes
import Curl
import FoundationEssentials
import ServiceSupport
import TestSupport
import Testing

@Suite struct MainJobTests {
    @Test(.enabled(if: Samples.arePresent, "the sample files are not beside the project"))
    func `a whole real day arrives byte for byte`() async throws {
        let installation = try await Installation(sandbox: ["--files", Samples.folder])
        let service = try await installation.startService()
        let day = Samples.wholeDay
        let answer = try await service.submit(
            exchange: day.exchange, symbols: [day.symbol], from: day.day, to: day.day)
        #expect(answer.status == "pending")

        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "completed", "\(job.errorMessage ?? "")")
        #expect(job.errorMessage == nil)
        #expect(job.filesTotal == 1)
        #expect(job.filesDone == 1)
        #expect(job.filesFailed == 0)
        #expect(job.bytesDone == 1_905_052)
        #expect(installation.published(day.name) == day.bytes)
        #expect(installation.publishedNames() == [day.name])

        let proof = try installation.query(
            "SELECT state, rows, sha256 FROM job_files WHERE job_id = \(answer.jobID)")
        #expect(proof == "ok|137988|\(day.sha256)")
    }

    @Test(
        .enabled(if: Samples.arePresent, "the sample files are not beside the project"),
        arguments: Samples.arePresent ? Samples.all : [])
    func `every real sample arrives under the official name`(sample: Sample) async throws {
        let installation = try await Installation(sandbox: ["--files", Samples.folder])
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: sample.exchange, symbols: [sample.symbol], dataTypes: [sample.dataType],
            from: sample.day, to: sample.day, outputPath: "./datasets/real")
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "completed", "\(job.errorMessage ?? "")")
        #expect(installation.published("real/\(sample.name)") == sample.bytes)
        let proof = try installation.query("SELECT rows, sha256 FROM job_files")
        #expect(proof == "\(sample.rows)|\(sample.sha256)")
    }

    @Test(.enabled(if: Samples.arePresent, "the sample files are not beside the project"))
    func `a damaged gzip is never published, and the job reports it`() async throws {
        let day = Samples.wholeDay
        let upstreamFiles = TemporaryFolder()
        let folder = "\(upstreamFiles.path)/\(day.path)".split(separator: "/").dropLast()
        try FileManager.default.createDirectory(
            atPath: "/" + folder.joined(separator: "/"), withIntermediateDirectories: true)
        let damaged = "binance-futures_trades_2020-02-22_BTCUSDT.damaged.csv.gz"
        try FileManager.default.copyItem(
            atPath: "\(Samples.folder)/damaged/\(damaged)",
            toPath: "\(upstreamFiles.path)/\(day.path)")

        let installation = try await Installation(
            sandbox: ["--files", upstreamFiles.path], settings: ["RETRY_MAX_ATTEMPTS": "3"])
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: day.exchange, symbols: [day.symbol], from: day.day, to: day.day)
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "failed")
        #expect(job.filesFailed == 1)
        #expect(job.errorMessage?.contains(day.name) == true, "\(job.errorMessage ?? "")")
        #expect(job.errorMessage?.contains("damaged") == true, "\(job.errorMessage ?? "")")
        #expect(installation.publishedNames().isEmpty)
        #expect(try await installation.upstream.requests(for: day.symbol).count == 3)
    }

    @Test func `a month of two symbols is complete, and a second request fetches nothing again`()
        async throws
    {
        let installation = try await Installation()
        let service = try await installation.startService()
        for round in 1...2 {
            let answer = try await service.submit(
                exchange: "binance", symbols: ["BTC-USDT", "ETHUSDT"],
                dataTypes: ["trades", "book_change_l2"], from: "2024-01-01", to: "2024-01-31")
            #expect(answer.notes.contains { $0.contains("BTC-USDT is BTCUSDT") })
            #expect(answer.notes.contains { $0.contains("incremental_book_L2") })
            let job = try await service.end(of: answer.jobID)
            #expect(job.status == "completed", "\(job.errorMessage ?? "")")
            #expect(job.filesTotal == 124)
            #expect(job.filesDone == 124)
            #expect(installation.publishedNames().count == 124, "round \(round)")
        }
        let names = installation.publishedNames()
        #expect(names.contains("binance_incremental_book_L2_2024-01-31_ETHUSDT.csv.gz"))
        #expect(!names.contains { $0.hasSuffix(".part") })
        let requests = try await installation.upstream.requests(for: ".csv.gz")
        #expect(requests.count == 124)
    }

    @Test func `days outside the listing end as unavailable, and the job completes`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2019-03-29", to: "2019-03-31")
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "completed", "\(job.errorMessage ?? "")")
        let states = try installation.query(
            "SELECT day, state FROM job_files ORDER BY day")
        #expect(states == "2019-03-29|unavailable\n2019-03-30|ok\n2019-03-31|ok")
        #expect(
            job.notes == [
                "1 file is unavailable: BTCUSDT has data on binance only since 2019-03-30."
            ])
    }
}
