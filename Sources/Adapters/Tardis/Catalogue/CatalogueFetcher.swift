// Requests the catalogue and the list of exchanges from Tardis's API.

import Bytes
import Concurrency
import Curl
import Datasets
import Dispatch
import Posix

/// Fetches and reads catalogues.
struct CatalogueFetcher: Sendable {
    let settings: TardisSettings
    let client: CurlClient
    /// Reading tens of megabytes of JSON takes seconds: not on the pool that runs async code.
    private let queue = DispatchQueue(label: "tardis.catalogue")

    /// Tardis's list of exchanges has some hundred kilobytes.
    private static let exchangesBytesMax = 8 << 20

    init(settings: TardisSettings, client: CurlClient) {
        self.settings = settings
        self.client = client
    }

    enum Response {
        case known(ExchangeCatalogue)
        /// 400 or 404: there seems to be no such exchange.
        ///
        /// - isSigned: whether Tardis wrote it, as its form shows.
        case refused(status: Int, isSigned: Bool)
        case unreachable(String)
    }

    func catalogue(of exchange: String) async -> Response {
        let url =
            "\(trimmingSlashes(settings.apiURL))/exchanges/\(PercentEncoding.encode(exchange))"
        let bytesMax = settings.catalogueBytesMax
        let reader = SerialIsolated(queue) { CatalogueReader(of: exchange, bytesMax: bytesMax) }
        let bridge = BodyBridge(waitingBytesMax: settings.inboxBytesMax, queue: queue) { bytes in
            reader.use { $0.take(bytes) }
        }
        do throws(CurlError) {
            let summary = try await client.perform(request(url), receiver: bridge)
            guard summary.head.status == 200 else {
                return refusal(summary.head.status, bridge.response)
            }
            let (catalogue, isWebPage) = await reader.run { ($0.finish(), $0.isWebPage) }
            return catalogue.map(Response.known) ?? unreadable(isWebPage)
        } catch {
            if let status = bridge.statusOfRefusal(after: error) {
                return refusal(status, bridge.response)
            }
            guard error == .refusedByReceiver else { return .unreachable("\(error)") }
            return unreadable(await reader.run { $0.isWebPage })
        }
    }

    private static let webPage =
        "a web page came in place of the catalogue: a proxy, a firewall, a login page or Cloudflare "
        + "stands in between"

    private func unreadable(_ isWebPage: Bool) -> Response {
        .unreachable(isWebPage ? Self.webPage : "the catalogue's answer makes no sense")
    }

    /// Only a response from Tardis itself says that there is no such exchange.
    private func refusal(
        _ status: Int, _ response: (head: ResponseHead?, body: [UInt8])
    ) -> Response {
        let reply = Reply(
            status: status, retryAfter: nil, contentType: response.head?["Content-Type"],
            body: response.body, isFromUpstream: true, apiKey: nil)
        if reply.sender == .webPage { return .unreachable("\(Self.webPage) (HTTP \(status))") }
        return [400, 404].contains(status)
            ? .refused(status: status, isSigned: reply.sender == .tardis)
            : .unreachable("the catalogue answered HTTP \(status)")
    }

    /// The ids of all exchanges; `nil` if they cannot be read.
    func exchangeIDs() async -> [String]? {
        let request = request("\(trimmingSlashes(settings.apiURL))/exchanges")
        guard
            let reply = try? await client.fetch(request, bodyMaxBytes: Self.exchangesBytesMax),
            reply.head.status == 200
        else { return nil }
        return await queue.run { JSONReplies.exchangeIDs(reply.body) }
    }

    /// No key: the catalogue is free.
    private func request(_ url: String) -> TransferRequest {
        TransferRequest(
            url: url, connectTimeout: settings.connectTimeout,
            totalTimeout: settings.catalogueTimeout)
    }
}

/// The exchanges that Tardis is known to have, for when it cannot be asked (its own list of
/// 2025-09-17). Used for suggestions only.
enum KnownExchanges {
    static let ids =
        """
        ascendex aster aster-futures binance binance-delivery binance-dex binance-european-options \
        binance-futures binance-jersey binance-options binance-us bitfinex bitfinex-derivatives \
        bitflyer bitget bitget-futures bitmex bitnomial bitstamp blockchain-com bullish bybit \
        bybit-options bybit-spot coinbase coinbase-international coinflex crypto-com \
        crypto-com-derivatives cryptofacilities delta deribit dydx dydx-v4 ftx ftx-us gate-io \
        gate-io-futures gemini hitbtc huobi huobi-dm huobi-dm-linear-swap huobi-dm-options \
        huobi-dm-swap hyperliquid kraken kucoin kucoin-futures lighter mango mexc mexc-futures \
        okcoin okex okex-futures okex-options okex-spreads okex-swap phemex polymarket poloniex \
        serum star-atlas upbit woo-x
        """.split(separator: " ").map(String.init)
}
