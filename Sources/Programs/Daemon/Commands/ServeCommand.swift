// The life of the service: read the settings, start, report, wait for a signal, stop.

import Concurrency
import Datasets
import Dispatch
import Glibc
import HTTPServer
import Logging
import Posix

/// Runs the service until a signal stops it.
enum ServeCommand {
    /// Requests under way have at least so long to end after SIGTERM, however short the grace of
    /// transfers is.
    private static let requestSecondsMin = 5
    /// What it takes to put transfers back and to close everything, at most; the last lines of the
    /// log have a second more (``LogSink/drainTime``).
    private static let closingSeconds = 1

    static func run() async -> Int32 {
        CrashReport.install(ServiceVersion.userAgent)
        guard let settings = ProcessEnvironment.settings() else {
            return ServiceProgram.Exit.configuration
        }
        Allocator.keepFreed()
        DescriptorLimit.raise()
        let sink: LogSink
        do {
            sink = try LogSink.standard(settings)
        } catch {
            ServiceProgram.complain(
                "Cannot write the log to \(settings.log.file ?? "") (LOG_FILE): \(error.reason). Make "
                    + "its folder, writable for the user that runs the service, or set LOG_FILE to "
                    + "another place.\n")
            return ServiceProgram.Exit.configuration
        }
        defer { sink.drain() }
        let logger = ServiceLogHandler.logger("service", settings: settings.log, sink: sink)
        let grace = max(settings.queue.shutdownGraceSeconds, requestSecondsMin)
        let hasStopped = CancellationFlag()
        let signal = TerminationSignal(
            hangUp: {
                sink.reopen { logger.info("opened LOG_FILE anew") }
            },
            firstReceived: {
                // From the signal on, also where the start itself hangs.
                endAnyway(afterSeconds: grace + closingSeconds, hasStopped, sink, logger)
            })

        let service: Service
        do {
            service = try await Service.start(settings, sink: sink)
        } catch {
            logger.critical("cannot start: \(StartUpReport.words(for: error))")
            return ServiceProgram.exitCode(for: error)
        }
        StartUpReport.log(settings, port: service.port, to: logger)
        await signal.wait()

        logger.info("stopping", metadata: ["grace_seconds": "\(grace)"])
        await service.stop(within: .seconds(grace))
        hasStopped.raise()
        logger.info("stopped")
        return ServiceProgram.Exit.success
    }

    /// Ends the process even if a part never answers, such as a disk that hangs in fsync: what was
    /// under way is put back at the next start, as after a crash.
    private static func endAnyway(
        afterSeconds seconds: Int, _ hasStopped: CancellationFlag, _ sink: LogSink, _ logger: Logger
    ) {
        DispatchQueue(label: "end anyway").asyncAfter(deadline: .now() + .seconds(seconds)) {
            if !hasStopped.isRaised { logger.error("a part did not stop in time") }
            sink.drain()
            _exit(ServiceProgram.Exit.success)
        }
    }
}

/// The first lines of the log: what is missing, then that requests are answered.
enum StartUpReport {
    static func log(_ settings: Settings, port: UInt16, to logger: Logger) {
        for warning in settings.warnings { logger.warning("\(warning)") }
        if settings.upstream.apiKey == nil {
            logger.warning(
                "TARDIS_API_KEY is not set: only the first day of each month can be downloaded")
        }
        if settings.telegram == nil {
            logger.warning(
                "TELEGRAM_BOT_TOKEN is not set: no messages are sent when jobs start, complete or fail"
            )
        }
        if settings.apiToken == nil, settings.allowedUsers.isEmpty, !isLoopback(settings.host) {
            logger.warning(
                """
                NO ACCESS CONTROL: the service listens on \(settings.host) with neither API_TOKEN nor \
                ALLOWED_USERS, so every client that reaches it can use the API key; set API_TOKEN
                """)
        }
        if let limit = FileSizeLimit.current {
            logger.warning(
                """
                files are limited to \(TextFormat.bytes(limit)) (ulimit -f): larger datasets fail, \
                and so does the database once it has come to that; raise the limit
                """)
        }
        for warning in accessWarnings(settings) { logger.warning("\(warning)") }
        logger.info(
            "listening",
            metadata: [
                "host": "\(settings.host)", "port": .stringConvertible(Int(port)),
                "version": "\(ServiceVersion.current)", "data_root": "\(settings.dataRoot)",
                "database": "\(settings.databasePath)",
            ])
    }

    /// What the settings seem to promise and do not.
    static func accessWarnings(_ settings: Settings) -> [String] {
        var warnings: [String] = []
        let lists = [
            ("ADMIN_USERS", settings.adminUsers), ("ALLOWED_USERS", settings.allowedUsers),
        ].filter { !$0.1.isEmpty }.map(\.0).joined(separator: " and ")
        if !lists.isEmpty {
            warnings.append(
                settings.apiToken == nil
                    ? "\(lists) without API_TOKEN: clients write their own names (X-Username), so "
                        + "the lists keep no client out; set API_TOKEN"
                    : "\(lists): courtesy, not access control. Clients write their own names "
                        + "(X-Username), so every client with API_TOKEN can ask in any of these "
                        + "names")
        }
        for (name, token) in [
            ("API_TOKEN", settings.apiToken), ("ADMIN_TOKEN", settings.adminToken),
        ] {
            guard let token, token.utf8.count < tokenBytesMin else { continue }
            warnings.append(
                "\(name) has fewer than \(tokenBytesMin) characters and can be guessed; make a "
                    + "longer one: openssl rand -hex 16")
        }
        var status = stat()
        if stat(settings.databasePath, &status) == 0, status.st_mode & S_IRWXO != 0 {
            warnings.append(
                "every user of this machine can open the database \(settings.databasePath), which "
                    + "holds names and addresses. Run: chmod o-rwx \(settings.databasePath)*")
        }
        return warnings
    }

    /// 64 bits even of hexadecimal digits.
    private static let tokenBytesMin = 16

    /// Why the service cannot start, with the variable to look at where a part cannot know it.
    static func words(for error: any Error) -> String {
        switch error {
        case ServerError.portTaken:
            "\(error). Is the service running already? End what listens there, or set API_PORT to "
                + "another port"
        case ServerError.unknownHost: "\(error). Set API_HOST to an address of this machine"
        default: "\(error)"
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}
