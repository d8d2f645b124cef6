// The real queue, store and downloader against the real stand-in upstream, in virtual time: what
// the tests of this folder work at.

import Curl
import Datasets
import HTTP
import HTTPServer
import Jobs
import Logging
import Queue
import SQLiteStore
import Synchronization
import Tardis
import TestSupport

@testable import tardis_sandbox

/// An installation without its daemon. The clock of queue, outbox and upstream is virtual; bytes go
/// through real sockets, files and transactions, while it stands still.
struct FaultBench: Sendable {
    static let key = "TD.fault-matrix-key"

    let time: VirtualTime
    let folder = TemporaryFolder()
    let begin: Timestamp
    let upstream: FaultyUpstream
    var tardis: TardisSettings
    var queue = JobQueueSettings(retry: RetryPolicy(attemptsMax: 3))
    /// Below the data root.
    var outputPath = ""
    var limits = RuntimeLimits(defaults: ServiceLimits(transfers: 8))
    let attempts = AttemptLog()
    let channel: InstantChannel

    /// - Parameter rows: of each file that the upstream has.
    init(_ time: VirtualTime, faults: [FaultRule] = [], rows: Int = 400) throws {
        self.time = time
        begin = time.now
        upstream = try FaultyUpstream(time, faults: faults, rows: rows)
        channel = InstantChannel()
        tardis = TardisSettings(
            datasetsURL: upstream.url, apiURL: upstream.url, apiKey: FaultBench.key,
            stallTimeout: .seconds(20))
    }

    /// The data root.
    var root: String { folder.path("datasets") }

    /// Runs a queue and its outbox on the store while the body lasts, then stops both.
    func running<Value: Sendable>(
        _ body: (JobQueue, any ServiceStore) async throws -> Value
    ) async throws -> Value {
        let database = try SQLiteJobStore(path: folder.path("jobs.db"), readers: 2)
        let store = TimelessStore(store: database, time: time)
        let client = CurlClient()
        let downloader = TimelessDownloader(
            downloader: DatasetDownloader(
                settings: tardis, root: DataRoot(root), client: client,
                catalogue: FaultCatalogue(), limits: limits, time: time, logger: silentLogger),
            time: time, log: attempts)
        defer {
            client.close()
            database.close()
        }
        return try await withQueue(
            on: store, time, downloader, channel, limits: limits, settings: queue
        ) { try await body($0, store) }
    }

    /// Submits a request for trades of BTCUSDT unless it says otherwise.
    func submit(
        to queue: JobQueue, _ store: any ServiceStore, symbols: [String] = ["BTCUSDT"],
        from start: String, to end: String? = nil
    ) async throws -> JobID {
        let request = DownloadRequest(
            exchange: "binance", dataTypes: [.trades], symbols: symbols,
            days: day(start)...day(end ?? start), outputPath: outputPath, createdBy: "intern")
        let job = try await store.insert(request, at: time.now)
        queue.wake(for: job)
        return job.id
    }

    /// Waits until the job has ended and its notifications are delivered.
    func end(of id: JobID, in store: any ServiceStore) async throws -> (Job, [FileRecord]) {
        _ = try await time.wait(atMost: .seconds(40 * 86_400), step: .seconds(1)) {
            let job = try await store.job(id)
            guard job?.state.isFinal == true else { return false }
            return try await store.nextNotification() == nil
        }
        guard let job = try await store.job(id) else { throw JobError.notFound(id) }
        return (job, try await store.files(of: id, in: nil, limit: 10_000, offset: 0))
    }

    /// The moments at which a listener was asked, in seconds since the bench was made.
    func asked(_ listener: SandboxRouter.Listener) -> [Double] {
        upstream.requests(to: listener).map { entry in
            let microseconds = entry.at * 1000 - begin.microseconds
            return Double(microseconds / 100_000) / 10
        }
    }
}

/// Runs a queue and its outbox while the body lasts, then stops both.
func withQueue<Value: Sendable>(
    on store: any ServiceStore, _ time: VirtualTime, _ downloader: any Downloading,
    _ channel: any Notifying, limits: RuntimeLimits = RuntimeLimits(),
    settings: JobQueueSettings = JobQueueSettings(),
    _ body: (JobQueue) async throws -> Value
) async throws -> Value {
    let outbox = NotificationOutbox(
        store: store, channel: channel, clock: time, logger: silentLogger)
    let queue = JobQueue(
        store: store, downloader: downloader, catalogue: FaultCatalogue(), outbox: outbox,
        limits: limits, clock: time, settings: settings, logger: silentLogger, jitter: { 0 })
    async let queueRun: Void = queue.run()
    async let outboxRun: Void = outbox.run()
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(queue))
    } catch {
        result = .failure(error)
    }
    await queue.stop()
    outbox.stop()
    _ = await (queueRun, outboxRun)
    return try result.get()
}

private let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

func day(_ text: String) -> Day {
    guard let day = Day(text) else { preconditionFailure("\(text) is no day") }
    return day
}

/// The stand-in upstream within the test's own process.
final class FaultyUpstream: Sendable {
    let url: String
    let faults: FaultScript
    private let log = RequestLog()
    private let content: DatasetContent
    private let servers: [HTTPServer]

    init(_ time: VirtualTime, faults rules: [FaultRule], rows: Int) throws {
        let content = DatasetContent(
            volume: DatasetVolume(rows: rows, isProportional: false), emptyDays: [])
        let (faults, log) = (FaultScript(rules), log)
        func server(_ listener: SandboxRouter.Listener, storagePort: UInt16) -> HTTPServer {
            var settings = ServerSettings()
            settings.loopCount = 1
            return HTTPServer(
                settings: settings,
                handler: SandboxRouter(
                    listener: listener, key: FaultBench.key, latency: .zero,
                    catalogue: CatalogueRoute(
                        key: FaultBench.key, exportedUntil: { day("2024-06-01") }),
                    datasets: DatasetRoute(
                        key: FaultBench.key, content: content,
                        exportedUntil: { day("2024-06-01") }, storagePort: storagePort),
                    bot: BotRoute(token: nil, chats: nil, book: MessageBook(), now: { time.now }),
                    control: ControlRoute(faults: faults, log: log, messages: MessageBook()),
                    now: { time.now }))
        }
        let storage = server(.storage, storagePort: 0)
        let storagePort = try storage.start()
        let upstream = server(.upstream, storagePort: storagePort)
        url = "http://127.0.0.1:\(try upstream.start())/v1"
        servers = [storage, upstream]
        self.faults = faults
        self.content = content
    }

    deinit {
        let servers = servers
        Task { for server in servers { await server.drain(within: .zero) } }
    }

    /// The requests for datasets, in the order of arrival.
    func requests(to listener: SandboxRouter.Listener) -> [LoggedRequest] {
        log.entries(matching: PathPattern("*")).filter { $0.listener == listener.rawValue }
    }

    /// The right bytes of a file.
    func truth(_ file: DatasetFile) async throws -> [UInt8] {
        try await content.bytes(of: file, symbols: [file.symbol])
    }
}

/// Has every symbol of these tests since 2019.
struct FaultCatalogue: CatalogueProviding {
    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue {
        let symbols = ["BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT"].map { name in
            CatalogueSymbol(
                id: name, dataTypes: DataType.allCases.map(\.name),
                availableSince: day("2019-01-01"), availableTo: nil)
        }
        return ExchangeCatalogue(
            exchange: exchange, symbols: symbols, exportedUntil: day("2024-06-01"))
    }
}

/// The outcomes of the attempts of a test.
final class AttemptLog: Sendable {
    struct Entry: Sendable {
        var file: DatasetFile
        var attempt: Int
        var outcome: DownloadOutcome
    }

    private let kept = Mutex<[Entry]>([])

    var entries: [Entry] { kept.withLock { $0 } }

    func append(_ entry: Entry) {
        kept.withLock { $0.append(entry) }
    }
}

/// A store whose disk takes no virtual time: the clock stands still during each call.
struct TimelessStore: ForwardingStore {
    let store: any ServiceStore
    let time: VirtualTime

    func forward<Value: Sendable>(
        _ call: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await time.standingStill(for: call)
    }
}

/// A downloader whose work takes no virtual time.
struct TimelessDownloader: Downloading {
    let downloader: any Downloading
    let time: VirtualTime
    let log: AttemptLog

    func download(
        _ file: DatasetFile, to folder: String, attempt: Int, context: DownloadContext,
        admitted: @escaping @Sendable () -> Void
    ) async -> DownloadOutcome {
        let downloader = downloader
        let outcome = await time.standingStill {
            await downloader.download(
                file, to: folder, attempt: attempt, context: context, admitted: admitted)
        }
        log.append(AttemptLog.Entry(file: file, attempt: attempt, outcome: outcome))
        return outcome
    }

    func forget(filesOf job: Job) {
        downloader.forget(filesOf: job)
    }
}

/// Delivers every message at once.
final class InstantChannel: Notifying {
    private let kept = Mutex<[JobNotification]>([])
    private let keptAlerts = Mutex<[ServiceAlert]>([])

    var notifications: [JobNotification] { kept.withLock { $0 } }
    var alerts: [ServiceAlert] { keptAlerts.withLock { $0 } }

    func deliver(_ alert: ServiceAlert) async -> DeliveryOutcome {
        keptAlerts.withLock { $0.append(alert) }
        return .delivered
    }

    func deliver(_ notification: JobNotification) async -> DeliveryOutcome {
        kept.withLock { $0.append(notification) }
        return .delivered
    }
}
