// Removal of old jobs with their files, by command and by the hour.

import APITypes
import Curl
import FoundationEssentials
import Glibc
import ServiceSupport
import TestSupport
import Testing

@Suite struct RetentionTests {
    private static let days = ["JOB_RETENTION_DAYS": "30", "FILE_RETENTION_DAYS": "30"]

    private func retention(
        _ installation: Installation, _ arguments: [String], _ days: [String: String] = days
    ) async throws -> (status: Int32?, output: String, errors: String) {
        let process = try ChildProcess(
            BuiltProgram.path("download-service"), ["retention"] + arguments,
            environment: days, in: installation.folder.path)
        let status = await process.waitForExit()
        return (status, process.output, process.errors)
    }

    /// Sets the end of a job long ago.
    private func age(_ installation: Installation, _ job: Int64) {
        let path = "\(installation.folder.path)/data/downloads.db"
        let long = "'2020-01-01 00:00:00.000000'"
        let sql =
            "UPDATE download_jobs SET created_at = \(long), started_at = \(long), "
            + "completed_at = \(long), queued_at = NULL"
        // The service may be writing what it has just told.
        let wait = "-cmd '.timeout 10000'"
        #expect(system("sqlite3 \(wait) '\(path)' \"\(sql) WHERE id = \(job)\"") == 0)
    }

    /// Nothing is left to compare the clock with.
    private func forgetRound(_ installation: Installation) {
        let path = "\(installation.folder.path)/data/downloads.db"
        let sql = "DELETE FROM facts WHERE name = 'retention_round_at'"
        #expect(system("sqlite3 '\(path)' \"\(sql)\"") == 0)
    }

    @Test func `an old job is removed with its files, but no file of others`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let request = { (from: String, to: String, folder: String?) in
            let answer = try await service.submit(
                exchange: "binance", symbols: ["BTCUSDT"], from: from, to: to, outputPath: folder)
            let job = try await service.end(of: answer.jobID)
            #expect(job.status == "completed")
            return job
        }
        let old = try await request("2024-01-01", "2024-01-03", nil)
        let young = try await request("2024-01-03", "2024-01-04", nil)
        let other = try await request("2024-01-01", "2024-01-01", "other")
        let taken = try await retention(installation, [])
        #expect(taken.status == 1)
        #expect(taken.errors.contains("add --dry-run"))
        let isTold = await eventually {
            (try? await installation.upstream.messages().count) == 6
        }
        #expect(isTold)
        age(installation, old.id)

        let names = (1...4).map { "binance_trades_2024-01-0\($0)_BTCUSDT.csv.gz" }
        let foreign = "binance_trades_2024-01-09_BTCUSDT.csv.gz"
        writeFile([7], to: "\(installation.folder.path)/datasets/\(foreign)")
        let listed = try await retention(installation, ["--dry-run"])
        #expect(listed.status == 0)
        #expect(listed.output.contains("job \(old.id): completed 2020-01-01 00:00:00, intern"))
        #expect(!listed.output.contains("job \(young.id):"))
        #expect(listed.output.contains("\(names[0]): would go\n"))
        #expect(listed.output.contains("\(names[2]): stays for another job\n"))
        #expect(await service.stop() == 0)
        #expect(installation.publishedNames() == names + [foreign, "other"])

        let never = try await retention(installation, [], ["JOB_RETENTION_DAYS": "0"])
        #expect(never.output == "Removed 0 jobs and 0 files.\n")
        forgetRound(installation)
        let doubted = try await retention(installation, [])
        #expect(doubted.status == 0)
        #expect(doubted.output.hasPrefix("Nothing was removed: the clock says"))
        let removed = try await retention(installation, [])
        #expect(removed.status == 0, "\(removed.errors)")
        #expect(removed.output == "Removed 1 job and 2 files.\n")
        #expect(installation.publishedNames() == names[2...] + [foreign, "other"])
        #expect(installation.publishedNames(in: "other") == [names[0]])
        #expect(
            try installation.query("SELECT id FROM download_jobs ORDER BY id")
                == "\(young.id)\n\(other.id)")
        #expect(
            try installation.query("SELECT job_id, kind FROM job_events WHERE kind = 'removed'")
                == "\(old.id)|removed")
        #expect(
            try installation.query("SELECT count(*) FROM job_files WHERE job_id = \(old.id)")
                == "0")

        let again = try await installation.startService()
        #expect(try await again.ask("GET", "/jobs/\(old.id)").head.status == 404)
        let list = try await again.ask("GET", "/jobs")
        #expect(list.body.contains("\"total\":2"))
        #expect(await again.stop() == 0)
    }
}
