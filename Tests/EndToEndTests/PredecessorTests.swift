// The service replaces the predecessor: its database, the flags of its client, its scripts.

import APITypes
import Curl
import FoundationEssentials
import ServiceSupport
import TestSupport
import Testing

@Suite struct PredecessorTests {
    static let database = ProjectFolder.shared("samples/predecessor-downloads.db")
    static let isPresent = FileManager.default.fileExists(atPath: database)

    @Test(.enabled(if: isPresent, "the sample database is not beside the project"))
    func `its database opens in place, its rows stay, its pending job runs`() async throws {
        let installation = try await Installation()
        try FileManager.default.createDirectory(
            atPath: "\(installation.folder.path)/data", withIntermediateDirectories: true)
        let path = "\(installation.folder.path)/data/downloads.db"
        try FileManager.default.copyItem(atPath: PredecessorTests.database, toPath: path)
        let columns = """
            id, status, exchange, data_types, symbols, start_date, end_date, output_path, \
            created_at, started_at, completed_at, error_message, created_by
            """
        let finished = "SELECT \(columns) FROM download_jobs WHERE id < 4 ORDER BY id"
        let before = try Database.rows(path, finished)
        let service = try await installation.startService()
        let job = try await service.end(of: 4)
        #expect(job.status == "completed", "\(job.errorMessage ?? "")")
        #expect(job.createdBy == "bob")
        #expect(installation.publishedNames() == ["bitmex_trades_2024-03-01_XBTUSD.csv.gz"])
        #expect(try Database.rows(path, finished) == before)
        let old = try await service.job(2)
        #expect(old.createdAt == "2025-11-13T10:20:30.123456Z")
        #expect(old.dataTypes == ["trades", "quotes"])
        let five = try Database.rows(path, "SELECT * FROM download_jobs ORDER BY id DESC LIMIT 5;")
        #expect(five.split(separator: "\n").count == 4)
        #expect(five.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" }, "\(five)")
    }

    @Test func `its client's command lines work`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        func client(_ arguments: String...) async throws -> (code: Int32?, output: String) {
            let process = try ChildProcess(
                BuiltProgram.path("download-client"), ["--url", service.url] + arguments,
                environment: ["USER": "intern"], in: installation.folder.path)
            let code = await process.waitForExit()
            return (code, process.output + process.errors)
        }
        let submitted = try await client(
            "--exchange", "binance", "--symbols", "BTC-USDT", "ETH-USDT", "--start-date",
            "2024-01-01", "--end-date", "2024-01-02", "--data-types", "trades", "quotes",
            "--output-path", "./datasets")
        #expect(submitted.code == 0, "\(submitted.output)")
        #expect(submitted.output.contains("1"))
        let job = try await service.end(of: 1)
        #expect(job.createdBy == "intern")
        #expect(job.filesDone == 8)
        let status = try await client("--job-id", "1")
        #expect(status.code == 0)
        #expect(status.output.contains("✅"))
        let list = try await client("--list-jobs", "--limit", "5")
        #expect(list.code == 0)
        #expect(list.output.contains("binance"))
        #expect(try await client("--job-id", "99").code == 1)
        #expect(try await client("--no-such-flag").code == 1)
    }
}
