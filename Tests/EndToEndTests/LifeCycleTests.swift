// Start, health, and end of the daemon as an operator sees them.

import APITypes
import Curl
import FoundationEssentials
import Glibc
import ServiceSupport
import TestSupport
import Testing

@Suite struct LifeCycleTests {
    @Test func `mistakes in the configuration are reported together, and the exit code is 78`()
        async throws
    {
        let folder = TemporaryFolder()
        let secret = "very secret key"
        let process = try ChildProcess(
            BuiltProgram.path("download-service"),
            environment: [
                "API_PORT": "eighty", "LOG_LEVEL": "loud", "TARDIS_API_KEY": secret,
                "DATABASE_URL": "postgresql://x",
            ], in: folder.path)
        #expect(await process.waitForExit() == 78)
        for name in ["API_PORT", "LOG_LEVEL", "TARDIS_API_KEY", "DATABASE_URL"] {
            #expect(process.errors.contains(name))
        }
        #expect(!process.errors.contains(secret))
    }

    @Test func `it runs on its embedded defaults and says what is missing`() async throws {
        let installation = try await Installation(settings: [
            "TARDIS_API_KEY": "", "TELEGRAM_BOT_TOKEN": "", "TELEGRAM_CHAT_ID": "",
            "API_HOST": "0.0.0.0",
        ])
        let service = try await installation.startService()
        let log = service.process.errors
        #expect(log.contains("only the first day of each month"))
        #expect(log.contains("nobody is told"))
        #expect(log.contains("NO ACCESS CONTROL"))
        let health = try await service.ask("GET", "/health", headers: [])
        #expect(health.head.status == 200)
        #expect(health.body.contains("\"not configured\""))
        #expect(await service.stop() == 0)
    }

    @Test func `without a key the free days arrive and the others say why not`() async throws {
        let installation = try await Installation(settings: ["TARDIS_API_KEY": ""])
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-03")
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "failed")
        #expect(job.filesDone == 1)
        #expect(job.filesFailed == 2)
        #expect(job.errorMessage?.contains("TARDIS_API_KEY") == true, "\(job.errorMessage ?? "")")
        #expect(installation.publishedNames() == ["binance_trades_2024-01-01_BTCUSDT.csv.gz"])
    }

    @Test func `the health check asks the running service`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let port = try #require(service.url.split(separator: ":").last)
        func check(_ port: String) async throws -> Int32? {
            try await ChildProcess(
                BuiltProgram.path("download-service"), ["healthcheck"],
                environment: ["API_PORT": port, "API_HOST": "0.0.0.0"], in: installation.folder.path
            ).waitForExit()
        }
        #expect(try await check(String(port)) == 0)
        #expect(await service.stop() == 0)
        #expect(try await check(String(port)) == 1)
    }

    @Test func `a second service on the same database says who has it, until that one is gone`()
        async throws
    {
        let installation = try await Installation()
        let service = try await installation.startService()
        let second = try ChildProcess(
            BuiltProgram.path("download-service"),
            environment: ["API_HOST": "127.0.0.1", "API_PORT": "0"], in: installation.folder.path)
        #expect(await second.waitForExit() == 1)
        #expect(second.errors.contains("process \(service.process.pid) is using the database"))
        #expect(try await service.ask("GET", "/health").head.status == 200)
        // A crash leaves no lock behind.
        await service.crash()
        let third = try await installation.startService()
        #expect(await third.stop() == 0)
    }

    @Test func `a database under another name is the same database`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let folder = "\(installation.folder.path)/data"
        #expect(symlink("downloads.db", "\(folder)/other.db") == 0)
        func start(_ database: String, _ command: [String] = []) async throws -> String {
            let second = try ChildProcess(
                BuiltProgram.path("download-service"), command,
                environment: [
                    "API_HOST": "127.0.0.1", "API_PORT": "0", "DATABASE_URL": "data/\(database)",
                ], in: installation.folder.path)
            #expect(await second.waitForExit() == 1)
            return second.errors
        }
        let taken = "process \(service.process.pid) is using the database"
        #expect(try await start("other.db").contains(taken))
        #expect(try await start("other.db", ["retention"]).contains(taken))
        #expect(link("\(folder)/downloads.db", "\(folder)/second.db") == 0)
        #expect(try await start("second.db").contains("hard links"))
        #expect(await service.stop() == 0)
    }

    @Test func `an emptied database is not taken for a new one where there are backups`()
        async throws
    {
        let installation = try await Installation()
        let first = try await installation.startService()
        #expect(await first.stop() == 0)
        let folder = "\(installation.folder.path)/data"
        truncate("\(folder)/downloads.db", 0)
        // As if it had just been made: there never was anything to lose.
        #expect(await (try installation.startService()).stop() == 0)
        mkdir("\(folder)/backups", 0o755)
        writeFile([], to: "\(folder)/backups/downloads-20251113T102030Z.db")
        truncate("\(folder)/downloads.db", 0)
        let second = try installation.spawnService(through: ["/usr/bin/env"])
        #expect(await second.waitForExit() == 1)
        #expect(second.errors.contains("make restore-db"), "\(second.errors)")
    }

    @Test func `a port that is taken is a clear error`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let port = try #require(service.url.split(separator: ":").last)
        let folder = TemporaryFolder()
        let second = try ChildProcess(
            BuiltProgram.path("download-service"),
            environment: ["API_HOST": "127.0.0.1", "API_PORT": String(port)], in: folder.path)
        #expect(await second.waitForExit() == 1)
        #expect(second.errors.contains("is taken"), "\(second.errors)")
        #expect(second.errors.contains("API_PORT"), "\(second.errors)")
    }

    @Test func `a second signal ends it at once`() async throws {
        let installation = try await Installation(sandbox: ["--latency", "5000"])
        let service = try await installation.startService()
        _ = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01")
        service.process.send(SIGTERM)
        _ = await eventually { service.process.errors.contains("stopping") }
        service.process.send(SIGTERM)
        #expect(await service.process.waitForExit(within: .seconds(5)) != nil)
    }

    @Test func `the backup is a complete database`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01")
        _ = try await service.end(of: answer.jobID)
        let copy = "\(installation.folder.path)/copy.db"
        let backup = try ChildProcess(
            BuiltProgram.path("download-service"), ["backup", copy],
            environment: [:], in: installation.folder.path)
        #expect(await backup.waitForExit() == 0, "\(backup.errors)")
        #expect(try Database.rows(copy, "PRAGMA integrity_check") == "ok")
        #expect(try Database.rows(copy, "SELECT status FROM download_jobs") == "completed")
    }

    @Test func `every request leaves one access-log line with the id that its reply carries`()
        async throws
    {
        let installation = try await Installation()
        let service = try await installation.startService()
        let reply = try await service.ask(
            "GET", "/jobs/7", headers: [("X-Username", "intern"), ("X-Request-ID", "my-id.1")])
        #expect(reply.head.status == 404)
        #expect(reply.head["X-Request-ID"] == "my-id.1")
        let isLogged = await eventually {
            service.process.errors.split(separator: "\n").contains {
                $0.contains("\"request_id\":\"my-id.1\"") && $0.contains("\"status\":404")
            }
        }
        #expect(isLogged)
    }
}
