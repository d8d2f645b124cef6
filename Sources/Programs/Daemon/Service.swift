// The composition root: makes every part of the service, and starts and stops them in order.

import API
import Curl
import Datasets
import Dispatch
import HTTP
import HTTPServer
import Jobs
import Logging
import Notifiers
import Posix
import Queue
import SQLiteStore
import Tardis

/// The running service.
final class Service: Sendable {
    /// The port that it listens on.
    let port: UInt16

    private let api: DownloadAPI
    private let server: HTTPServer
    private let queue: JobQueue
    private let outbox: NotificationOutbox
    private let cleaner: Cleaner
    private let backups: BackupScheduler
    private let claim: ProcessLock
    private let store: SQLiteJobStore
    private let transfers: CurlClient
    private let messages: CurlClient
    private let background: Task<Void, Never>

    private init(_ parts: ServiceParts, port: UInt16) {
        self.port = port
        api = parts.api
        server = parts.server
        queue = parts.queue
        outbox = parts.outbox
        cleaner = parts.cleaner
        backups = parts.backups
        claim = parts.claim
        store = parts.store
        transfers = parts.transfers
        messages = parts.messages
        let (queue, outbox, sweeper) = (parts.queue, parts.outbox, parts.sweeper)
        let (cleaner, backups) = (parts.cleaner, parts.backups)
        // On a queue of its own: sweeping a large disk takes a while, and nothing waits for it.
        DispatchQueue(label: "sweep").async { sweeper.sweep() }
        background = Task {
            async let jobs: Void = queue.run()
            async let notifications: Void = outbox.run()
            async let cleaning: Void = cleaner.run()
            async let copies: Void = backups.run()
            _ = await (jobs, notifications, cleaning, copies)
        }
    }

    /// Starts everything; requests are answered when it returns.
    ///
    /// - Throws: what keeps the service from running, in words for its operator.
    static func start(_ settings: Settings, sink: LogSink) async throws -> Service {
        let parts = try await ServiceParts(settings, sink: sink)
        do {
            return Service(parts, port: try parts.server.start())
        } catch {
            parts.store.close()
            throw error
        }
    }

    /// Stops accepting, finishes requests, waits for transfers within their own grace period, puts
    /// the others back, and releases everything.
    ///
    /// - Parameter limit: for requests; after it, what is left of them is cut.
    func stop(within limit: Duration) async {
        api.endLongPolls()
        async let requests: Void = server.drain(within: limit)
        async let jobs: Void = queue.stop()
        outbox.stop()
        cleaner.stop()
        backups.stop()
        _ = await (requests, jobs)
        await background.value
        transfers.close()
        messages.close()
        store.close()
    }
}

/// Everything that the service is made of, not yet started.
struct ServiceParts {
    /// Keeps other services from the database.
    let claim: ProcessLock
    let store: SQLiteJobStore
    let limits: RuntimeLimits
    let transfers: CurlClient
    /// Telegram has a client of its own: its messages must not wait behind transfers.
    let messages: CurlClient
    let outbox: NotificationOutbox
    let queue: JobQueue
    let cleaner: Cleaner
    let api: DownloadAPI
    let backups: BackupScheduler
    let server: HTTPServer
    let sweeper: PartSweeper

    /// - Throws: what keeps a part from being made: no data root, no database.
    init(_ settings: Settings, sink: LogSink) async throws {
        func logger(_ label: String) -> Logger {
            ServiceLogHandler.logger(label, settings: settings.log, sink: sink)
        }
        let time = SystemTime()
        claim = try ServiceParts.claimFolders(settings, logger("service"))
        let root = DataRoot(settings.dataRoot, workingFolder: DataFolder.working)
        let serverSettings = ServerSettings(settings)
        store = try SQLiteJobStore(
            path: settings.databasePath,
            readers: serverSettings.loopCount + LongComputation.threadCount + 1)
        limits = RuntimeLimits(defaults: ServiceLimits(settings))
        limits.apply(try await store.limitSettings())
        transfers = CurlClient(settings: CurlSettings(limits, trust: settings.trust))
        messages = CurlClient(
            settings: CurlSettings(userAgent: ServiceVersion.userAgent, trust: settings.trust))

        let tardis = TardisSettings(settings)
        let catalogue = TardisCatalogue(
            settings: tardis, client: transfers, time: time, logger: logger("catalogue"))
        let downloader = DatasetDownloader(
            settings: tardis, root: root, client: transfers, catalogue: catalogue,
            limits: limits, facts: store, time: time, logger: logger("tardis"))
        cleaner = Cleaner(
            store: store, files: downloader.remover,
            settings: RetentionSettings(settings.retention), clock: time,
            logger: logger("retention"))
        sweeper = PartSweeper(root: root, logger: logger("tardis"))
        let channel = try await ServiceParts.channel(settings.telegram, messages, store)
        let disk = DispatchQueue(label: "disk")
        let storage = DataRootMonitor(path: settings.dataRoot, queue: disk)
        let health = HealthMonitor(
            root: storage, databaseFolder: DataFolder.parent(of: settings.databasePath),
            diskReserveBytes: Int64(settings.queue.diskReserveBytes), diskQueue: disk,
            catalogue: catalogue, channel: channel)
        outbox = NotificationOutbox(
            store: store, channel: channel == nil ? nil : health, clock: time,
            logger: logger("outbox"))
        queue = JobQueue(
            store: store, downloader: downloader, catalogue: catalogue, outbox: outbox,
            limits: limits, freeSpace: storage, clock: time,
            settings: JobQueueSettings(settings.queue), logger: logger("queue"))
        let copies = DatabaseBackups(
            of: settings.databasePath, in: settings.backupFolder, whileOpenIn: store)
        backups = BackupScheduler(
            settings, copies, outbox: outbox, clock: time, logger: logger("backup"))
        ServiceParts.watch(store, copies, outbox, logger("store"))

        api = DownloadAPI(
            APIDependencies(
                store: store, limitStore: store, runner: queue, catalogue: catalogue, time: time,
                health: health,
                authentication: AuthenticationSettings(settings), dataRoot: root,
                leavesRoot: { await storage.isLeft(by: $0) },
                filesMax: settings.queue.filesPerJobMax, limits: limits,
                version: ServiceVersion.current, submitted: { [queue] in queue.wake(for: $0) },
                logger: logger("api")))
        server = HTTPServer(
            settings: serverSettings, handler: api, observer: AccessLog(settings.log, sink: sink))
    }

    /// Makes sure that the folders are there, and that no other service has the database.
    private static func claimFolders(
        _ settings: Settings, _ logger: Logger
    ) throws -> ProcessLock {
        _ = try DataFolder.open(settings.dataRoot)
        _ = try DataFolder.openParent(ofDatabase: settings.databasePath)
        let claim = try DataFolder.claim(settings)
        for warning in try DataFolder.warningsOfNewDatabase(settings) {
            logger.warning("\(warning)")
        }
        return claim
    }

    /// Notifies the team when the database file was moved or removed, and saves the open content.
    private static func watch(
        _ store: SQLiteJobStore, _ copies: DatabaseBackups, _ outbox: NotificationOutbox,
        _ logger: Logger
    ) {
        store.whenDatabaseMoves { reason in
            logger.critical("the database is gone from its place", metadata: ["error": "\(reason)"])
            Task {
                var text = reason
                do {
                    let path = try await copies.save(store, at: SystemTime().now)
                    logger.critical(
                        "what the service has open was saved as a backup",
                        metadata: ["backup": "\(path)"])
                    text += " Its content was saved as a backup."
                } catch {
                    logger.error(
                        "what the service has open could not be saved",
                        metadata: ["error": "\(error)"])
                }
                await outbox.announce(ServiceAlert(.databaseMoved, text))
            }
        }
    }

    /// The team's chat, which may have moved since it was configured.
    private static func channel(
        _ settings: Settings.Telegram?, _ client: CurlClient, _ store: SQLiteJobStore
    ) async throws -> TelegramNotifier? {
        guard let settings else { return nil }
        // Kept under the configured id: configuring another chat forgets where the old one moved
        // to.
        let key = "telegram_chat_moved_from_\(settings.chatID)"
        let chatID = try await store.value(for: key) ?? settings.chatID
        return TelegramNotifier(
            client: client, settings: TelegramSettings(settings, chatID: chatID)
        ) { newID in
            // Telegram names the new chat again at the next message, should this be lost.
            try? await store.set(newID, for: key)
        }
    }
}

extension ServiceVersion {
    /// How the service introduces itself to Tardis and Telegram.
    static let userAgent = "download-service/\(current)"
}

/// The machine's wall clock, and real waiting.
struct SystemTime: Timekeeping {
    var now: Timestamp { Timestamp(microseconds: WallClock.microseconds) }

    /// Longer than anything waits for; the runtime counts nanoseconds in 64 bits.
    private static let longest = Duration.seconds(366 * 86_400)

    func sleep(for duration: Duration) async throws {
        let span = min(max(duration, .zero), SystemTime.longest)
        try await Task.sleep(for: span, tolerance: nil, clock: .continuous)
    }
}
