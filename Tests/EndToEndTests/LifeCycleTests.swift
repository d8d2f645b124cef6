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

    @Test func `runs on embedded defaults and says what is missing`() async throws {
        let installation = try await Installation(settings: [
            "TARDIS_API_KEY": "", "TELEGRAM_BOT_TOKEN": "", "TELEGRAM_CHAT_ID": "",
            "API_HOST": "0.0.0.0",
        ])
        let service = try await installation.startService()
        let log = service.process.errors
        #expect(log.contains("only the first day of each month"))
        #expect(log.contains("no messages are sent"))
        #expect(log.contains("NO ACCESS CONTROL"))
        let health = try await service.ask("GET", "/health", headers: [])
        #expect(health.head.status == 200)
        #expect(health.body.contains("\"not configured\""))
        #expect(await service.stop() == 0)
    }

    @Test func `without a key free days succeed and others name the reason`() async throws {
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

    /// Docker puts the proxies of ~/.docker/config.json into every container.
    @Test func `the health check uses no proxy and recognises another program`()
        async throws
    {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        let proxy = RawServer { _ in [.text(answer), .close] }
        let installation = try await Installation()
        let service = try await installation.startService()
        let port = try #require(service.url.split(separator: ":").last)
        func check(_ port: String) async throws -> ChildProcess {
            let names = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"]
            var environment = Dictionary(uniqueKeysWithValues: names.map { ($0, proxy.url) })
            environment["API_PORT"] = port
            let process = try ChildProcess(
                BuiltProgram.path("download-service"), ["healthcheck"], environment: environment,
                in: installation.folder.path)
            _ = await process.waitForExit()
            return process
        }
        let healthy = try await check(String(port))
        #expect(healthy.exitCode == 0, "\(healthy.errors)")
        #expect(healthy.output.contains("Tardis Download Service"))
        #expect(proxy.requests.isEmpty)
        let foreign = try await check("\(proxy.port)")
        #expect(foreign.exitCode == 1)
        #expect(foreign.errors.contains("is not the download service"), "\(foreign.errors)")
        let list = try ChildProcess(
            BuiltProgram.path("download-client"), ["list", "--url", service.url],
            environment: ["http_proxy": proxy.url, "all_proxy": proxy.url, "USER": "intern"])
        #expect(await list.waitForExit() == 0, "\(list.errors)")
        let other = try ChildProcess(
            BuiltProgram.path("download-client"), ["list", "--url", proxy.url],
            environment: ["USER": "intern"])
        #expect(await other.waitForExit() != 0)
        #expect(other.errors.contains("is not the download service"), "\(other.errors)")
        #expect(await service.stop() == 0)
    }

    @Test func `creates no empty database beside an existing one`() async throws {
        let installation = try await Installation()
        let first = try await installation.startService()
        #expect(await first.stop() == 0)
        func refused(_ url: String) async throws -> String {
            let process = try installation.spawnService(
                ["DATABASE_URL": url], through: ["/usr/bin/env"])
            #expect(await process.waitForExit() == 1, "\(url)")
            return process.errors
        }
        let folder = installation.root
        for url in [
            "sqlite+aiosqlite:///./downloads.db", "sqlite:////\(folder)/new/downloads.db",
            "downloads.db",
        ] {
            let words = try await refused(url)
            #expect(words.contains("data/downloads.db"), "\(words)")
        }
        #expect(readFile("\(folder)/downloads.db") == nil)
        // The other way round: the predecessor's file beside the folder of the new default.
        #expect(rename("\(folder)/data/downloads.db", "\(folder)/downloads.db") == 0)
        #expect(try await refused("data/downloads.db").contains("DATABASE_URL=downloads.db"))
        // Another file is another database, and is reported.
        let other = try await installation.startService(["DATABASE_URL": "other.db"])
        #expect(other.process.errors.contains("downloads.db is there and is not used"))
        #expect(await other.stop() == 0)
        // Names that SQLite would read as options are the same file.
        for url in ["file:other.db", "jdbc:sqlite:other.db", ":memory:"] {
            let process = try installation.spawnService(
                ["DATABASE_URL": url], through: ["/usr/bin/env"])
            #expect(await process.waitForExit() == 78)
        }
    }

    @Test func `a link to a database has the lock of the database`()
        async throws
    {
        let installation = try await Installation()
        mkdir("\(installation.root)/data", 0o755)
        #expect(symlink("downloads.db", "\(installation.root)/data/link.db") == 0)
        let service = try await installation.startService(["DATABASE_URL": "data/link.db"])
        let second = try installation.spawnService(through: ["/usr/bin/env"])
        #expect(await second.waitForExit() == 1)
        #expect(second.errors.contains("is using the database"), "\(second.errors)")
        #expect(await service.stop() == 0)
    }

    @Test func `an unwritable data folder is found at the start`() async throws {
        let installation = try await Installation(settings: ["DEFAULT_OUTPUT_PATH": "/proc"])
        let process = try installation.spawnService(through: ["/usr/bin/env"])
        #expect(await process.waitForExit() == 1)
        #expect(process.errors.contains("DEFAULT_OUTPUT_PATH"), "\(process.errors)")
    }

    @Test func `warns at the start of ineffective settings`() async throws {
        let installation = try await Installation(settings: [
            "ADMIN_USERS": "boss", "ALLOWED_USER": "alice", "API_TOKEN": "short",
        ])
        writeFile([], to: "\(installation.root)/.env")
        #expect(chmod("\(installation.root)/.env", 0o644) == 0)
        let service = try await installation.startService()
        let log = service.process.errors
        for words in [
            "ADMIN_USERS: courtesy, not access control", "Did you mean ALLOWED_USERS?",
            "API_TOKEN has fewer than 16 characters", "chmod 600 .env",
        ] {
            #expect(log.contains(words), "\(words)")
        }
        #expect(await service.stop() == 0)
        let open = try await installation.startService(["API_TOKEN": ""])
        #expect(open.process.errors.contains("ADMIN_USERS without API_TOKEN"))
        #expect(await open.stop() == 0)
    }

    @Test func `a second service names the process that has the database`()
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
        // A crash releases the lock.
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

    @Test func `an emptied database beside backups is not used as a new one`()
        async throws
    {
        let installation = try await Installation()
        let first = try await installation.startService()
        #expect(await first.stop() == 0)
        let folder = "\(installation.folder.path)/data"
        truncate("\(folder)/downloads.db", 0)
        // As after its creation: there was nothing to lose.
        #expect(await (try installation.startService()).stop() == 0)
        mkdir("\(folder)/backups", 0o755)
        writeFile([], to: "\(folder)/backups/downloads-20251113T102030Z.db")
        truncate("\(folder)/downloads.db", 0)
        let second = try installation.spawnService(through: ["/usr/bin/env"])
        #expect(await second.waitForExit() == 1)
        #expect(second.errors.contains("make restore-db"), "\(second.errors)")
    }

    @Test func `a port in use is a clear error`() async throws {
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
