// The names and ranges of all variables. All mistakes are reported together, by name.

import Curl
import Jobs
import Logging

/// What is wrong with the configuration: one sentence per mistake, secrets left out.
struct SettingsError: Error, Sendable {
    let mistakes: [String]
}

/// Reads ``Settings`` from the environment and `.env`.
enum SettingsReader {
    /// Variables whose values are never shown.
    static let secretNames: Set<String> = [
        "ADMIN_TOKEN", "API_TOKEN", "TARDIS_API_KEY", "TELEGRAM_BOT_TOKEN",
    ]

    /// No machine holds that many connections; more would be a mistake.
    private static let connectionsRange = 1...1_000_000
    /// As far as the server's wheel of deadlines and an operator's patience reach.
    private static let secondsRange = 1...3_600

    /// - Parameters:
    ///   - environment: the process's variables, names in any case.
    ///   - file: the content of `.env`, `nil` without one. The environment wins.
    ///   - mistakes: those found on the way here, reported with the others.
    static func settings(
        environment: [String: String], file: String?, mistakes: [String] = []
    ) throws(SettingsError) -> Settings {
        var reader = EnvironmentReader(
            environment: environment, file: file, secrets: secretNames, mistakes: mistakes)
        let settings = read(from: &reader)
        guard reader.mistakes.isEmpty else { throw SettingsError(mistakes: reader.mistakes) }
        return settings
    }

    /// All settings; the reader has the mistakes.
    static func read(from reader: inout EnvironmentReader) -> Settings {
        var settings = Settings()
        readServer(into: &settings, from: &reader)
        readLimits(into: &settings.server, from: &reader)
        readUpstream(into: &settings.upstream, from: &reader)
        readQueue(into: &settings.queue, from: &reader)
        readRetention(into: &settings.retention, from: &reader)
        readBackups(into: &settings.backups, from: &reader)
        settings.telegram = telegram(from: &reader)
        settings.trust = trust(from: &reader)
        checkProxies(from: &reader)
        readLog(into: &settings.log, from: &reader)
        settings.warnings = reader.warnings
        return settings
    }

    private static func readServer(
        into settings: inout Settings, from reader: inout EnvironmentReader
    ) {
        settings.host = host(from: &reader) ?? settings.host
        settings.port = UInt16(
            reader.wholeNumber("API_PORT", in: 0...65_535, default: Int(settings.port)))
        settings.apiToken = headerSafe("API_TOKEN", from: &reader)
        settings.adminToken = headerSafe("ADMIN_TOKEN", from: &reader)
        if let token = settings.adminToken, token == settings.apiToken {
            reader.report(
                "ADMIN_TOKEN", "is the same as API_TOKEN, so that every user is an administrator")
        }
        settings.allowedHosts = hosts(from: &reader)
        settings.allowedUsers = reader.list("ALLOWED_USERS")
        settings.adminUsers = reader.list("ADMIN_USERS")
        settings.dataRoot = dataRoot(from: &reader) ?? settings.dataRoot
        settings.databasePath = reader.databasePath("DATABASE_URL") ?? settings.databasePath
    }

    /// Short enough that every folder below it fits a job's record.
    private static func dataRoot(from reader: inout EnvironmentReader) -> String? {
        guard let path = reader.path("DEFAULT_OUTPUT_PATH") else { return nil }
        guard path.unicodeScalars.count <= DataRoot.charactersMax else {
            reader.report(
                "DEFAULT_OUTPUT_PATH", "has more than \(DataRoot.charactersMax) characters")
            return nil
        }
        return path
    }

    private static func readLimits(
        into server: inout Settings.Server, from reader: inout EnvironmentReader
    ) {
        reader.readNumber(
            "HTTP_CONNECTIONS_MAX", in: connectionsRange, into: &server.connectionsMax)
        if reader.text("HTTP_CONNECTIONS_PER_ADDRESS_MAX") != nil {
            server.connectionsPerAddressMax = reader.wholeNumber(
                "HTTP_CONNECTIONS_PER_ADDRESS_MAX", in: 0...connectionsRange.upperBound, default: 0)
        }
        reader.readNumber(
            "HTTP_REQUESTS_PER_CONNECTION_MAX", in: 1...1_000_000_000,
            into: &server.requestsPerConnectionMax)
        // Below, some browsers' requests would not fit; above, the memory of one request would be
        // felt.
        reader.readNumber(
            "HTTP_HEADER_BYTES_MAX", in: 1_024...1_048_576, into: &server.headerBytesMax)
        reader.readNumber("HTTP_BODY_BYTES_MAX", in: 1_024...67_108_864, into: &server.bodyBytesMax)
        // Below, a few clients could keep each other from sending.
        reader.readNumber(
            "HTTP_UNFINISHED_BYTES_MAX", in: 1_048_576...1_099_511_627_776,
            into: &server.unfinishedBytesMax)
        // Below, a few large answers could keep each other from being sent.
        reader.readNumber(
            "HTTP_UNSENT_BYTES_MAX", in: 16_777_216...1_099_511_627_776,
            into: &server.unsentBytesMax)
        reader.readNumber("HTTP_BODY_RATE_MIN", in: 1...1_000_000, into: &server.bodyRateMin)
        reader.readNumber(
            "HTTP_FIRST_BYTE_TIMEOUT", in: secondsRange, into: &server.firstByteTimeoutSeconds)
        reader.readNumber("HTTP_HEAD_TIMEOUT", in: secondsRange, into: &server.headTimeoutSeconds)
        reader.readNumber("HTTP_BODY_TIMEOUT", in: secondsRange, into: &server.bodyTimeoutSeconds)
        reader.readNumber("HTTP_WRITE_TIMEOUT", in: secondsRange, into: &server.writeTimeoutSeconds)
        reader.readNumber("HTTP_IDLE_TIMEOUT", in: secondsRange, into: &server.idleTimeoutSeconds)
    }

    private static func readUpstream(
        into upstream: inout Settings.Upstream, from reader: inout EnvironmentReader
    ) {
        upstream.apiKey = headerSafe("TARDIS_API_KEY", from: &reader)
        upstream.datasetsURL = reader.baseURL("TARDIS_DATASETS_URL", default: upstream.datasetsURL)
        upstream.apiURL = reader.baseURL("TARDIS_API_URL", default: upstream.apiURL)
        upstream.allowedNetworks = reader.networks("UPSTREAM_ALLOWED_NETWORKS")
        reader.readNumber("STALL_TIMEOUT", in: 1...3_600, into: &upstream.stallTimeoutSeconds)
        reader.readNumber(
            "UPSTREAM_REQUESTS_PER_SECOND_MAX", in: ServiceLimit.requestsPerSecond.range,
            into: &upstream.requestsPerSecondMax)
        upstream.bytesPerSecondMax = reader.bytes(
            "UPSTREAM_BYTES_PER_SECOND_MAX", atMost: ServiceLimit.bytesPerSecond.range.upperBound,
            default: upstream.bytesPerSecondMax)
    }

    private static func readQueue(
        into queue: inout Settings.Queue, from reader: inout EnvironmentReader
    ) {
        reader.readNumber(
            "DOWNLOAD_CONCURRENCY", in: ServiceLimit.transfers.range,
            into: &queue.downloadConcurrency)
        reader.readNumber(
            "MAX_RUNNING_JOBS", in: ServiceLimit.runningJobs.range, into: &queue.runningJobsMax)
        reader.readNumber("MAX_FILES_PER_JOB", in: 1...1_000_000, into: &queue.filesPerJobMax)
        reader.readNumber("USER_QUEUED_JOBS_MAX", in: 0...1_000_000, into: &queue.userQueuedJobsMax)
        reader.readNumber(
            "USER_FILES_PER_DAY_MAX", in: 0...1_000_000_000, into: &queue.userFilesPerDayMax)
        reader.readNumber(
            "USER_SUBMISSIONS_PER_MINUTE_MAX", in: ServiceLimit.userSubmissionsPerMinute.range,
            into: &queue.userSubmissionsPerMinuteMax)
        reader.readNumber(
            "USER_COMMANDS_PER_MINUTE_MAX", in: ServiceLimit.userCommandsPerMinute.range,
            into: &queue.userCommandsPerMinuteMax)
        reader.readNumber(
            "USER_VERIFICATIONS_PER_MINUTE_MAX", in: ServiceLimit.userVerificationsPerMinute.range,
            into: &queue.userVerificationsPerMinuteMax)
        reader.readNumber("RETRY_BASE_SECONDS", in: 0...3_600, into: &queue.retryBaseSeconds)
        reader.readNumber("RETRY_MAX_ATTEMPTS", in: 1...1_000, into: &queue.retryAttemptsMax)
        queue.diskReserveBytes = reader.bytes("DISK_RESERVE", default: queue.diskReserveBytes)
        reader.readNumber("CRASHES_MAX", in: 1...1_000, into: &queue.crashesMax)
        reader.readNumber("SHUTDOWN_GRACE", in: 0...3_600, into: &queue.shutdownGraceSeconds)
    }

    private static func trust(from reader: inout EnvironmentReader) -> CertificateTrust {
        var paths: [String: String] = [:]
        for name in ["TLS_CA_FILE", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
            paths[name] = reader.path(name)
        }
        let found = paths
        return CertificateTrust(variable: { found[$0] }, report: { reader.report($0, $1) })
    }

    private static func readLog(into log: inout Settings.Log, from reader: inout EnvironmentReader)
    {
        log.level = reader.choice("LOG_LEVEL", default: log.level)
        log.format = reader.choice("LOG_FORMAT", default: log.format)
        log.file = reader.path("LOG_FILE")
        log.fileBytesMax = reader.bytes("LOG_FILE_BYTES_MAX", default: log.fileBytesMax)
        if (1..<65_536).contains(log.fileBytesMax) {
            reader.report("LOG_FILE_BYTES_MAX", "is less than 64KiB; 0 sets no bound")
        }
        reader.readNumber("LOG_FILES_KEEP", in: 0...1_000, into: &log.filesKeep)
    }

    private static func readBackups(
        into backups: inout Settings.Backups, from reader: inout EnvironmentReader
    ) {
        reader.readNumber("BACKUP_INTERVAL_HOURS", in: 0...8_760, into: &backups.intervalHours)
        reader.readNumber("BACKUP_KEEP", in: 1...1_000, into: &backups.keep)
        backups.folder = reader.path("BACKUP_FOLDER")
    }

    private static func readRetention(
        into retention: inout Settings.Retention, from reader: inout EnvironmentReader
    ) {
        // A century.
        reader.readNumber("JOB_RETENTION_DAYS", in: 0...36_500, into: &retention.jobDays)
        reader.readNumber("FILE_RETENTION_DAYS", in: 0...36_500, into: &retention.fileDays)
    }

    /// Nothing without a token. With one, a chat must be named too: a bot that knows no chat stays
    /// silent, and the team would take the silence for good news.
    private static func telegram(from reader: inout EnvironmentReader) -> Settings.Telegram? {
        let url = reader.baseURL("TELEGRAM_API_URL", default: "https://api.telegram.org")
        let chat = reader.text("TELEGRAM_CHAT_ID")
        guard let token = reader.secret("TELEGRAM_BOT_TOKEN") else { return nil }
        let isToken = token.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
                || ":_-".utf8.contains(byte)
        }
        let number = token.prefix { $0 != ":" }
        if !isToken || !token.contains(":") || number.isEmpty
            || !number.allSatisfy({ $0.isASCII && $0.isNumber })
        {
            reader.report(
                "TELEGRAM_BOT_TOKEN", "does not look like a token from @BotFather (digits:letters)")
        }
        guard let chat else {
            reader.report(
                "TELEGRAM_CHAT_ID", "is missing; set the id of the chat that the bot writes to")
            return nil
        }
        let isChannel =
            chat.count > 1 && chat.hasPrefix("@") && chat.dropFirst().utf8.allSatisfy(isNameByte)
        guard Int64(chat) != nil || isChannel else {
            reader.report(
                "TELEGRAM_CHAT_ID", "is neither a number, such as -1001234567890, nor a @channel")
            return nil
        }
        return Settings.Telegram(apiURL: url, botToken: token, chatID: chat)
    }

    /// An address, or a name that may have one; whether it does is found out when listening.
    private static func host(from reader: inout EnvironmentReader) -> String? {
        guard let text = reader.text("API_HOST") else { return nil }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isAddress = labels.count == 4 && labels.allSatisfy { UInt8($0) != nil }
        // The last part of a name is no number (RFC 1123 §2.1): 10.0.0 and 10.0.0.256 are neither.
        let isName =
            labels.allSatisfy { label in
                !label.isEmpty && label.utf8.allSatisfy(isNameByte)
            } && labels.last?.contains { $0.isLetter } == true
        let isIPv6 =
            text.count { $0 == ":" } >= 2
            && text.prefix { $0 != "%" }.allSatisfy { $0.isHexDigit || ":.".contains($0) }
        guard isAddress || isName || isIPv6 else {
            reader.report(
                "API_HOST", "\"\(text)\" is neither an address, such as 0.0.0.0 or ::, nor a name")
            return nil
        }
        return text
    }

    /// Names without scheme, port and path.
    private static func hosts(from reader: inout EnvironmentReader) -> [String] {
        let hosts = reader.list("ALLOWED_HOSTS")
        for host in hosts where !host.utf8.allSatisfy({ isNameByte($0) || $0 == UInt8(ascii: ".") })
        {
            reader.report(
                "ALLOWED_HOSTS",
                "\"\(host)\" is no host name; write it as in tardis.example.org, without http://, "
                    + "port and path")
        }
        return hosts
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
            || "-_".utf8.contains(byte)
    }

    /// libcurl reads these by itself, and takes literally what it does not understand.
    private static func checkProxies(from reader: inout EnvironmentReader) {
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
            guard let text = reader.values[name] else { continue }
            do throws(ValueProblem) {
                try name == "NO_PROXY" ? ProxyValue.checkNames(text) : ProxyValue.check(text)
            } catch {
                reader.report(name, error.words)
            }
        }
    }

    /// A secret that will stand in a header line: visible ASCII only.
    private static func headerSafe(_ name: String, from reader: inout EnvironmentReader) -> String?
    {
        guard let text = reader.secret(name) else { return nil }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            reader.report(name, "holds spaces or characters that cannot stand in a header")
            return nil
        }
        return text
    }
}
