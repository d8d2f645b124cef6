// The exchanges of the stand-in: a handful of the real ones, with symbols of every kind, some
// listed late and some delisted, so that every answer of a catalogue occurs.

/// All exchanges of the stand-in.
enum Listings {
    static let exchanges: [ListedExchange] = [
        ListedExchange(
            "binance", "Binance Spot", "2019-03-30",
            symbols: [
                .spot("BTCUSDT", "2019-03-30"),
                .spot("ETHUSDT", "2019-03-30"),
                .spot("BNBUSDT", "2019-03-30"),
                .spot("SOLUSDT", "2020-08-11"),
                .spot("ETHBTC", "2019-03-30"),
                .spot("MATICUSDT", "2019-04-26", until: "2024-09-11"),
                .spot("POLUSDT", "2024-09-13"),
            ]),
        ListedExchange(
            "binance-futures", "Binance USDT Futures", "2019-11-17",
            symbols: [
                .perpetual("BTCUSDT", "2019-11-17"),
                .perpetual("ETHUSDT", "2019-11-27"),
                .perpetual("SOLUSDT", "2020-09-14"),
                .perpetual("LUNAUSDT", "2021-01-28", until: "2022-05-13"),
                .future("BTCUSDT_210326", "2021-02-03", until: "2021-03-27"),
            ]),
        ListedExchange(
            "binance-delivery", "Binance COIN Futures", "2020-06-16",
            symbols: [
                .perpetual("BTCUSD_PERP", "2020-08-11"),
                .future("BTCUSD_200925", "2020-06-16", until: "2020-09-26"),
            ]),
        ListedExchange(
            "bitmex", "BitMEX", "2019-03-30",
            symbols: [
                .perpetual("XBTUSD", "2019-03-30"),
                .perpetual("ETHUSD", "2019-03-30"),
                .future("XBTZ21", "2021-03-15", until: "2022-01-01"),
            ]),
        ListedExchange(
            "deribit", "Deribit", "2019-03-30",
            symbols: [
                .perpetual("BTC-PERPETUAL", "2019-03-30"),
                .perpetual("ETH-PERPETUAL", "2019-03-30"),
                .future("BTC-14FEB25", "2025-01-23", until: "2025-02-15"),
                .option("BTC-5JUN20-9250-C", "2020-05-21", until: "2020-06-06"),
                .option("BTC-27DEC24-50000-C", "2023-12-28", until: "2024-12-28"),
                .option("BTC-27DEC24-50000-P", "2023-12-28", until: "2024-12-28"),
                .spot("BTC_USDC", "2023-04-24"),
            ]),
        ListedExchange(
            "okex", "OKX Spot", "2019-03-30",
            symbols: [
                .spot("BTC-USDT", "2019-03-30"),
                .spot("ETH-USDT", "2019-03-30"),
            ]),
        ListedExchange(
            "okex-swap", "OKX Swap", "2019-03-30",
            symbols: [
                .perpetual("BTC-USDT-SWAP", "2019-11-12"),
                .perpetual("BTC-USD-SWAP", "2019-03-30"),
                .perpetual("BTC-USDC-SWAP", "2022-11-30"),
            ]),
        ListedExchange(
            "okex-futures", "OKX Futures", "2019-03-30",
            symbols: [
                .future("BTC-USD-200925", "2020-03-27", until: "2020-09-26"),
                .future("BTC-USD_UM_XPERP-310404", "2026-04-01"),
            ]),
        ListedExchange(
            "huobi-dm-swap", "Huobi Swap", "2020-03-28",
            symbols: [
                .perpetual("BTC-USD", "2020-03-28"),
                .perpetual("ETH-USD", "2020-03-28"),
            ]),
        ListedExchange(
            "coinbase", "Coinbase", "2019-03-30",
            symbols: [
                .spot("BTC-USD", "2019-03-30"),
                .spot("ETH-USD", "2019-03-30"),
            ]),
        ListedExchange(
            "bybit", "Bybit Derivatives", "2019-11-07",
            symbols: [
                .perpetual("BTCUSD", "2019-11-07"),
                .perpetual("BTCUSDT", "2020-05-28"),
                .perpetual("AAVEUSDT", "2020-12-11"),
            ]),
        ListedExchange(
            "kraken", "Kraken", "2019-06-04",
            symbols: [
                .spot("XBT-USD", "2019-06-04"),
                .spot("ETH-USD", "2019-06-04"),
            ]),
        ListedExchange(
            "hyperliquid", "Hyperliquid", "2024-10-29",
            symbols: [
                .perpetual("BTC", "2024-10-29"),
                .perpetual("SOL", "2024-10-29"),
                .spot("@107", "2024-11-29"),
            ]),
        ListedExchange(
            "ftx", "FTX", "2019-08-01", until: "2022-11-13",
            symbols: [
                .perpetual("BTC-PERP", "2019-08-01", until: "2022-11-13"),
                .spot("BTC-USD", "2019-08-01", until: "2022-11-13"),
            ]),
    ]

    /// The exchange of this id.
    ///
    /// - Throws: ``TardisError`` when there is none.
    static func exchange(_ id: String) throws(TardisError) -> ListedExchange {
        if let exchange = exchanges.first(where: { $0.id == id }) { return exchange }
        throw .invalid(
            "exchange", id, hint: "Allowed are \(exchanges.map(\.id).joined(separator: ", ")).")
    }
}
