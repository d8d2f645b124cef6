// The settings of each part, made from those of the service: the only conversion of units.

import API
import Curl
import HTTP
import HTTPServer
import Jobs
import Logging
import Notifiers
import Queue
import SQLiteStore
import Tardis

extension ServerSettings {
    /// Fields of every answer (OWASP Secure Headers): nothing is cached, sniffed, framed or loaded
    /// from elsewhere. The documentation's page has a policy of its own.
    private static let securityHeaders = [
        (name: "X-Content-Type-Options", value: "nosniff"),
        (
            name: "Content-Security-Policy",
            value: "default-src 'none'; frame-ancestors 'none'"
        ),
        (name: "X-Frame-Options", value: "DENY"),
        (name: "Referrer-Policy", value: "no-referrer"),
        (name: "Cross-Origin-Resource-Policy", value: "same-origin"),
        (name: "Cache-Control", value: "no-store"),
    ]

    init(_ settings: Settings) {
        self.init()
        host = settings.host
        port = settings.port
        commonHeaders = ServerSettings.securityHeaders
        let server = settings.server
        connectionMax = server.connectionsMax
        connectionsPerAddressMax = server.connectionsPerAddressMax
        unfinishedBytesMax = server.unfinishedBytesMax
        unsentBytesMax = server.unsentBytesMax
        limits.requestsPerConnectionMax = server.requestsPerConnectionMax
        limits.headerBytesMax = server.headerBytesMax
        limits.bodyBytesMax = server.bodyBytesMax
        timeouts.firstByte = .seconds(server.firstByteTimeoutSeconds)
        timeouts.head = .seconds(server.headTimeoutSeconds)
        timeouts.body = .seconds(server.bodyTimeoutSeconds)
        timeouts.bodyBytesPerSecondMin = server.bodyRateMin
        timeouts.writeStall = .seconds(server.writeTimeoutSeconds)
        timeouts.idle = .seconds(server.idleTimeoutSeconds)
    }
}

extension CurlSettings {
    /// The client of all transfers, which obeys the limits as they are at the moment.
    init(_ limits: RuntimeLimits, trust: CertificateTrust) {
        // Some connections more than there can ever be transfers: the catalogue has its own.
        let connections = ServiceLimit.transfers.range.upperBound + 8
        self.init(
            connectionsMax: connections, connectionsPerHostMax: connections,
            userAgent: ServiceVersion.userAgent, trust: trust,
            rates: { TransferRates(limits.current) })
    }
}

extension TransferRates {
    init(_ limits: ServiceLimits) {
        self.init(
            requestsPerSecondMax: limits.requestsPerSecond == 0 ? nil : limits.requestsPerSecond,
            bytesPerSecondMax: limits.bytesPerSecond == 0 ? nil : limits.bytesPerSecond)
    }
}

extension TardisSettings {
    init(_ settings: Settings) {
        let upstream = settings.upstream
        self.init(
            datasetsURL: upstream.datasetsURL, apiURL: upstream.apiURL, apiKey: upstream.apiKey,
            allowedNetworks: upstream.allowedNetworks,
            stallTimeout: .seconds(upstream.stallTimeoutSeconds),
            retryBase: .seconds(settings.queue.retryBaseSeconds),
            diskReserveBytes: Int64(settings.queue.diskReserveBytes))
    }
}

extension AuthenticationSettings {
    init(_ settings: Settings) {
        self.init(
            token: settings.apiToken, allowedUsers: settings.allowedUsers,
            adminUsers: settings.adminUsers, adminToken: settings.adminToken,
            hosts: settings.allowedHosts + [settings.host] + MachineNames.all)
    }
}

extension ServiceLimits {
    init(_ settings: Settings) {
        self.init(
            transfers: settings.queue.downloadConcurrency,
            runningJobs: settings.queue.runningJobsMax,
            requestsPerSecond: settings.upstream.requestsPerSecondMax,
            bytesPerSecond: settings.upstream.bytesPerSecondMax,
            userQueuedJobs: settings.queue.userQueuedJobsMax,
            userFilesPerDay: settings.queue.userFilesPerDayMax)
        userSubmissionsPerMinute = settings.queue.userSubmissionsPerMinuteMax
        userCommandsPerMinute = settings.queue.userCommandsPerMinuteMax
        userVerificationsPerMinute = settings.queue.userVerificationsPerMinuteMax
    }
}

extension JobQueueSettings {
    init(_ settings: Settings.Queue) {
        self.init(
            filesPerJobMax: settings.filesPerJobMax,
            retry: RetryPolicy(
                base: .seconds(settings.retryBaseSeconds), attemptsMax: settings.retryAttemptsMax),
            diskReserveBytes: Int64(settings.diskReserveBytes),
            crashesMax: settings.crashesMax,
            shutdownGrace: .seconds(settings.shutdownGraceSeconds))
    }
}

extension RetentionSettings {
    init(_ settings: Settings.Retention) {
        self.init(
            jobDays: settings.jobDays, fileDays: settings.fileDays > 0 ? settings.fileDays : nil)
    }
}

extension TelegramSettings {
    init(_ settings: Settings.Telegram, chatID: String) {
        self.init(apiURL: settings.apiURL, botToken: settings.botToken, chatID: chatID)
    }
}

extension BackupScheduler {
    convenience init(
        _ settings: Settings, _ backups: DatabaseBackups, outbox: NotificationOutbox,
        clock: any Timekeeping, logger: Logger
    ) {
        self.init(
            backups: backups,
            outbox: outbox, interval: .seconds(3_600 * settings.backups.intervalHours),
            keep: settings.backups.keep, clock: clock, logger: logger)
    }
}
