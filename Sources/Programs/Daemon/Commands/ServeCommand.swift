// The life of the service: settings, start, wait for the operator, stop. It must not know what it
// is made of.

import Dispatch
import Glibc
import Logging
import Posix
import Synchronization

/// Runs the service until it is told to stop.
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
        let hasStopped = StopFlag()
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
            return ServiceProgram.Exit.failure
        }
        StartUpReport.log(settings, port: service.port, to: logger)
        await signal.wait()

        logger.info("stopping", metadata: ["grace_seconds": "\(grace)"])
        await service.stop(within: .seconds(grace))
        hasStopped.set()
        logger.info("stopped")
        return ServiceProgram.Exit.success
    }

    /// Ends the process even if a part never answers, such as a disk that hangs in fsync: what was
    /// under way is put back at the next start, as after a crash.
    private static func endAnyway(
        afterSeconds seconds: Int, _ hasStopped: StopFlag, _ sink: LogSink, _ logger: Logger
    ) {
        DispatchQueue(label: "end anyway").asyncAfter(deadline: .now() + .seconds(seconds)) {
            if !hasStopped.isSet { logger.error("a part did not stop in time") }
            sink.drain()
            _exit(ServiceProgram.Exit.success)
        }
    }
}

/// Whether the service has stopped and only its log is left to write.
private final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}
