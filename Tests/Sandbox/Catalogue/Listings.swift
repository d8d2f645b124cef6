// The exchanges that the stand-in lists: a handful of the real ones, with symbols of every kind,
// some listed late and some delisted, so that every answer of a catalogue can be had.

import Datasets

/// All exchanges of the stand-in.
enum Listings {
    static let exchanges: [ListedExchange] = [
        binance, binanceFutures, binanceDelivery, bitmex, deribit, okex, okexSwap, okexFutures,
        huobiSwap, coinbase, bybit, kraken, hyperliquid, ftx,
    ]

    private static let binance = ListedExchange(
        "binance", "Binance Spot", since: day("2019-03-30"),
        symbols: [
            .spot("BTCUSDT", since: day("2019-03-30")),
            .spot("ETHUSDT", since: day("2019-03-30")),
            .spot("BNBUSDT", since: day("2019-03-30")),
            .spot("SOLUSDT", since: day("2020-08-11")),
            .spot("ETHBTC", since: day("2019-03-30")),
            .spot("MATICUSDT", since: day("2019-04-26"), until: day("2024-09-11")),
            .spot("POLUSDT", since: day("2024-09-13")),
        ])

    private static let binanceFutures = ListedExchange(
        "binance-futures", "Binance USDT Futures", since: day("2019-11-17"),
        symbols: [
            .perpetual("BTCUSDT", since: day("2019-11-17")),
            .perpetual("ETHUSDT", since: day("2019-11-27")),
            .perpetual("SOLUSDT", since: day("2020-09-14")),
            .perpetual("LUNAUSDT", since: day("2021-01-28"), until: day("2022-05-13")),
            .future("BTCUSDT_210326", since: day("2021-02-03"), until: day("2021-03-27")),
        ])

    private static let binanceDelivery = ListedExchange(
        "binance-delivery", "Binance COIN Futures", since: day("2020-06-16"),
        symbols: [
            .perpetual("BTCUSD_PERP", since: day("2020-08-11")),
            .future("BTCUSD_200925", since: day("2020-06-16"), until: day("2020-09-26")),
        ])

    private static let bitmex = ListedExchange(
        "bitmex", "BitMEX", since: day("2019-03-30"),
        symbols: [
            .perpetual("XBTUSD", since: day("2019-03-30")),
            .perpetual("ETHUSD", since: day("2019-03-30")),
            .future("XBTZ21", since: day("2021-03-15"), until: day("2022-01-01")),
        ])

    private static let deribit = ListedExchange(
        "deribit", "Deribit", since: day("2019-03-30"),
        symbols: [
            .perpetual("BTC-PERPETUAL", since: day("2019-03-30")),
            .perpetual("ETH-PERPETUAL", since: day("2019-03-30")),
            .future("BTC-14FEB25", since: day("2025-01-23"), until: day("2025-02-15")),
            .option("BTC-5JUN20-9250-C", since: day("2020-05-21"), until: day("2020-06-06")),
            .option("BTC-27DEC24-50000-C", since: day("2023-12-28"), until: day("2024-12-28")),
            .option("BTC-27DEC24-50000-P", since: day("2023-12-28"), until: day("2024-12-28")),
            .spot("BTC_USDC", since: day("2023-04-24")),
        ])

    private static let okex = ListedExchange(
        "okex", "OKX Spot", since: day("2019-03-30"),
        symbols: [
            .spot("BTC-USDT", since: day("2019-03-30")),
            .spot("ETH-USDT", since: day("2019-03-30")),
        ])

    private static let okexSwap = ListedExchange(
        "okex-swap", "OKX Swap", since: day("2019-03-30"),
        symbols: [
            .perpetual("BTC-USDT-SWAP", since: day("2019-11-12")),
            .perpetual("BTC-USD-SWAP", since: day("2019-03-30")),
            .perpetual("BTC-USDC-SWAP", since: day("2022-11-30")),
        ])

    private static let okexFutures = ListedExchange(
        "okex-futures", "OKX Futures", since: day("2019-03-30"),
        symbols: [
            .future("BTC-USD-200925", since: day("2020-03-27"), until: day("2020-09-26")),
            .future("BTC-USD_UM_XPERP-310404", since: day("2026-04-01")),
        ])

    private static let huobiSwap = ListedExchange(
        "huobi-dm-swap", "Huobi Swap", since: day("2020-03-28"),
        symbols: [
            .perpetual("BTC-USD", since: day("2020-03-28")),
            .perpetual("ETH-USD", since: day("2020-03-28")),
        ])

    private static let coinbase = ListedExchange(
        "coinbase", "Coinbase", since: day("2019-03-30"),
        symbols: [
            .spot("BTC-USD", since: day("2019-03-30")),
            .spot("ETH-USD", since: day("2019-03-30")),
        ])

    private static let bybit = ListedExchange(
        "bybit", "Bybit Derivatives", since: day("2019-11-07"),
        symbols: [
            .perpetual("BTCUSD", since: day("2019-11-07")),
            .perpetual("BTCUSDT", since: day("2020-05-28")),
            .perpetual("AAVEUSDT", since: day("2020-12-11")),
        ])

    private static let kraken = ListedExchange(
        "kraken", "Kraken", since: day("2019-06-04"),
        symbols: [
            .spot("XBT-USD", since: day("2019-06-04")),
            .spot("ETH-USD", since: day("2019-06-04")),
        ])

    private static let hyperliquid = ListedExchange(
        "hyperliquid", "Hyperliquid", since: day("2024-10-29"),
        symbols: [
            .perpetual("BTC", since: day("2024-10-29")),
            .perpetual("SOL", since: day("2024-10-29")),
            .spot("@107", since: day("2024-11-29")),
        ])

    private static let ftx = ListedExchange(
        "ftx", "FTX", since: day("2019-08-01"), until: day("2022-11-13"),
        symbols: [
            .perpetual("BTC-PERP", since: day("2019-08-01"), until: day("2022-11-13")),
            .spot("BTC-USD", since: day("2019-08-01"), until: day("2022-11-13")),
        ])

    private static func day(_ text: String) -> Day {
        guard let day = Day(text) else { preconditionFailure("\(text) is no day") }
        return day
    }
}
