// Which days the catalogue says there are.

import Datasets
import Testing

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

    @Test func `a data type that the symbol does not have comes before any day`() {
        let found = symbol("X", types: ["trades"], since: "2024-01-01").availability(
            of: .quotes, on: day("2020-01-01"), exportedUntil: day("2024-06-15"))
        #expect(found == .noSuchDataType(has: ["trades"]))
    }

    @Test func `without a frontier an end proves nothing`() {
        let found = symbol("X", to: "2022-01-01").availability(
            of: .trades, on: day("2023-01-01"), exportedUntil: nil)
        #expect(found == .available)
    }
}
