// What is wrong with requests, all of it at once.

import Datasets
import TestSupport
import Testing

let validator = RequestValidator(today: day("2024-06-15"), filesMax: 100_000)

func written(
    exchange: String = "binance", symbols: [String] = ["BTCUSDT"],
    dataTypes: [String] = ["trades"], start: String = "2024-01-01", end: String = "2024-01-31"
) -> RawRequest {
    RawRequest(
        exchange: exchange, symbols: symbols, dataTypes: dataTypes, startDate: start, endDate: end)
}

func understood(
    _ request: RawRequest, against lookup: CatalogueLookup = .known(binance)
) throws -> DownloadRequest {
    switch validator.validate(request, against: lookup) {
    case .valid(let request): return request
    case .invalid(let issues): throw issues[0]
    }
}

func problems(
    _ request: RawRequest, against lookup: CatalogueLookup = .known(binance)
) throws -> [ValidationIssue] {
    guard case .invalid(let problems) = validator.validate(request, against: lookup) else {
        Issue.record("it is valid")
        return []
    }
    return problems
}

struct ValidationIssueTests {
    @Test func `reports all issues together, in the order of the members`() throws {
        let found = try problems(
            written(
                exchange: "binance", symbols: ["BTCUSDT", "FOO", ""],
                dataTypes: ["options_chain", "candles"], start: "2024-13-01", end: "2025-01-01"))
        #expect(
            found.map(\.code) == [
                .unknownSymbol, .malformedSymbol, .unknownDataType, .unavailableDataType,
                .malformedDate, .futureDate,
            ])
        #expect(
            found.map(\.member) == [
                .symbols, .symbols, .dataTypes, .dataTypes, .startDate, .endDate,
            ])
        #expect(found.map(\.index) == [1, 2, 1, 0, nil, nil])
        let inputs = ["FOO", "''", "candles", "options_chain", "2024-13-01", "2025-01-01"]
        #expect(zip(found, inputs).allSatisfy { $0.message.contains($1) })
    }

    @Test(.timeLimit(.minutes(1)))
    func `names of a megabyte are refused at once, with the most that a symbol may have`() throws {
        let texts = ["A", "a-", "é", "e\u{301}", "x,"].map { String(repeating: $0, count: 900_000) }
        let symbols = Array(repeating: texts, count: 10).flatMap { $0 }
        let found = try problems(
            written(
                exchange: texts[4], symbols: symbols + ["ETHUSTD"], dataTypes: texts,
                start: texts[0], end: texts[3]))
        let malformed = found.filter { $0.code == .malformedSymbol }
        #expect(malformed.count == 50)
        #expect(malformed.allSatisfy { $0.message.hasSuffix("is longer than 128 bytes.") })
        #expect(found.count == 50 + 1 + 1 + texts.count + 2)
        #expect(found.allSatisfy { $0.message.utf8.count < 1_000 })
        let unknown = try #require(found.first { $0.code == .unknownSymbol })
        #expect(unknown.index == 50)
        #expect(unknown.message.contains("ETHUSDT"))
    }

    @Test func `only the first twenty unknown data types get suggestions`() throws {
        let found = try problems(written(dataTypes: Array(repeating: "traids", count: 30)))
        #expect(
            found.filter { $0.message.contains("Did you mean trades?") }.map(\.index)
                == Array(0..<20))
    }

    @Test func `a long list of data types is not validated in passing`() {
        let few = written(dataTypes: Array(repeating: "traids", count: 64))
        #expect(RequestValidator.isShort(few, against: .known(binance)))
        let many = written(dataTypes: Array(repeating: "traids", count: 65))
        #expect(!RequestValidator.isShort(many, against: .known(binance)))
    }

    @Test(arguments: [
        "", "Binance", "bi nance", "../x", "binance/", String(repeating: "a", count: 65),
    ])
    func `refuses what cannot be an exchange id`(text: String) throws {
        let found = try problems(written(exchange: text), against: .unreachable(""))
        #expect(found.map(\.code) == [.malformedExchange])
        let isSuggested = found.first?.message.contains("Did you mean binance?")
        #expect(isSuggested == (text == "Binance"))
    }

    @Test func `names the exchanges nearest to an unknown one`() throws {
        let found = try problems(
            written(exchange: "binanse"),
            against: .unknownExchange(known: ["deribit", "binance", "binance-us"]))
        #expect(found.map(\.code) == [.unknownExchange])
        #expect(
            found.map(\.message) == [
                "Tardis has no exchange 'binanse'. Did you mean binance?"
            ])
    }

    @Test(arguments: [
        ("okex_swap", "okex-swap"), ("OKEX SWAP", "okex-swap"), ("Okex/Swap", "okex-swap"),
        ("okexswap", "okex-swap"), ("Binance", "binance"), ("binance_futurs", "binance-futures"),
    ])
    func `names the exchange that was written in another way`(text: String, id: String) throws {
        let known = ["binance", "binance-futures", "okex", "okex-swap"]
        let found = try problems(written(exchange: text), against: .unknownExchange(known: known))
        #expect(found.first?.message.contains("Did you mean \(id)") == true)
    }

    @Test(arguments: [
        "BTC-USDT,ETH-USDT", "BTC-USDT, ETH-USDT", "BTC-USDT;ETH-USDT", "BTC-USDT ETH-USDT",
        #"["BTC-USDT","ETH-USDT"]"#,
    ])
    func `says how to write a list that was written as one symbol`(text: String) throws {
        let found = try problems(written(symbols: [text]))
        let advice =
            #"Write each symbol as an element of its own: "BTC-USDT", "ETH-USDT"."#
        #expect(found.map(\.code) == [.unknownSymbol])
        #expect(found.first?.message.hasSuffix(advice) == true)
    }

    @Test func `says how to write several data types, and several exchanges`() throws {
        let types = try problems(written(dataTypes: ["trades,quotes"]))
        #expect(
            types.first?.message.contains(
                #"Write each data type as an element of its own: "trades", "quotes"."#) == true)
        let exchanges = try problems(
            written(exchange: "binance,deribit"), against: .unknownExchange(known: ["binance"]))
        #expect(
            exchanges.first?.message.hasSuffix(
                #"Each exchange needs a job of its own: "binance", "deribit"."#) == true)
    }

    @Test func `names the symbols nearest to an unknown one`() throws {
        let found = try problems(written(symbols: ["BTCUSDZ"]))
        #expect(
            found.map(\.message) == [
                "Tardis has no datasets of a symbol 'BTCUSDZ' on binance. "
                    + "Did you mean BTCUSDC or BTCUSDT?"
            ])
    }

    @Test func `names the data types that a symbol has`() throws {
        let found = try problems(
            written(symbols: ["SPOT", "BTCUSDT"], dataTypes: ["l2", "quotes"]))
        #expect(found.map(\.code) == [.unavailableDataType, .unavailableDataType])
        #expect(found.map(\.index) == [0, 1])
        #expect(found[0].message.contains("no incremental_book_L2 of SPOT"))
        #expect(
            found[1].message == "There is no quotes of SPOT on binance; SPOT has trades.")
    }

    @Test func `refuses symbols whose files would have the same names`() throws {
        let found = try problems(
            written(symbols: ["?A", "B", "-A", "-A"]), against: .unreachable(""))
        #expect(found.map(\.code) == [.sameFileName])
        #expect(
            found.first?.message
                == "The files of '?A' and '-A' have the same names. Ask for them by two jobs, "
                + "with an output_path each.")
    }

    @Test func `refuses empty lists`() throws {
        let found = try problems(written(symbols: [], dataTypes: []))
        #expect(found.map(\.code) == [.emptyList, .emptyList])
        #expect(found.map(\.member) == [.symbols, .dataTypes])
    }

    @Test(arguments: [
        "2023-02-29", "2024-02-30", "1900-02-29", "2024-04-31", "2024-00-01", "2024-01-00",
        "2024-1-1", "24-01-01", "2024/01/01", "2024-01-01T00:00:00", " 2024-01-01", "today", "",
        "٢٠٢٤-٠١-٠١", "-024-01-01", "0000-01-01",
    ])
    func `refuses what is no date`(text: String) throws {
        let found = try problems(written(start: text, end: text))
        #expect(found.map(\.code) == [.malformedDate, .malformedDate])
        #expect(found.map(\.member) == [.startDate, .endDate])
    }

    @Test func `refuses an end before the start`() throws {
        let found = try problems(written(start: "2024-01-02", end: "2024-01-01"))
        #expect(found.map(\.code) == [.endBeforeStart])
        #expect(found.map(\.member) == [.endDate])
    }

    @Test func `refuses the future, from tomorrow on`() throws {
        #expect(throws: Never.self) { try understood(written(end: "2024-06-15")) }
        #expect(try problems(written(end: "2024-06-16")).map(\.code) == [.futureDate])
        let both = try problems(written(start: "2030-01-01", end: "2030-01-02"))
        #expect(both.map(\.member) == [.startDate, .endDate])
        let backwards = try problems(written(start: "2030-01-01", end: "2024-01-01"))
        #expect(backwards.map(\.code) == [.futureDate, .endBeforeStart])
    }

    @Test func `shortens what it quotes, and keeps it on one line`() throws {
        let text = String(repeating: "A", count: 60) + "\n" + String(repeating: "B", count: 60)
        let found = try problems(written(symbols: [text]))
        #expect(found.map(\.code) == [.malformedSymbol])
        #expect(found[0].message.count < 150)
        #expect(!found[0].message.contains("\n"))
    }
}
