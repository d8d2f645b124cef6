// Asks Tardis's API for the catalogue. It must not remember anything.

import Curl
import Datasets
import Dispatch
import Posix

/// Fetches and reads catalogues.
struct CatalogueSource: Sendable {
    let settings: TardisSettings
    let client: CurlClient
    /// Reading tens of megabytes of JSON takes seconds: not on the pool that runs async code.
    private let queue = DispatchQueue(label: "tardis.catalogue")

    init(settings: TardisSettings, client: CurlClient) {
        self.settings = settings
        self.client = client
    }

    /// What the API says about an exchange.
    enum Answer {
        case known(ExchangeCatalogue)
        /// It has no such exchange, says this status.
        case refused(status: Int)
        case unreachable(String)
    }

    func catalogue(of exchange: String) async -> Answer {
        let url =
            "\(trimmingSlashes(settings.apiURL))/exchanges/\(PercentEncoding.encode(exchange))"
        do throws(CurlError) {
            let (head, body) = try await fetch(url)
            switch head.status {
            case 200:
                let catalogue = await queue.run { JSONReplies.catalogue(body, of: exchange) }
                return catalogue.map(Answer.known)
                    ?? .unreachable("the catalogue's answer makes no sense")
            case 400, 404: return .refused(status: head.status)
            default: return .unreachable("the catalogue answered HTTP \(head.status)")
            }
        } catch {
            return .unreachable("\(error)")
        }
    }

    /// The ids of all exchanges; `nil` where they cannot be had.
    func exchangeIDs() async -> [String]? {
        guard let reply = try? await fetch("\(trimmingSlashes(settings.apiURL))/exchanges"),
            reply.head.status == 200
        else { return nil }
        return await queue.run { JSONReplies.exchangeIDs(reply.body) }
    }

    /// No key: the catalogue is free.
    private func fetch(
        _ url: String
    ) async throws(CurlError) -> (head: ResponseHead, body: [UInt8]) {
        let request = TransferRequest(
            url: url, connectTimeout: settings.connectTimeout,
            totalTimeout: settings.catalogueTimeout)
        return try await client.fetch(request, bodyMaxBytes: settings.catalogueBytesMax)
    }
}
