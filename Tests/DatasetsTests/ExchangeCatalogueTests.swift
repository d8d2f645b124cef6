// Finding symbols in a catalogue by their exact ids, however it is ordered.

import Testing

@testable import Datasets

@Suite struct ExchangeCatalogueTests {
    private func catalogue(_ ids: [String]) -> ExchangeCatalogue {
        let since = Day("2020-01-01")!
        return ExchangeCatalogue(
            exchange: "binance",
            symbols: ids.enumerated().map { place, id in
                CatalogueSymbol(
                    id: id, dataTypes: ["trades"], availableSince: since.advanced(by: place),
                    availableTo: nil)
            }, exportedUntil: nil)
    }

    @Test(arguments: [
        [], ["A"], ["B", "A"], ["A", "B", "C"], ["ETHUSDT", "BTCUSDT", "Ethusdt", "btc", "ÄB", ""],
    ])
    func `every symbol is found, and no other`(ids: [String]) {
        let catalogue = catalogue(ids)
        for (place, id) in ids.enumerated() {
            #expect(catalogue.symbol(id) == catalogue.symbols[place])
        }
        for id in ["0", "AA", "zzz", "ETHUSD", "ETHUSDT "] { #expect(catalogue.symbol(id) == nil) }
    }

    @Test func `of two symbols with one id the first is found`() {
        let catalogue = catalogue(["C", "A", "B", "A"])
        #expect(catalogue.symbol("A") == catalogue.symbols[1])
    }

    @Test func `a request is short while its symbols are few and spelled as the catalogue does`() {
        func isShort(_ symbols: [String]?, _ lookup: CatalogueLookup) -> Bool {
            RequestValidator.isShort(
                RawRequest(
                    exchange: "binance", symbols: symbols, dataTypes: ["trades"],
                    startDate: "2024-01-01", endDate: "2024-01-01"), against: lookup)
        }
        let known = CatalogueLookup.known(catalogue(["B", "A"]))
        #expect(isShort(["A", "B"], known))
        #expect(isShort(nil, known))
        #expect(!isShort(["A", "b"], known))
        #expect(!isShort(Array(repeating: "A", count: 65), known))
        #expect(isShort(["x"], .unreachable("")))
        #expect(!isShort(["x"], .unknownExchange(known: [])))
    }
}
