// What Tardis has, asked for at most once a day per exchange and answered in seconds or not at all.
// It must not know what anybody wants from it.

import Concurrency
package import Curl
package import Datasets
package import Jobs
package import Logging
import Synchronization

/// The catalogue of Tardis, remembered.
///
/// Per exchange there is one request at a time, and everybody waits for it, each for
/// ``TardisSettings/catalogueWait`` at most. A catalogue that cannot be renewed is believed on.
package actor TardisCatalogue: CatalogueProviding {
    private let settings: TardisSettings
    private let source: CatalogueFetcher
    private let time: any Timekeeping
    private let logger: Logger

    private var memories: [String: CatalogueCache] = [:]
    /// What is in `memories` and known, for those who cannot wait.
    private nonisolated let known = Mutex<
        [String: (catalogue: ExchangeCatalogue, since: Timestamp)]
    >(
        [:])
    private var exchanges: (ids: [String], since: Timestamp)?
    /// When Tardis was last found not to answer a ``probe()``.
    private var silentSince: Timestamp?
    private var probing: Task<Bool, Never>?
    /// Exchanges that are being asked for.
    private var asking: [String: SharedOperation<CatalogueCache.Answer>] = [:]

    /// Exchanges that do not exist come from users' typing errors, without end.
    private static let memoriesMax = 512
    /// What all catalogues together may take, in bytes: those of all exchanges at Tardis take some
    /// 40 MB.
    private static let memoryBytesMax = 192 << 20

    package init(
        settings: TardisSettings, client: CurlClient, time: any Timekeeping, logger: Logger
    ) {
        self.settings = settings
        source = CatalogueFetcher(settings: settings, client: client)
        self.time = time
        self.logger = logger
    }

    /// As ``CatalogueProviding`` says; returns within ``TardisSettings/catalogueWait``.
    package func catalogue(
        of exchange: String
    ) async throws(CatalogueError) -> ExchangeCatalogue {
        guard ExchangeID.isWellFormed(exchange) else {
            throw .unknownExchange(known: exchanges?.ids ?? KnownExchanges.ids)
        }
        if let answer = memories[exchange]?.answer(at: time.now, settings: settings) {
            return try answer.get()
        }
        // The whole list was read a moment ago: what is not on it need not be asked for.
        if let exchanges, !exchanges.ids.contains(exchange),
            time.now - exchanges.since < settings.unknownExchangeLifetime
        {
            throw .unknownExchange(known: exchanges.ids)
        }
        return try await wait(for: exchange).get()
    }

    package nonisolated func catalogueInMemory(of exchange: String) -> ExchangeCatalogue? {
        guard let found = known.withLock({ $0[exchange] }) else { return nil }
        return time.now - found.since < settings.catalogueLifetime ? found.catalogue : nil
    }

    /// Whether Tardis's API answers: for the health check. Costs a request at most every
    /// ``TardisSettings/catalogueRetryPause``, however many ask and whatever came of the last one:
    /// everybody may ask for the service's health, and nobody shall hammer Tardis that way.
    package func probe() async -> Bool {
        if let exchanges, isRecent(exchanges.since) { return true }
        if let silentSince, isRecent(silentSince) { return false }
        if let probing { return await probing.value }
        // Its own task: whoever asked may give up, and the answer still serves the next one.
        let probe = Task { await readExchanges() != nil }
        probing = probe
        let isThere = await probe.value
        probing = nil
        silentSince = isThere ? nil : time.now
        return isThere
    }

    private func isRecent(_ moment: Timestamp) -> Bool {
        time.now - moment < settings.catalogueRetryPause
    }

    // MARK: Waiting

    private func wait(for exchange: String) async -> CatalogueCache.Answer {
        // A request goes on when its first callers give up, and serves the next ones.
        let request =
            asking[exchange] ?? SharedOperation { await self.answer(to: exchange) }
        asking[exchange] = request
        let answer = await withTimeout(settings.catalogueWait, sleep: time.sleep) {
            await request.value()
        }
        if let answer = answer ?? nil { return answer }
        let late = CatalogueError.unreachable(
            "the catalogue did not answer in time (\(settings.catalogueWait))")
        return memories[exchange, default: CatalogueCache()].lastResort(late)
    }

    // MARK: Asking

    private func answer(to exchange: String) async -> CatalogueCache.Answer {
        defer { asking[exchange] = nil }
        // It may have come since the caller looked.
        if let known = memories[exchange]?.answer(at: time.now, settings: settings) {
            return known
        }
        let answer: CatalogueCache.Answer
        switch await source.catalogue(of: exchange) {
        case .known(let catalogue):
            answer = .success(catalogue)
        case .unreachable(let reason):
            answer = .failure(.unreachable(reason))
        case .refused(let status):
            let ids = await readExchanges() ?? KnownExchanges.ids
            // A wrong TARDIS_API_URL would otherwise turn every exchange into an unknown one.
            answer =
                ids.contains(exchange)
                ? .failure(.unreachable("the catalogue answered HTTP \(status)"))
                : .failure(.unknownExchange(known: ids))
        }
        if case .failure(.unreachable(let reason)) = answer {
            logger.warning(
                "the catalogue cannot be read",
                metadata: ["exchange": "\(exchange)", "reason": "\(reason)"])
        }
        let now = time.now
        let kept = memories[exchange, default: CatalogueCache()].keep(answer, at: now)
        if case .success(let catalogue) = answer {
            known.withLock { $0[exchange] = (catalogue, now) }
        }
        forgetTheOldest(but: exchange)
        return kept
    }

    /// Keeps what is remembered within bounds, whatever users ask for and Tardis answers.
    private func forgetTheOldest(but newest: String) {
        if memories.count > Self.memoriesMax {
            memories = memories.filter { $0.value.isWorthKeeping || $0.key == newest }
        }
        let forgotten = known.withLock { known in
            var bytes = known.values.reduce(0) { $0 + $1.catalogue.memoryBytes }
            var count = known.count
            let byAge = known.filter { $0.key != newest }.sorted { $0.value.since < $1.value.since }
            let excess = byAge.prefix { _, value in
                guard bytes > Self.memoryBytesMax || count > Self.memoriesMax else { return false }
                bytes -= value.catalogue.memoryBytes
                count -= 1
                return true
            }
            for (exchange, _) in excess { known[exchange] = nil }
            return excess.map(\.key)
        }
        for exchange in forgotten { memories[exchange] = nil }
    }

    private func readExchanges() async -> [String]? {
        guard let ids = await source.exchangeIDs() else { return nil }
        exchanges = (ids, time.now)
        return ids
    }
}

/// The catalogue of one exchange, as far as it is known.
struct CatalogueCache {
    /// What came of asking.
    typealias Answer = Result<ExchangeCatalogue, CatalogueError>

    private var known: (catalogue: ExchangeCatalogue, since: Timestamp)?
    private var unknown: (answer: CatalogueError, since: Timestamp)?
    private var failed: (answer: CatalogueError, since: Timestamp)?

    /// Whether anything would be lost with it that is expensive to get again.
    var isWorthKeeping: Bool { known != nil }

    /// What can be answered without asking; `nil` where it is time to ask.
    func answer(at now: Timestamp, settings: TardisSettings) -> Answer? {
        if let known, now - known.since < settings.catalogueLifetime {
            return .success(known.catalogue)
        }
        if let unknown, now - unknown.since < settings.unknownExchangeLifetime {
            return .failure(unknown.answer)
        }
        if let failed, now - failed.since < settings.catalogueRetryPause {
            return lastResort(failed.answer)
        }
        return nil
    }

    /// What is answered where asking brought nothing: a stale catalogue is better than none.
    func lastResort(_ error: CatalogueError) -> Answer {
        known.map { .success($0.catalogue) } ?? .failure(error)
    }

    /// Remembers what came of asking.
    ///
    /// - Returns: what to answer those who wait for it.
    mutating func keep(_ answer: Answer, at now: Timestamp) -> Answer {
        switch answer {
        case .success(let catalogue):
            self = CatalogueCache()
            known = (catalogue, now)
            return answer
        case .failure(.unknownExchange(let ids)):
            self = CatalogueCache()
            unknown = (.unknownExchange(known: ids), now)
            return answer
        case .failure(let error):
            failed = (error, now)
            return lastResort(error)
        }
    }
}

extension CatalogueProviding {
    /// What the catalogue says about a file that Tardis does not have; `nil` where it says nothing.
    func outcome(ofMissing file: DatasetFile, _ failure: FileFailure) async -> DownloadOutcome? {
        let knowledge = await lookup(of: file.exchange)
        guard let known = knowledge.catalogue else { return nil }
        let entry = known.symbol(file.symbol)
        let planned = AvailabilityPolicy(
            exchange: file.exchange, exportedUntil: known.exportedUntil
        )
        .plannedFile(for: file, entry: entry)
        guard var reason = planned.failure else { return nil }
        reason.httpStatus = failure.httpStatus
        return planned.state == .unavailable ? .unavailable(reason) : .failed(reason)
    }
}
