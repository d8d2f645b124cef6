// The integrity of a job: by sha256sum, by its digest, and by a verification.

import APITypes
import Curl
import FoundationEssentials
import ServiceSupport
import TestSupport
import Testing

@Suite struct EvidenceTests {
    @Test func `sha256sum agrees with the manifest, and the digest with both`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let id = try await completedJob(service, to: "./datasets/a")
        let sums = try await service.ask("GET", "/jobs/\(id)/manifest?format=sha256sums").body
        #expect(sums.split(separator: "\n").count { !$0.hasPrefix("#") } == 4)
        try write(Data(sums.utf8), to: "\(installation.folder.path)/datasets/a/SHA256SUMS")
        let folder = "\(installation.folder.path)/datasets/a"
        let check = try await ProgramRun(
            "/bin/sh", ["-c", "cd \"$0\" && sha256sum -c --strict SHA256SUMS", folder])
        #expect(check.status == 0, "\(check.text)")
        let digest = try await ProgramRun("/usr/bin/env", ["sha256sum", "\(folder)/SHA256SUMS"])
        let job = try await service.job(id)
        #expect(digest.output.hasPrefix(job.datasetDigest ?? "none"))
    }

    @Test func `a damaged and a missing file are found and fetched again`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let id = try await completedJob(service, to: "./datasets/a")
        let before = try await service.job(id)
        let names = installation.publishedNames(in: "a")
        let original = try #require(installation.published("a/\(names[0])"))
        var damaged = original
        damaged[damaged.count / 2] ^= 1
        try write(Data(damaged), to: "\(installation.folder.path)/datasets/a/\(names[0])")
        try FileManager.default.removeItem(
            atPath: "\(installation.folder.path)/datasets/a/\(names[1])")
        let requests = try await installation.upstream.requests(for: ".csv.gz").count

        let verified = try await service.client(["verify", "\(id)"])
        #expect(verified.status == 3, "\(verified.text)")
        let job = try await service.job(id)
        #expect(job.status == "completed")
        #expect(job.filesRepaired == 2)
        #expect(job.completedAt == before.completedAt)
        #expect(job.verification?.filesDamaged == 1)
        #expect(job.verification?.filesMissing == 1)
        #expect(job.datasetDigest == before.datasetDigest)
        #expect(try await installation.upstream.requests(for: ".csv.gz").count == requests + 2)
        #expect(installation.published("a/\(names[0])") == original)
        #expect(installation.published("a/\(names[0]).quarantine") == damaged)
        let files = try await service.client(["files", "\(id)"])
        #expect(files.output.contains(names[1]), "\(files.text)")
    }

    @Test func `a file of one job is linked into another folder without a transfer`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let first = try await completedJob(service, to: "./datasets/a")
        let requests = try await installation.upstream.requests(for: ".csv.gz").count
        let second = try await completedJob(service, to: "./datasets/b")
        #expect(try await installation.upstream.requests(for: ".csv.gz").count == requests)
        let (one, two) = (try await service.job(first), try await service.job(second))
        #expect(one.bytesSaved == 0)
        #expect(two.bytesSaved == one.bytesDone)
        #expect(two.datasetDigest == one.datasetDigest)
        #expect(installation.publishedNames(in: "b") == installation.publishedNames(in: "a"))
    }

    @Test func `reports a day without rows and accepts a gap of Tardis`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        try await installation.upstream.play(
            """
            [{"match":"*2024/01/02/*","times":99,"fault":"empty"},
             {"match":"*2024/01/03/*","times":99,"fault":"missing"}]
            """)
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-05")
        var job = try await service.end(of: answer.jobID)
        #expect(job.status == "failed")
        #expect(job.datasetDigest == nil)
        #expect(job.filesEmpty == 1)
        #expect(job.notes.contains { $0.contains("binance_trades_2024-01-02_BTCUSDT.csv.gz") })
        let accepted = try await service.ask("POST", "/jobs/\(answer.jobID)/accept-gaps")
        #expect(accepted.head.status == 200, "\(accepted.body)")
        job = try await service.job(answer.jobID)
        #expect(job.status == "completed")
        #expect(job.gapsAccepted == 1)
        #expect(job.filesDone == 5)
        let sums = try await service.ask(
            "GET", "/jobs/\(answer.jobID)/manifest?format=sha256sums"
        ).body
        #expect(sums.contains("# gap accepted: binance_trades_2024-01-03_BTCUSDT.csv.gz"))
        let folder = "\(installation.folder.path)/datasets"
        try write(Data(sums.utf8), to: "\(folder)/SHA256SUMS")
        let check = try await ProgramRun(
            "/bin/sh", ["-c", "cd \"$0\" && sha256sum -c --strict SHA256SUMS", folder])
        #expect(check.status == 0, "\(check.text)")
        let digest = try await ProgramRun("/usr/bin/env", ["sha256sum", "\(folder)/SHA256SUMS"])
        #expect(digest.output.hasPrefix(job.datasetDigest ?? "none"))
        let isTold = try await eventually {
            try await installation.upstream.messages().contains {
                $0.contains("3 with rows, 1 empty, 1 accepted gap")
            }
        }
        #expect(isTold)
    }

    @Test func `changed files at Tardis are left out until accepted`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let id = try await completedJob(service, to: "./datasets/a")
        let before = try await service.job(id)
        let name = "binance_trades_2024-01-02_ETHUSDT.csv.gz"
        try FileManager.default.removeItem(
            atPath: "\(installation.folder.path)/datasets/a/\(name)")
        let moment = "1704153600000000"
        let csv =
            #"exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"#
            + #"binance,ETHUSDT,\#(moment),\#(moment),1,buy,1,1\n"#
        try await installation.upstream.play(
            """
            [{"match":"*2024/01/02/ETHUSDT.csv.gz*","times":99,"fault":{"csv":"\(csv)"}}]
            """)
        let path = "/jobs/\(id)/verify"
        #expect(try await service.ask("POST", path).head.status == 202)
        var job = try await service.end(of: id)
        #expect(job.status == "failed")
        #expect(job.verification?.filesChanged == 1)
        #expect(job.verification?.formerDigest == before.datasetDigest)
        #expect(installation.published("a/\(name)") == nil)
        let verified = try await service.ask("POST", path, body: #"{"accept_revision":true}"#)
        #expect(verified.head.status == 202, "\(verified.body)")
        job = try await service.end(of: id)
        #expect(job.status == "completed", "\(job.errorMessage ?? "")")
        #expect(job.completedAt == before.completedAt)
        #expect(job.datasetDigest != before.datasetDigest)
        #expect(job.verification?.formerDigest == before.datasetDigest)
        let events = try await service.ask("GET", "/jobs/\(id)/events").body
        #expect(events.contains("digest_changed"))
        #expect(events.contains(before.datasetDigest ?? "none"))
        #expect(events.contains(job.datasetDigest ?? "none"))
    }

    private func completedJob(_ service: RunningService, to folder: String) async throws -> Int64 {
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT", "ETHUSDT"], from: "2024-01-01",
            to: "2024-01-02", outputPath: folder)
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "completed", "\(job.errorMessage ?? "")")
        return answer.jobID
    }

    private func write(_ bytes: Data, to path: String) throws {
        try #require(FileManager.default.createFile(atPath: path, contents: bytes))
    }
}
