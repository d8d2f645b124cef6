// What is remembered of the catalogue, and for how long it is believed. Pure: time is a parameter.

import Datasets

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
