// What Tardis has: requested at most once a day per exchange, and answered within seconds or not at
// all.

import Concurrency
package import Curl
package import Datasets
package import Jobs
package import Logging
import Synchronization

/// Caches Tardis's catalogue.
///
/// Per exchange there is one request at a time, which all callers share, each for up to
/// ``TardisSettings/catalogueWait``. A catalogue that cannot be renewed stays valid.
package actor TardisCatalogue: CatalogueProviding {
    private let settings: TardisSettings
    private let fetcher: CatalogueFetcher
    private let time: any Timekeeping
    private let logger: Logger

    private var caches: [String: CatalogueCache] = [:]
    /// The catalogues in `caches`, for callers that cannot wait.
    private nonisolated let known = Mutex<
        [String: (catalogue: ExchangeCatalogue, since: Timestamp)]
    >([:])
    private var exchanges: (ids: [String], since: Timestamp)?
    /// When the last failed ``probe()`` ended.
    private var unreachableSince: Timestamp?
    private var probing: Task<Bool, Never>?
    /// Requests in flight, by exchange.
    private var requests: [String: SharedOperation<CatalogueCache.Answer>] = [:]

    /// Unknown exchanges come from users' typing errors, without end.
    private static let cachesMax = 512

    package init(
        settings: TardisSettings, client: CurlClient, time: any Timekeeping, logger: Logger
    ) {
        self.settings = settings
        fetcher = CatalogueFetcher(settings: settings, client: client)
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
        if let answer = caches[exchange]?.answer(at: time.now, settings: settings) {
            return try answer.get()
        }
        // The whole list was read a moment ago, and the exchange is not on it.
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

    /// Whether Tardis's API answers: for the health check. Sends at most one request every
    /// ``TardisSettings/catalogueRetryPause``, after failures too: the health check is open to all
    /// clients, and must not flood Tardis.
    package func probe() async -> Bool {
        if let exchanges, isRecent(exchanges.since) { return true }
        if let unreachableSince, isRecent(unreachableSince) { return false }
        if let probing { return await probing.value }
        // A task of its own: a caller may be cancelled, and the answer still serves the next one.
        let probe = Task { await readExchanges() != nil }
        probing = probe
        let isThere = await probe.value
        probing = nil
        unreachableSince = isThere ? nil : time.now
        return isThere
    }

    private func isRecent(_ moment: Timestamp) -> Bool {
        time.now - moment < settings.catalogueRetryPause
    }

    // MARK: Waiting

    private func wait(for exchange: String) async -> CatalogueCache.Answer {
        // A request continues when its first callers give up, and serves the next ones.
        let request =
            requests[exchange] ?? SharedOperation { await self.answer(to: exchange) }
        requests[exchange] = request
        let answer = await withTimeout(settings.catalogueWait, sleep: time.sleep) {
            await request.value()
        }
        if let answer = answer ?? nil { return answer }
        let late = CatalogueError.unreachable(
            "the catalogue did not answer in time (\(settings.catalogueWait))")
        return caches[exchange, default: CatalogueCache()].lastResort(late)
    }

    // MARK: Asking

    private func answer(to exchange: String) async -> CatalogueCache.Answer {
        defer { requests[exchange] = nil }
        // It may have arrived since the caller checked.
        if let known = caches[exchange]?.answer(at: time.now, settings: settings) {
            return known
        }
        let answer: CatalogueCache.Answer
        switch await fetcher.catalogue(of: exchange) {
        case .known(let catalogue):
            answer = .success(catalogue)
        case .unreachable(let reason):
            answer = .failure(.unreachable(reason))
        case .refused(let status, let isSigned):
            let ids = await readExchanges()
            // A wrong TARDIS_API_URL would otherwise turn every exchange into an unknown one, and
            // so would a proxy, unless Tardis's own list says the same.
            let known = ids ?? KnownExchanges.ids
            answer =
                known.contains(exchange) || ids == nil && !isSigned
                ? .failure(.unreachable("the catalogue answered HTTP \(status)"))
                : .failure(.unknownExchange(known: known))
        }
        if case .failure(.unreachable(let reason)) = answer {
            logger.warning(
                "the catalogue cannot be read",
                metadata: ["exchange": "\(exchange)", "reason": "\(reason)"])
        }
        let now = time.now
        let result = caches[exchange, default: CatalogueCache()].store(answer, at: now)
        if case .success(let catalogue) = answer {
            known.withLock { $0[exchange] = (catalogue, now) }
        }
        evict(but: exchange)
        return result
    }

    /// Evicts the oldest catalogues beyond the bounds of number and memory.
    private func evict(but newest: String) {
        if caches.count > Self.cachesMax {
            caches = caches.filter { $0.value.hasCatalogue || $0.key == newest }
        }
        let evicted = known.withLock { known in
            var bytes = known.values.reduce(0) { $0 + $1.catalogue.memoryBytes }
            var count = known.count
            let byAge = known.filter { $0.key != newest }.sorted { $0.value.since < $1.value.since }
            let excess = byAge.prefix { _, value in
                guard bytes > settings.catalogueMemoryBytesMax || count > Self.cachesMax else {
                    return false
                }
                bytes -= value.catalogue.memoryBytes
                count -= 1
                return true
            }
            for (exchange, _) in excess { known[exchange] = nil }
            return excess.map(\.key)
        }
        for exchange in evicted { caches[exchange] = nil }
    }

    private func readExchanges() async -> [String]? {
        guard let ids = await fetcher.exchangeIDs() else { return nil }
        exchanges = (ids, time.now)
        return ids
    }
}

/// What is known of one exchange's catalogue, and for how long. Pure: time is a parameter.
struct CatalogueCache {
    typealias Answer = Result<ExchangeCatalogue, CatalogueError>

    private var known: (catalogue: ExchangeCatalogue, since: Timestamp)?
    private var unknown: (answer: CatalogueError, since: Timestamp)?
    private var failed: (answer: CatalogueError, since: Timestamp)?

    var hasCatalogue: Bool { known != nil }

    /// The answer without a request; `nil` if it is time for one.
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

    /// The answer after a failed request: a stale catalogue is better than none.
    func lastResort(_ error: CatalogueError) -> Answer {
        known.map { .success($0.catalogue) } ?? .failure(error)
    }

    /// Stores the result of a request.
    ///
    /// - Returns: the answer to the callers that wait for it.
    mutating func store(_ answer: Answer, at now: Timestamp) -> Answer {
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
    /// What the catalogue says about a file that Tardis does not have; `nil` if it says nothing.
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
