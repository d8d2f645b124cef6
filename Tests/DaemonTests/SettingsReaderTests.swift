import Logging
import TestSupport
import Testing

@testable import Daemon

@Suite struct SettingsReaderTests {
    private func settings(
        _ environment: [String: String] = [:], file: String? = nil
    ) throws -> Settings {
        try SettingsReader.settings(environment: environment, file: file)
    }

    private func mistakes(_ environment: [String: String], file: String? = nil) -> [String] {
        do {
            _ = try SettingsReader.settings(environment: environment, file: file)
            return []
        } catch {
            return error.mistakes
        }
    }

    @Test func `an empty environment gives the documented defaults`() throws {
        let settings = try settings()
        #expect(settings.host == "0.0.0.0")
        #expect(settings.port == 8000)
        #expect(settings.apiToken == nil)
        #expect(settings.allowedUsers.isEmpty)
        #expect(settings.adminUsers.isEmpty)
        #expect(settings.databasePath == "data/downloads.db")
        #expect(settings.dataRoot == "./datasets")
        #expect(settings.upstream.datasetsURL == "https://datasets.tardis.dev/v1")
        #expect(settings.upstream.apiURL == "https://api.tardis.dev/v1")
        #expect(settings.queue.downloadConcurrency == 16)
        #expect(settings.queue.runningJobsMax == 4)
        #expect(settings.queue.filesPerJobMax == 100_000)
        #expect(settings.queue.retryBaseSeconds == 2)
        #expect(settings.queue.retryAttemptsMax == 12)
        #expect(settings.queue.diskReserveBytes == 1_073_741_824)
        #expect(settings.retention.jobDays == 90)
        #expect(settings.retention.fileDays == 0)
        #expect(settings.telegram == nil)
        #expect(settings.log.level == .info)
        #expect(settings.log.format == .text)
    }

    @Test func `networks are addresses with or without a number of bits`() throws {
        let name = "UPSTREAM_ALLOWED_NETWORKS"
        #expect(try settings([name: "10.0.0.0/8, fd00::/8"]).upstream.allowedNetworks.count == 2)
        #expect(try settings().upstream.allowedNetworks.isEmpty)
        #expect(
            mistakes([name: "10.0.0.0/8,storage"]) == [
                "\(name): \"storage\" is not a network such as 10.0.0.0/8 or fd00::/8"
            ])
    }

    @Test func `the administrators' token is another one, and hosts are names`() throws {
        let set = try settings([
            "API_TOKEN": "users", "ADMIN_TOKEN": "admins",
            "ALLOWED_HOSTS": "tardis.example.org, data",
        ])
        #expect(set.adminToken == "admins")
        #expect(set.allowedHosts == ["tardis.example.org", "data"])
        #expect(Set(set.secrets) == ["users", "admins"])
        for (name, value) in [
            ("ADMIN_TOKEN", "users"), ("ADMIN_TOKEN", "a b"), ("ALLOWED_HOSTS", "http://a.org"),
            ("ALLOWED_HOSTS", "a.org:80"), ("ALLOWED_HOSTS", "a.org,b/c"),
        ] {
            let found = mistakes(["API_TOKEN": "users", name: value])
            #expect(found.count == 1)
            #expect(found.first?.hasPrefix("\(name): ") == true)
        }
    }

    @Test func `backups, crashes and the grace can be set`() throws {
        let defaults = try settings()
        #expect(defaults.backups.intervalHours == 24)
        #expect(defaults.backups.keep == 7)
        #expect(defaults.backupFolder == "data/backups")
        #expect(defaults.queue.crashesMax == 5)
        #expect(defaults.queue.shutdownGraceSeconds == 10)
        let other = try settings([
            "BACKUP_INTERVAL_HOURS": "0", "BACKUP_KEEP": "30", "CRASHES_MAX": "2",
            "SHUTDOWN_GRACE": "60", "DATABASE_URL": "jobs.db",
        ])
        #expect(other.backups.intervalHours == 0)
        #expect(other.backups.keep == 30)
        #expect(other.backupFolder == "backups")
        #expect(other.queue.crashesMax == 2)
        #expect(other.queue.shutdownGraceSeconds == 60)
        #expect(try settings(["BACKUP_FOLDER": "/mnt/x"]).backupFolder == "/mnt/x")
        let wrong = mistakes([
            "BACKUP_INTERVAL_HOURS": "-1", "BACKUP_KEEP": "0", "CRASHES_MAX": "0",
            "SHUTDOWN_GRACE": "soon",
        ])
        #expect(wrong.count == 4)
    }

    @Test(arguments: [
        ("0", 0), ("1073741824", 1 << 30), ("1GiB", 1 << 30), ("2g", 2 << 30),
        ("500 MB", 500_000_000),
        ("64K", 65_536), ("3TiB", 3 << 40),
    ])
    func `a size is plain bytes or has a unit`(text: String, bytes: Int) throws {
        #expect(try settings(["DISK_RESERVE": text]).queue.diskReserveBytes == bytes)
    }

    @Test(arguments: ["GiB", "-1", "1.5G", "1 GiB/s", "9999999999T", "1e9"])
    func `what is no size is a mistake`(text: String) {
        #expect(mistakes(["DISK_RESERVE": text]).count == 1)
    }

    @Test func `names are understood in any case, and the exact one wins`() throws {
        let settings = try settings(["api_port": "1", "API_PORT": "2", "Api_Host": "::1"])
        #expect(settings.port == 2)
        #expect(settings.host == "::1")
    }

    @Test func `the environment wins over the file, but a blank value does not count`() throws {
        let file = "API_PORT=1\nAPI_HOST=127.0.0.1\nALLOWED_USERS=intern, dev,\n"
        let environment = ["API_PORT": "2", "API_HOST": "", "ALLOWED_USERS": " "]
        let settings = try settings(environment, file: file)
        #expect(settings.port == 2)
        #expect(settings.host == "127.0.0.1")
        #expect(settings.allowedUsers == ["intern", "dev"])
    }

    @Test(arguments: [
        ("sqlite+aiosqlite:///./downloads.db", "./downloads.db"),
        ("sqlite+aiosqlite:////app/data/downloads.db", "/app/data/downloads.db"),
        ("sqlite:///data/jobs.db", "data/jobs.db"),
        ("/var/lib/jobs.db", "/var/lib/jobs.db"),
        ("jobs.db", "jobs.db"),
    ]) func `a database URL of the predecessor names a path`(url: String, path: String) throws {
        #expect(try settings(["DATABASE_URL": url]).databasePath == path)
    }

    @Test(arguments: [
        "postgresql://db/jobs", "sqlite:///", "sqlite:///:memory:", ":memory:", "data/",
        "sqlite:///data/", "sqlite://jobs.db",
    ])
    func `a database URL without a file is a mistake`(url: String) {
        #expect(mistakes(["DATABASE_URL": url]).count == 1)
    }

    @Test(arguments: [
        "0.0.0.0", "127.0.0.1", "::", "::1", "fe80::1%eth0", "::ffff:10.0.0.1", "localhost",
        "data-server", "db_1.lan", "10.example",
    ])
    func `an address or a name is one to listen on`(host: String) throws {
        #expect(try settings(["API_HOST": host]).host == host)
    }

    @Test(arguments: [
        "999.1.1.1", "10.0.0", "1.2.3.4.5", "http://0.0.0.0", "0.0.0.0:8000", "a..b", "a b",
        "[::1]",
        "8000",
    ])
    func `what cannot be listened on is a mistake`(host: String) {
        let found = mistakes(["API_HOST": host, "API_PORT": "x"])
        #expect(found.count == 2)
        #expect(found.first?.hasPrefix("API_HOST: \"\(host)\"") == true, "\(found)")
    }

    @Test func `all mistakes are reported together, by name`() {
        let found = mistakes(
            [
                "API_PORT": "70000", "DOWNLOAD_CONCURRENCY": "many", "LOG_LEVEL": "loud",
                "TARDIS_API_URL": "ftp://x", "TELEGRAM_BOT_TOKEN": "1:abc",
            ], file: "this is no assignment\n")
        #expect(found.count == 6)
        for name in [
            ".env line 1", "API_PORT", "DOWNLOAD_CONCURRENCY", "LOG_LEVEL", "TARDIS_API_URL",
            "TELEGRAM_CHAT_ID",
        ] {
            #expect(found.contains { $0.hasPrefix(name) }, "\(name)")
        }
    }

    @Test func `a file that cannot be used is a mistake among the others`() {
        do {
            _ = try SettingsReader.settings(
                environment: ["API_PORT": "x"], file: nil, mistakes: [".env: cannot be read"])
            Issue.record("the mistakes were passed over")
        } catch {
            #expect(error.mistakes.count == 2)
            #expect(error.mistakes.first == ".env: cannot be read")
        }
    }

    @Test func `a mistake never shows a secret`() {
        let secret = "se cret-value"
        let found = mistakes([
            "API_TOKEN": secret, "TARDIS_API_KEY": secret, "TELEGRAM_BOT_TOKEN": secret,
        ])
        #expect(found.count == 4)
        #expect(!found.joined().contains("cret-value"))
    }

    @Test func `Telegram needs a token and a chat`() throws {
        let environment = ["TELEGRAM_BOT_TOKEN": "110201543:AAHdq", "TELEGRAM_CHAT_ID": "-100123"]
        #expect(try settings(environment).telegram?.chatID == "-100123")
        #expect(try settings(["TELEGRAM_CHAT_ID": "-100123"]).telegram == nil)
        #expect(mistakes(environment.merging(["TELEGRAM_CHAT_ID": "my chat"]) { $1 }).count == 1)
    }

    @Test func `what is kept is counted in days, and 0 is for ever`() throws {
        let some = try settings(["JOB_RETENTION_DAYS": "30", "FILE_RETENTION_DAYS": "365"])
        #expect(some.retention.jobDays == 30)
        #expect(some.retention.fileDays == 365)
        // Oban and rclone forget within minutes what their users come back for.
        #expect(try settings([:]).retention.jobDays == 90)
        #expect(try settings([:]).retention.fileDays == 0)
        let none = try settings(["JOB_RETENTION_DAYS": "0"])
        #expect(none.retention.jobDays == 0)
        #expect(mistakes(["JOB_RETENTION_DAYS": "-1", "FILE_RETENTION_DAYS": "x"]).count == 2)
    }

    @Test func `a base URL loses its trailing slash`() throws {
        let settings = try settings(["TARDIS_DATASETS_URL": "http://127.0.0.1:9/v1/"])
        #expect(settings.upstream.datasetsURL == "http://127.0.0.1:9/v1")
    }

    @Test func `the levels of the predecessor's day are understood`() throws {
        #expect(try settings(["LOG_LEVEL": "WARNING"]).log.level == .warning)
        #expect(try settings(["LOG_FORMAT": "JSON"]).log.format == .json)
    }

    @Test(arguments: ["API_TOKEN", "ADMIN_TOKEN"])
    func `a token that can be guessed is warned of, without the token`(name: String) throws {
        let warned = { (token: String) in
            StartUpReport.accessWarnings(try self.settings([name: token])).filter {
                $0.hasPrefix(name) && $0.contains("can be guessed") && !$0.contains(token)
            }.count
        }
        #expect(try warned("fifteen-letters") == 1)
        #expect(try warned("sixteen--letters") == 0)
    }

    @Test func `a database that is a folder is refused as one`() throws {
        let folder = TemporaryFolder()
        let error = #expect(throws: DatabaseInDoubt.self) {
            try DataFolder.claim(database: folder.path)
        }
        #expect(error.map { "\($0)" }?.contains("is a folder or a device") == true)
    }
}
