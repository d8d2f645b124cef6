// The exchanges that Tardis is known to have, for when it cannot be asked (its own list of
// 2025-09-17). Used for suggestions only.

/// Ids of exchanges.
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
