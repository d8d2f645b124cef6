// Everything about the service that can be set, typed and with its defaults: what it does without
// any configuration at all. `SettingsReader` fills it from variables.

import Curl
import Logging

/// The service's settings. `.env.example` and README describe the same variables for people.
struct Settings: Sendable {
    /// `API_HOST`: the address to listen on.
    var host = "0.0.0.0"
    /// `API_PORT`: 0 takes any free port.
    var port: UInt16 = 8000
    /// `API_TOKEN`: what `X-API-Token` must hold; `nil` asks for none.
    var apiToken: String?
    /// `ADMIN_TOKEN`: what an administrator sends as `X-API-Token`; `nil` lets the names of
    /// `ADMIN_USERS` decide.
    var adminToken: String?
    /// `ALLOWED_HOSTS`: names that the service is asked by, besides those that cannot be
    /// registered.
    var allowedHosts: [String] = []
    /// `ALLOWED_USERS`: who may use the service; empty lets everybody.
    var allowedUsers: [String] = []
    /// `ADMIN_USERS`: who may act on jobs of others and change limits.
    var adminUsers: [String] = []

    /// `DATABASE_URL`: the path of the database file.
    var databasePath = "data/downloads.db"
    /// `DEFAULT_OUTPUT_PATH`: the data root. Nothing is ever written outside it.
    var dataRoot = "./datasets"

    var server = Server()
    var upstream = Upstream()
    var queue = Queue()
    var retention = Retention()
    var backups = Backups()
    var telegram: Telegram?
    /// `TLS_CA_FILE`, `SSL_CERT_FILE`, `SSL_CERT_DIR`: certificates believed besides the system's.
    var trust = CertificateTrust()
    var log = Log()
    /// What to say at the start of variables and `.env`, in sentences without any value.
    var warnings: [String] = []

    /// What clients may take of the server. Defaults as in `HTTPServer`'s own settings, which give
    /// their reasons.
    struct Server: Sendable {
        /// `HTTP_CONNECTIONS_MAX`: connections at once.
        var connectionsMax = 16_384
        /// `HTTP_CONNECTIONS_PER_ADDRESS_MAX`: connections of one client address at once; 0 sets no
        /// bound, `nil` is three quarters of all.
        var connectionsPerAddressMax: Int?
        /// `HTTP_REQUESTS_PER_CONNECTION_MAX`: after so many a connection is closed.
        var requestsPerConnectionMax = 1_000_000
        /// `HTTP_HEADER_BYTES_MAX`: the longest header section, in bytes.
        var headerBytesMax = 32_768
        /// `HTTP_BODY_BYTES_MAX`: the longest body, in bytes.
        var bodyBytesMax = 1_048_576
        /// `HTTP_UNFINISHED_BYTES_MAX`: what all requests without an answer may hold, in bytes.
        var unfinishedBytesMax = 67_108_864
        /// `HTTP_UNSENT_BYTES_MAX`: what all answers that clients do not take may hold, in bytes.
        var unsentBytesMax = 268_435_456
        /// `HTTP_FIRST_BYTE_TIMEOUT`, in seconds: from connecting to the first byte.
        var firstByteTimeoutSeconds = 10
        /// `HTTP_HEAD_TIMEOUT`, in seconds: from a request's first byte to the end of its head.
        var headTimeoutSeconds = 10
        /// `HTTP_BODY_TIMEOUT`, in seconds: from there to the end of its body.
        var bodyTimeoutSeconds = 300
        /// `HTTP_BODY_RATE_MIN`, in bytes per second: the slowest body.
        var bodyRateMin = 240
        /// `HTTP_WRITE_TIMEOUT`, in seconds: how long a client may read nothing of its answer.
        var writeTimeoutSeconds = 30
        /// `HTTP_IDLE_TIMEOUT`, in seconds: how long a connection may stay open between requests.
        var idleTimeoutSeconds = 75
    }

    /// Where datasets come from.
    struct Upstream: Sendable {
        /// `TARDIS_API_KEY`: without it only the first day of each month can be downloaded.
        var apiKey: String?
        /// `TARDIS_DATASETS_URL`
        var datasetsURL = "https://datasets.tardis.dev/v1"
        /// `TARDIS_API_URL`: the catalogue.
        var apiURL = "https://api.tardis.dev/v1"
        /// `UPSTREAM_ALLOWED_NETWORKS`: networks that are not public where redirects may lead.
        var allowedNetworks: [AddressNetwork] = []
        /// `STALL_TIMEOUT`, in seconds: a transfer that brings nothing for so long is started
        /// again.
        var stallTimeoutSeconds = 60
        /// `UPSTREAM_REQUESTS_PER_SECOND_MAX`: requests for datasets; 0 for no limit.
        var requestsPerSecondMax = 0
        /// `UPSTREAM_BYTES_PER_SECOND_MAX`: of datasets, over all transfers; 0 for no limit.
        var bytesPerSecondMax = 0
    }

    /// How much is done at once, and how often it is tried.
    struct Queue: Sendable {
        /// `DOWNLOAD_CONCURRENCY`: files in transfer at once, over all jobs together.
        var downloadConcurrency = 16
        /// `MAX_RUNNING_JOBS`: jobs that take turns; the others wait.
        var runningJobsMax = 4
        /// `MAX_FILES_PER_JOB`: a request for more is refused.
        var filesPerJobMax = 100_000
        /// `USER_QUEUED_JOBS_MAX`: jobs of one user that have not ended; 0 sets no bound.
        var userQueuedJobsMax = 1_000
        /// `USER_FILES_PER_DAY_MAX`: files that one user may ask for in a day (UTC); 0 sets no
        /// bound.
        var userFilesPerDayMax = 0
        /// `USER_SUBMISSIONS_PER_MINUTE_MAX`: 0 sets no bound, as the following.
        var userSubmissionsPerMinuteMax = 300
        /// `USER_COMMANDS_PER_MINUTE_MAX`: cancel, retry, pause, resume, change.
        var userCommandsPerMinuteMax = 600
        /// `USER_VERIFICATIONS_PER_MINUTE_MAX`
        var userVerificationsPerMinuteMax = 60
        /// `RETRY_BASE_SECONDS`: the first back-off, doubled from attempt to attempt.
        var retryBaseSeconds = 2
        /// `RETRY_MAX_ATTEMPTS`: after so many attempts a file has failed.
        var retryAttemptsMax = 12
        /// `DISK_RESERVE`, in bytes: downloads pause while less is free; 0 for never.
        var diskReserveBytes = 1 << 30
        /// `CRASHES_MAX`: after so many crashes in a row with a file in work it is given up.
        var crashesMax = 5
        /// `SHUTDOWN_GRACE`, in seconds: how long transfers may go on after SIGTERM.
        var shutdownGraceSeconds = 10
    }

    /// Copies of the database.
    struct Backups: Sendable {
        /// `BACKUP_INTERVAL_HOURS`: 0 for never.
        var intervalHours = 24
        /// `BACKUP_KEEP`: the newest ones that stay.
        var keep = 7
        /// `BACKUP_FOLDER`; `nil` is `backups` beside the database.
        var folder: String?
    }

    /// Where backups go.
    var backupFolder: String {
        if let folder = backups.folder { return folder }
        guard let slash = databasePath.lastIndex(of: "/") else { return "backups" }
        return databasePath[...slash] + "backups"
    }

    /// How long what has ended is kept.
    struct Retention: Sendable {
        /// `JOB_RETENTION_DAYS`: days after its end that a job is removed; 0 for never.
        var jobDays = 90
        /// `FILE_RETENTION_DAYS`: days after its job's end that a published file is removed, with
        /// the job; 0 for never.
        var fileDays = 0
    }

    /// The team's chat.
    struct Telegram: Sendable {
        /// `TELEGRAM_API_URL`
        var apiURL = "https://api.telegram.org"
        /// `TELEGRAM_BOT_TOKEN`
        var botToken: String
        /// `TELEGRAM_CHAT_ID`: a number, negative for groups, or `@channel`.
        var chatID: String
    }

    struct Log: Sendable {
        /// `LOG_LEVEL`
        var level = Logger.Level.info
        /// `LOG_FORMAT`
        var format = LogFormat.text
        /// `LOG_FILE`: lines go here too, besides standard error; `nil` for standard error alone.
        var file: String?
        /// `LOG_FILE_BYTES_MAX`, in bytes: a larger file is moved to `PATH.1`; 0 for never.
        var fileBytesMax = 32 << 20
        /// `LOG_FILES_KEEP`: so many moved files stay.
        var filesKeep = 5
    }

    /// The values that no log line, answer or error may ever hold.
    var secrets: [String] {
        [apiToken, adminToken, upstream.apiKey, telegram?.botToken].compactMap { $0 }
    }
}
