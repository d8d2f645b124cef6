// Catalogues for the tests of this folder, with the spellings that real exchanges have.

import Datasets

let spotTypes = [
    "trades", "incremental_book_L2", "quotes", "book_snapshot_5", "book_snapshot_25", "book_ticker",
]

func day(_ text: String) -> Day {
    guard let day = Day(text) else { preconditionFailure("\(text) is no day") }
    return day
}

func symbol(
    _ id: String, types: [String] = spotTypes, since: String = "2019-03-30", to: String? = nil
) -> CatalogueSymbol {
    CatalogueSymbol(
        id: id, dataTypes: types, availableSince: day(since), availableTo: to.map(day))
}

/// Everything up to and including 2024-06-14 is exported.
func catalogue(_ exchange: String, _ symbols: [CatalogueSymbol]) -> ExchangeCatalogue {
    ExchangeCatalogue(exchange: exchange, symbols: symbols, exportedUntil: day("2024-06-15"))
}

let binance = catalogue(
    "binance",
    [
        symbol("BTCUSDT", to: "2024-06-15"), symbol("ETHUSDT"), symbol("BTCUSDC"),
        symbol("MATICUSDT", to: "2024-09-06"), symbol("LUNAUSDT", to: "2022-05-13"),
        symbol("SPOT", types: ["trades"]), symbol("PEPEUSDT", since: "2023-05-05"),
    ])
