// A queue on a store in memory and a scripted upstream, in virtual time: what the tests of this
// folder work at.

import Datasets
import Jobs
import Logging
import Queue
import Synchronization
import TestSupport

/// Everything that one test needs.
struct Bench: Sendable {
    let time: VirtualTime
    let store: InMemoryJobStore
    let upstream: ScriptedDownloader
    let channel: RecordingChannel
    let log = RecordingLog.Lines()
    var catalogue: any CatalogueProviding = FullCatalogue()
    var settings = JobQueueSettings()
    /// May be changed while a queue runs.
    var limits = RuntimeLimits(defaults: ServiceLimits(transfers: 8))
    var hasChannel = true
    var freeSpace: (any FreeSpaceProviding)?
    /// How long the store takes before and after it does something for the queue.
    var storeSpan: Duration?
    /// Of the running queue.
    private let commands = CommandServiceBox()

    init(
        _ time: VirtualTime, store: InMemoryJobStore = InMemoryJobStore(),
        script: @escaping @Sendable (ScriptedDownloader.Call) -> ScriptedDownloader.Step = { _ in
            ScriptedDownloader.Step(.published(.sample))
        }
    ) {
        self.time = time
        self.store = store
        upstream = ScriptedDownloader(clock: time, script: script)
        channel = RecordingChannel(clock: time)
    }

    /// Runs a queue and its outbox while the body lasts, then stops both.
    func running<Value: Sendable>(
        jitter: Double = 0, _ body: (JobQueue) async throws -> Value
    ) async throws -> Value {
        let logger = Logger(label: "test") { [log] _ in RecordingLog(log) }
        let outbox = NotificationOutbox(
            store: store, channel: hasChannel ? channel : nil, clock: time, logger: logger)
        let slow = storeSpan.map { SlowStore(store: store, clock: time, span: $0) }
        let queue = JobQueue(
            store: slow ?? store, downloader: upstream, catalogue: catalogue, outbox: outbox,
            limits: limits, freeSpace: freeSpace, clock: time, settings: settings, logger: logger,
            jitter: { jitter })
        commands.service.withLock {
            $0 = JobCommandService(store: store, runner: queue, clock: time)
        }
        async let queueRun: Void = queue.run()
        async let outboxRun: Void = outbox.run()
        let value = try await body(queue)
        await queue.stop()
        outbox.stop()
        _ = await (queueRun, outboxRun)
        return value
    }

    /// Submits a request to a running queue.
    @discardableResult
    func submit(
        to queue: JobQueue? = nil, exchange: String = "binance", symbols: [String] = ["BTCUSDT"],
        types: [DataType] = [.trades], from start: String = "2024-01-02",
        to end: String = "2024-01-05", folder: String = "./datasets", user: String = "intern"
    ) async throws -> JobID {
        let request = DownloadRequest(
            exchange: exchange, dataTypes: types, symbols: symbols, days: day(start)...day(end),
            outputPath: folder, createdBy: user)
        let job = try await store.insert(request, at: time.now)
        queue?.wake(for: job)
        return job.id
    }

    /// Does something to a job of the running queue.
    @discardableResult
    func act(_ action: JobAction, on id: JobID) async throws -> JobAction.Eligibility {
        guard let service = commands.service.withLock({ $0 }) else {
            preconditionFailure("no queue is running")
        }
        return try await service.execute(
            action, on: id, by: Principal(name: "ann", address: "10.0.0.7")
        ).eligibility
    }

    /// Waits until all jobs have ended and all notifications are out.
    func settled() async throws -> Bool {
        try await time.wait(atMost: .seconds(30 * 86_400), step: .seconds(5)) {
            let isOpen = await store.jobs.values.contains { !$0.state.isFinal }
            let isTelling = await !store.outbox.isEmpty
            return !isOpen && !isTelling
        }
    }

    func job(_ id: JobID) async throws -> Job {
        guard let job = await store.jobs[id] else { throw JobError.notFound(id) }
        return job
    }

    func states(of id: JobID) async -> [FileState: Int] {
        await store.files[id, default: []].reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
    }
}

/// A mutex that the copies of a bench share.
private final class CommandServiceBox: Sendable {
    let service = Mutex<JobCommandService?>(nil)
}

/// A store whose every call takes time before and after it has happened, so that commands meet the
/// queue between any two of its steps.
struct SlowStore: ForwardingStore {
    let store: any ServiceStore
    let clock: VirtualTime
    let span: Duration

    func forward<Value: Sendable>(
        _ call: @Sendable () async throws -> Value
    ) async throws -> Value {
        // In a cancelled task the clock does not wait; the call is made all the same.
        try? await clock.sleep(for: span)
        let value = try await call()
        try? await clock.sleep(for: span)
        return value
    }
}

func day(_ text: String) -> Day {
    guard let day = Day(text) else { preconditionFailure("\(text) is no day") }
    return day
}

/// Keeps what is logged.
struct RecordingLog: LogHandler {
    final class Lines: Sendable {
        private let lines = Mutex<[(level: Logger.Level, text: String)]>([])

        func append(_ level: Logger.Level, _ text: String) {
            lines.withLock { $0.append((level, text)) }
        }

        /// The messages at a level or above.
        func texts(from level: Logger.Level) -> [String] {
            lines.withLock { $0.filter { $0.level >= level }.map(\.text) }
        }
    }

    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(_ lines: Lines) {
        self.lines = lines
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.append(event.level, event.message.description)
    }
}

/// Has every symbol that these tests ask for, on any exchange.
struct FullCatalogue: CatalogueProviding {
    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue {
        let names = ["BTCUSDT", "A", "B", "C"] + (0..<40).map { "S\($0)" }
        let symbols = names.map { name in
            CatalogueSymbol(
                id: name, dataTypes: DataType.allCases.map(\.name),
                availableSince: day("2019-01-01"), availableTo: nil)
        }
        return ExchangeCatalogue(exchange: exchange, symbols: symbols, exportedUntil: nil)
    }
}

/// Cannot be reached for a number of tries, and remembers when it was asked.
actor AwayCatalogue: CatalogueProviding {
    /// The moments at which it was asked for the exchange that it is away for.
    private(set) var tries: [Timestamp] = []

    private let exchange: String
    private let failures: Int
    private let clock: VirtualTime

    /// - Parameters:
    ///   - exchange: catalogues of others are returned at once.
    ///   - failures: tries that reach nothing.
    init(for exchange: String = "binance", failures: Int = .max, clock: VirtualTime) {
        self.exchange = exchange
        self.failures = failures
        self.clock = clock
    }

    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue {
        if exchange == self.exchange {
            tries.append(clock.now)
            if tries.count <= failures { throw .unreachable("no route to host") }
        }
        return try await FullCatalogue().catalogue(of: exchange)
    }
}

/// Has a fixed answer.
struct FixedCatalogue: CatalogueProviding {
    let answer: Result<ExchangeCatalogue, CatalogueError>

    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue {
        try answer.get()
    }
}

/// A channel that records its deliveries, and may be scripted.
actor RecordingChannel: Notifying {
    private(set) var attempts: [(id: Int64, kind: JobNotification.Kind, at: Timestamp)] = []
    private(set) var delivered: [JobNotification] = []
    private(set) var alerts: [ServiceAlert] = []
    private(set) var alertAttempts: [Timestamp] = []
    private var alertFailures = 0
    private var script: (@Sendable (JobNotification) -> DeliveryOutcome)?
    private var span: Duration = .milliseconds(50)
    private let clock: VirtualTime

    init(clock: VirtualTime) {
        self.clock = clock
    }

    func follow(
        taking span: Duration = .milliseconds(50),
        _ script: @escaping @Sendable (JobNotification) -> DeliveryOutcome
    ) {
        self.span = span
        self.script = script
    }

    func deliver(_ notification: JobNotification) async -> DeliveryOutcome {
        attempts.append((notification.id, notification.kind, clock.now))
        do {
            try await clock.sleep(for: span)
        } catch {
            return .retry(after: nil, reason: "cancelled")
        }
        let outcome = script?(notification) ?? .delivered
        if outcome == .delivered { delivered.append(notification) }
        return outcome
    }

    func deliver(_ alert: ServiceAlert) async -> DeliveryOutcome {
        alertAttempts.append(clock.now)
        guard alertAttempts.count > alertFailures else {
            return .retry(after: nil, reason: "timeout")
        }
        alerts.append(alert)
        return .delivered
    }

    /// Lets the first so many attempts to deliver an alert fail.
    func failAlerts(_ count: Int) { alertFailures = count }
}

/// A failure with a code that says all.
func failure(_ code: String) -> FileFailure {
    FileFailure(code: code, detail: "It was \(code).")
}

/// For queues whose log no test reads.
let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
