// The parts of an API on fakes: a catalogue, health, clocks, a store that fails and a log.

import Datasets
import Jobs
import Logging
import Synchronization
import TestSupport

@testable import API

/// Knows binance with two symbols; any other exchange is unknown.
struct FixedCatalogue: CatalogueProviding {
    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue {
        guard exchange == "binance" else {
            throw .unknownExchange(known: ["binance", "binance-futures", "deribit"])
        }
        let since = Day("2019-03-30")!
        return ExchangeCatalogue(
            exchange: exchange,
            symbols: ["BTCUSDT", "ETHUSDT"].map {
                CatalogueSymbol(
                    id: $0, dataTypes: ["trades", "incremental_book_L2", "quotes"],
                    availableSince: since, availableTo: nil)
            },
            exportedUntil: Day("2024-06-15"))
    }
}

/// Cannot be reached, or never returns.
struct DeadCatalogue: CatalogueProviding {
    var hangs = false

    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue {
        if hangs { await untilCancelled() }
        throw .unreachable("no route to host")
    }
}

/// Counts its calls, and never returns.
struct WaitingCatalogue: CatalogueProviding {
    let asked = Counter()

    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue {
        asked.add()
        await untilCancelled()
        throw .unreachable("the wait was cancelled")
    }
}

/// Reports what it is given, or hangs.
struct FixedHealth: HealthChecking {
    var telegramFinding = ComponentHealth("configured")
    var diskFinding = ComponentHealth("ok")
    var upstreamFinding = ComponentHealth("reachable")
    var diskHangs = false
    var upstreamHangs = false

    func telegram() async -> ComponentHealth { telegramFinding }

    func disk() async -> (finding: ComponentHealth, freeBytes: Int64?) {
        if diskHangs { await untilCancelled() }
        return (diskFinding, 1_000)
    }

    func upstream() async -> ComponentHealth {
        if upstreamHangs { await untilCancelled() }
        return upstreamFinding
    }
}

/// A clock that stands still, and whose sleeps last forever or no time.
struct FixedTime: Timekeeping {
    var sleepsEnd = false

    var now: Timestamp { Fixture.now }

    func sleep(for duration: Duration) async throws {
        if !sleepsEnd { await untilCancelled() }
        try Task.checkCancellation()
    }
}

/// Returns when the task is cancelled.
func untilCancelled() async {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    await withTaskCancellationHandler {
        for await _ in stream {}
    } onCancel: {
        continuation.finish()
    }
}

/// Counts calls.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func add() {
        count.withLock { $0 += 1 }
    }
}

/// Throws ``Odd`` from every call.
struct OddStore: ForwardingStore {
    struct Odd: Error {}

    let store: any ServiceStore = InMemoryJobStore()

    func forward<Value: Sendable>(
        _ call: @Sendable () async throws -> Value
    ) async throws -> Value {
        throw Odd()
    }
}

/// A clock whose sleepers wait forever, but for the last of a known number, which wakes once the
/// others are cancelled: for tests of parts that hang.
final class LastSleeperTime: Timekeeping {
    private struct State {
        var started = 0
        var asleep: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let sleepers: Int
    private let state = Mutex(State())

    init(_ sleepers: Int) {
        self.sleepers = sleepers
    }

    var now: Timestamp { Fixture.now }

    func sleep(for duration: Duration) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let id = state.withLock { state in
            state.started += 1
            state.asleep[state.started] = continuation
            return state.started
        }
        wakeLast()
        await withTaskCancellationHandler {
            for await _ in stream {}
        } onCancel: {
            continuation.finish()
        }
        state.withLock { $0.asleep[id] = nil }
        wakeLast()
        try Task.checkCancellation()
    }

    private func wakeLast() {
        state.withLock { state in
            guard state.started == sleepers, state.asleep.count == 1 else { return }
            state.asleep.values.first?.finish()
        }
    }
}

/// A log in memory.
final class LogRecorder: LogHandler, Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }
        let line = (["\(event.level)", "\(event.message)"] + metadata).joined(separator: " ")
        recorded.withLock { $0.append(line) }
    }
}
