// What a catalogue finds, and says about files.

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

struct AvailabilityTests {
    @Test(arguments: [
        // Listed all the time: `availableTo` is the frontier, or nothing.
        ("BTCUSDT", "2019-03-29", Availability.notListedYet(since: day("2019-03-30"))),
        ("BTCUSDT", "2019-03-30", .available), ("BTCUSDT", "2024-06-14", .available),
        ("BTCUSDT", "2024-06-15", .notExportedYet(until: day("2024-06-15"))),
        ("BTCUSDT", "2024-06-16", .notExportedYet(until: day("2024-06-15"))),
        ("ETHUSDT", "2024-06-14", .available),
        ("ETHUSDT", "2024-06-15", .notExportedYet(until: day("2024-06-15"))),
        // The catalogue may know an end beyond the frontier.
        ("MATICUSDT", "2024-06-15", .notExportedYet(until: day("2024-06-15"))),
        // Delisted long ago; the end is exclusive.
        ("LUNAUSDT", "2022-05-12", .available),
        ("LUNAUSDT", "2022-05-13", .delisted(to: day("2022-05-13"))),
        ("LUNAUSDT", "2024-06-20", .delisted(to: day("2022-05-13"))),
        // Listed later.
        ("PEPEUSDT", "2023-05-04", .notListedYet(since: day("2023-05-05"))),
        ("PEPEUSDT", "2023-05-05", .available),
    ])
    func `tells the days apart`(id: String, text: String, coverage: Availability) throws {
        let symbol = try #require(binance.symbols.first { $0.id == id })
        let found = symbol.availability(
            of: .trades, on: day(text), exportedUntil: binance.exportedUntil)
        #expect(found == coverage)
    }

    @Test func `a missing data type is reported before any day`() {
        let found = symbol("X", types: ["trades"], since: "2024-01-01").availability(
            of: .quotes, on: day("2020-01-01"), exportedUntil: day("2024-06-15"))
        #expect(found == .noSuchDataType(has: ["trades"]))
    }

    @Test func `without a frontier an end does not mean delisted`() {
        let found = symbol("X", to: "2022-01-01").availability(
            of: .trades, on: day("2023-01-01"), exportedUntil: nil)
        #expect(found == .available)
    }
}
