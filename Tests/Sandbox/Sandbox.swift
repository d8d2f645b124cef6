// Puts the stand-in together: shared state, two listeners, start and end. It must not know
// command-line options.

import Datasets
import Glibc
import HTTP
import HTTPServer
import Posix

/// The running stand-in.
struct Sandbox: Sendable {
    let settings: SandboxSettings
    private let faults: FaultScript
    private let log = RequestLog()
    private let messages = MessageBook()

    init(settings: SandboxSettings) {
        self.settings = settings
        faults = FaultScript(settings.faults)
    }

    /// Serves until SIGTERM or SIGINT, then ends the process. Occupies the calling thread, which
    /// must be the first one.
    ///
    /// - Throws: ``ServerError`` when a port cannot be had.
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
        // Unbuffered: who waits for this line reads a pipe.
        _ = write(STDOUT_FILENO, line, line.count)

        var number: Int32 = 0
        sigwait(&signals, &number)
        // Nothing here outlives the process, so nothing has to be put in order.
        exit(0)
    }

    private func server(
        _ listener: SandboxRouter.Listener, port: UInt16, storagePort: UInt16
    ) -> HTTPServer {
        var options = ServerSettings()
        options.host = settings.host
        options.port = port
        return HTTPServer(
            settings: options, handler: door(listener, storagePort: storagePort))
    }

    private func door(_ listener: SandboxRouter.Listener, storagePort: UInt16) -> SandboxRouter {
        let exportedUntil: @Sendable () -> Day = { [settings] in
            settings.exportedUntil ?? Sandbox.now().day
        }
        return SandboxRouter(
            listener: listener, key: settings.key, latency: settings.latency,
            catalogue: CatalogueRoute(key: settings.key, exportedUntil: exportedUntil),
            datasets: DatasetRoute(
                key: settings.key, content: settings.content, exportedUntil: exportedUntil,
                storagePort: storagePort),
            bot: BotRoute(
                token: settings.botToken, chats: settings.chats, book: messages, now: Sandbox.now),
            control: ControlRoute(faults: faults, log: log, messages: messages),
            now: Sandbox.now)
    }

    private static func now() -> Timestamp { Timestamp(microseconds: WallClock.microseconds) }
}
