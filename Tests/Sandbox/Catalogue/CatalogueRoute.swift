// The metadata API: exchanges, their symbols, and what a key grants, in the JSON of
// docs.tardis.dev.

import Datasets
import HTTP

/// Answers `/v1/exchanges`, `/v1/exchanges/{exchange}` and `/v1/api-key-info`.
struct CatalogueRoute: Sendable {
    let key: String
    /// The first day that is not exported yet.
    let exportedUntil: @Sendable () -> Day

    func response(to request: Request) -> Response {
        guard request.method == .get else { return TardisError.notFound.response }
        let segments = request.path.split(separator: "/").dropFirst()
        switch (segments.first, segments.count) {
        case ("exchanges", 1): return .json(Listings.exchanges.map { ExchangeSummary($0) })
        case ("exchanges", 2): return details(of: String(segments[segments.startIndex + 1]))
        case ("api-key-info", 1): return keyInfo(request)
        default: return TardisError.notFound.response
        }
    }

    private func details(of id: String) -> Response {
        do {
            return .json(
                ExchangeDetails(try Listings.exchange(id), exportedUntil: exportedUntil()))
        } catch {
            return error.response
        }
    }

    /// An expired or unknown key gets an empty list, not an error.
    private func keyInfo(_ request: Request) -> Response {
        switch Authorization(of: request, key: key) {
        case .absent: return TardisError.unauthorized.response
        case .wrong: return .json([KeyAccess]())
        case .right:
            let until = exportedUntil()
            return .json(Listings.exchanges.map { KeyAccess($0, exportedUntil: until) })
        }
    }
}

/// An element of `GET /v1/exchanges`.
struct ExchangeSummary: Encodable {
    var id: String
    var name: String
    var enabled = true
    /// Present only when true.
    var delisted: Bool?
    var supportsDatasets = true
    var availableSince: String
    var availableTo: String?
    var availableChannels = ["trade", "depth"]

    init(_ exchange: ListedExchange) {
        id = exchange.id
        name = exchange.name
        delisted = exchange.until == nil ? nil : true
        availableSince = exchange.since.midnight
        availableTo = exchange.until?.midnight
    }
}

/// The answer to `GET /v1/exchanges/{exchange}`.
struct ExchangeDetails: Encodable {
    var id: String
    var name: String
    var enabled = true
    var delisted: Bool?
    var availableSince: String
    var availableTo: String?
    var availableChannels = ["trade", "depth"]
    var availableSymbols: [NativeSymbol]
    var incidentReports: [String] = []
    var datasets: Datasets

    /// A symbol in the exchange's own spelling; it never has `dataTypes`.
    struct NativeSymbol: Encodable {
        var id: String
        var type: String
        var availableSince: String
        var availableTo: String?
    }

    /// The datasets on offer.
    struct Datasets: Encodable {
        var formats = ["csv"]
        var exportedFrom: String
        var exportedUntil: String
        var symbols: [Symbol]
    }

    /// A symbol in the dataset's spelling.
    struct Symbol: Encodable {
        var id: String
        var type: String
        var dataTypes: [String]
        var availableSince: String
        var availableTo: String
    }

    /// - Parameter exportedUntil: the first day that is not exported yet.
    init(_ exchange: ListedExchange, exportedUntil: Day) {
        let frontier = min(exchange.until ?? exportedUntil, exportedUntil)
        id = exchange.id
        name = exchange.name
        delisted = exchange.until == nil ? nil : true
        availableSince = exchange.since.midnight
        availableTo = exchange.until?.midnight
        availableSymbols = exchange.symbols.filter { !$0.isGroup }.map {
            NativeSymbol(
                id: $0.id.lowercased(), type: $0.kind.rawValue, availableSince: $0.since.midnight,
                availableTo: $0.until?.midnight)
        }
        datasets = Datasets(
            exportedFrom: exchange.since.midnight, exportedUntil: frontier.midnight,
            symbols: exchange.symbols.map {
                // A symbol that is still listed is available up to the last export.
                Symbol(
                    id: $0.id, type: $0.kind.rawValue, dataTypes: $0.dataTypes.map(\.name),
                    availableSince: $0.since.midnight,
                    availableTo: min($0.until ?? frontier, frontier).midnight)
            })
    }
}

/// An element of `GET /v1/api-key-info`.
struct KeyAccess: Encodable {
    var exchange: String
    var accessType = "pro"
    var from: String
    var to: String
    var symbols: [String] = []
    var dataPlan = "all-exchanges"

    init(_ exchange: ListedExchange, exportedUntil: Day) {
        self.exchange = exchange.id
        from = exchange.since.midnight
        to = exportedUntil.advanced(by: 365).midnight
    }
}

extension Day {
    /// The first moment of the day as Tardis writes it.
    var midnight: String { "\(self)T00:00:00.000Z" }
}
