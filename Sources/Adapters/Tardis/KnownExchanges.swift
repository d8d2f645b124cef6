// The exchanges that Tardis is known to have, for when it cannot be asked (tardis.md 3, and the
// recording of its own list of 2025-09-17). Used for suggestions only.

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

    /// Whether a text can be an exchange's id at all, and so may stand in a URL. 50 is the width of
    /// the database's column.
    static func isPlausible(_ id: String) -> Bool {
        (1...50).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
