// What requests are understood to mean.

import Datasets
import TestSupport
import Testing

struct RequestValidatorTests {
    @Test func `accepts a plain request`() throws {
        let request = try understood(written())
        #expect(request.exchange == "binance")
        #expect(request.symbols == ["BTCUSDT"])
        #expect(request.dataTypes == [.trades])
        #expect(request.days == day("2024-01-01")...day("2024-01-31"))
        #expect(request.fileCount == 31)
        #expect(request.notes.isEmpty)
    }

    @Test func `accepts other spellings, and notes each once`() throws {
        let request = try understood(
            written(
                symbols: ["BTC-USDT", "BTC-USDT", "ethusdt"],
                dataTypes: ["book_change_l2", "trades"]))
        #expect(request.symbols == ["BTCUSDT", "ETHUSDT"])
        #expect(request.dataTypes == [.incrementalBookL2, .trades])
        #expect(
            request.notes == [
                "BTC-USDT is BTCUSDT on binance", "ethusdt is ETHUSDT on binance",
                "book_change_l2 is incremental_book_L2 at Tardis",
            ])
    }

    @Test func `merges what means the same`() throws {
        let request = try understood(
            written(
                symbols: ["BTCUSDT", "BTC-USDT", "btc/usdt"],
                dataTypes: ["l2", "incremental_book_L2", "orderbook"]))
        #expect(request.symbols == ["BTCUSDT"])
        #expect(request.dataTypes == [.incrementalBookL2])
        #expect(request.fileCount == 31)
    }

    @Test func `without a catalogue spells symbols as the official clients do`() throws {
        let request = try understood(
            written(exchange: "ftx", symbols: ["btc/usd", "BTC-PERP"]),
            against: .unreachable("no route to host"))
        #expect(request.symbols == ["BTC-USD", "BTC-PERP"])
        #expect(request.notes == ["btc/usd is BTC-USD on ftx"])
    }

    @Test(arguments: [
        ("2024-02-29", "2024-02-29", 1), ("2024-02-28", "2024-03-01", 3),
        ("2023-02-28", "2023-03-01", 2), ("2000-02-29", "2000-02-29", 1),
        ("2023-12-31", "2024-01-01", 2), ("2024-06-15", "2024-06-15", 1),
        ("2023-01-01", "2023-12-31", 365), ("2020-01-01", "2020-12-31", 366),
    ])
    func `counts both ends, and knows leap years`(start: String, end: String, days: Int) throws {
        #expect(try understood(written(start: start, end: end)).days.count == days)
    }

    @Test func `a range outside a symbol's listing is a request like any other`() throws {
        let request = try understood(
            written(symbols: ["LUNAUSDT"], start: "2024-01-01", end: "2024-01-02"))
        #expect(request.fileCount == 2)
    }

    @Test func `accepts exactly as many files as one job may have`() throws {
        let symbols = (0..<100).map { symbol("S\($0)") }
        let lookup = CatalogueLookup.known(catalogue("binance", symbols))
        let most = written(
            symbols: symbols.map(\.id), dataTypes: ["trades"], start: "2021-01-01",
            end: "2023-09-27")
        #expect(try understood(most, against: lookup).fileCount == 100_000)
        var over = most
        over.endDate = "2023-09-28"
        let problem = try #require(try problems(over, against: lookup).first)
        #expect(problem.code == .tooManyFiles)
        #expect(problem.member == nil)
        #expect(problem.message.contains("100,100 files"))
        #expect(problem.message.contains("100 symbols × 1 data type × 1,001 days"))
        #expect(problem.message.contains("at most 100,000"))
    }

    @Test func `a member without a readable value has no issue of its own`() {
        var request = written()
        request.symbols = nil
        #expect(validator.validate(request, against: .known(binance)) == .invalid([]))
        request.endDate = "2023-01-01"
        guard case .invalid(let problems) = validator.validate(request, against: .known(binance))
        else {
            Issue.record("it was understood")
            return
        }
        #expect(problems.map(\.code) == [.endBeforeStart])
    }

    @Test func `looks the exchange up, also for the names near a wrong one`() async {
        let catalogue = AnsweringCatalogue()
        #expect(await catalogue.lookup(of: "binance") == .known(binance))
        #expect(
            await catalogue.lookup(of: "binanse")
                == .unknownExchange(known: ["binance", "deribit"]))
        #expect(await catalogue.lookup(of: "okex") == .unreachable("connection refused"))
        #expect(
            await catalogue.lookup(of: nil) == .unreachable("no exchange to ask about"))
        #expect(await catalogue.asked == ["binance", "binanse", "okex"])
    }
}

/// Knows binance, knows that there is no binanse, and reaches nothing else.
private actor AnsweringCatalogue: CatalogueProviding {
    private(set) var asked: [String] = []

    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue {
        asked.append(exchange)
        switch exchange {
        case "binance": return binance
        case "binanse": throw .unknownExchange(known: ["binance", "deribit"])
        default: throw .unreachable("connection refused")
        }
    }
}
