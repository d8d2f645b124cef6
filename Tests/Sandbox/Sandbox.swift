// Assembles the stand-in upstream: shared state, two listeners, start and end.

import Datasets
import Glibc
import HTTP
import HTTPServer
import Posix

/// The stand-in upstream.
struct Sandbox: Sendable {
    let faults: FaultScript
    private let settings: SandboxSettings
    private let log = RequestLog()
    private let messages = MessageBook()
    private let now: @Sendable () -> Timestamp

    init(
        settings: SandboxSettings,
        now: @escaping @Sendable () -> Timestamp = {
            Timestamp(microseconds: WallClock.microseconds)
        }
    ) {
        self.settings = settings
        self.now = now
        faults = FaultScript(settings.faults)
    }

    /// Serves until SIGTERM or SIGINT, then ends the process. Blocks the calling thread, which must
    /// be the first one.
    ///
    /// - Throws: ``ServerError`` when a port is not available.
    func run() throws -> Never {
        // Blocked before any other thread exists, so that only sigwait sees them.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)

        // Storage first: the datasets host has to know its port.
        let storage = server(.storage, port: settings.storagePort, storagePort: 0)
        let storagePort = try storage.start()
        let upstream = server(.upstream, port: settings.port, storagePort: storagePort)
        let port = try upstream.start()
        let ready = JSONText.encode(["port": port, "storage_port": storagePort])
        let line = ready + [UInt8(ascii: "\n")]
        // Unbuffered: the reader of this line waits at a pipe.
        _ = write(STDOUT_FILENO, line, line.count)

        var number: Int32 = 0
        sigwait(&signals, &number)
        // No state outlives the process, so nothing is drained.
        exit(0)
    }

    private func server(
        _ listener: SandboxRouter.Listener, port: UInt16, storagePort: UInt16
    ) -> HTTPServer {
        var options = ServerSettings()
        options.host = settings.host
        options.port = port
        return HTTPServer(
            settings: options, handler: router(listener, storagePort: storagePort))
    }

    /// The handler of a listener.
    ///
    /// - Parameter storagePort: the target of redirects to paid days.
    func router(_ listener: SandboxRouter.Listener, storagePort: UInt16) -> SandboxRouter {
        let exportedUntil: @Sendable () -> Day = { [settings, now] in
            settings.exportedUntil ?? now().day
        }
        return SandboxRouter(
            listener: listener, key: settings.key, latency: settings.latency,
            catalogue: CatalogueRoute(key: settings.key, exportedUntil: exportedUntil),
            datasets: DatasetRoute(
                key: settings.key, content: settings.content, exportedUntil: exportedUntil,
                storagePort: storagePort),
            bot: BotRoute(
                token: settings.botToken, chats: settings.chats, book: messages, now: now),
            control: ControlRoute(faults: faults, log: log, messages: messages),
            now: now)
    }
}

/// The settings of a ``Sandbox``.
struct SandboxSettings: Sendable {
    var host = "127.0.0.1"
    /// 0 takes a free one.
    var port: UInt16 = 0
    /// 0 takes a free one.
    var storagePort: UInt16 = 0
    /// The API key that is right.
    var key: String
    /// The bot token that is right; every well-formed one where `nil`.
    var botToken: String?
    /// The chats that exist; any where `nil`.
    var chats: [String]?
    var content: DatasetContent
    /// The first day that is not exported yet; today where `nil`.
    var exportedUntil: Day?
    /// Before each answer but those of the stand-in's own routes.
    var latency = Duration.zero
    var faults: [FaultRule] = []
}
