// The metadata API: exchanges, their symbols, and what a key may have. It must not know the
// datasets' bytes.

import Datasets
import HTTP

/// Answers `/v1/exchanges`, `/v1/exchanges/{exchange}` and `/v1/api-key-info`.
struct CatalogueRoute: Sendable {
    let key: String
    /// The first day that is not exported yet.
    let exportedUntil: @Sendable () -> Day

    func response(to request: Request) -> Response {
        guard request.method == .get else { return TardisRefusal.notFound.response }
        let segments = request.path.split(separator: "/").dropFirst()
        switch (segments.first, segments.count) {
        case ("exchanges", 1): return .json(Listings.exchanges.map { ExchangeSummary($0) })
        case ("exchanges", 2): return details(of: String(segments[segments.startIndex + 1]))
        case ("api-key-info", 1): return keyInfo(request)
        default: return TardisRefusal.notFound.response
        }
    }

    private func details(of id: String) -> Response {
        guard let exchange = Listings.exchanges.first(where: { $0.id == id }) else {
            return TardisRefusal.invalid(
                "exchange", id,
                hint: "Allowed are \(Listings.exchanges.map(\.id).joined(separator: ", "))."
            ).response
        }
        return .json(ExchangeDetails(exchange, exportedUntil: exportedUntil()))
    }

    /// An expired or unknown key gets an empty list, not an error.
    private func keyInfo(_ request: Request) -> Response {
        switch Authorization(of: request, key: key) {
        case .absent: return TardisRefusal.unauthorized.response
        case .wrong: return .json([KeyAccess]())
        case .right:
            let until = exportedUntil()
            return .json(Listings.exchanges.map { KeyAccess($0, exportedUntil: until) })
        }
    }
}
