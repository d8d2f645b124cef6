// How symbols may be written, on exchanges that spell them differently.

import TestSupport
import Testing

@testable import Datasets

struct SymbolResolverTests {
    private static let exchanges = [
        catalogue("binance", [symbol("BTCUSDT"), symbol("ETHUSDT")]),
        catalogue("okex-swap", [symbol("BTC-USDT-SWAP"), symbol("BTC-USD-SWAP")]),
        catalogue("gate-io", [symbol("BTC_USDT")]),
        catalogue("ftx", [symbol("BTC-USD"), symbol("BTC-PERP")]),
        catalogue("bitfinex-derivatives", [symbol("BTCF0-USTF0")]),
        catalogue("kraken", [symbol("XBT-USD"), symbol("AAPLX-USD")]),
        catalogue("hyperliquid", [symbol("kPEPE"), symbol("@107"), symbol("BTC")]),
        catalogue("deribit", [symbol("BTC_USDC"), symbol("BTC-FS-30SEP22_PERP")]),
    ]

    @Test(arguments: [
        ("binance", "BTC-USDT", "BTCUSDT"), ("binance", "BTC/USDT", "BTCUSDT"),
        ("binance", "btcusdt", "BTCUSDT"), ("binance", "btc_usdt", "BTCUSDT"),
        ("binance", "BTC:USDT", "BTCUSDT"), ("okex-swap", "BTCUSDTSWAP", "BTC-USDT-SWAP"),
        ("gate-io", "BTC-USDT", "BTC_USDT"), ("ftx", "BTC/USD", "BTC-USD"),
        ("ftx", "btc/usd", "BTC-USD"), ("bitfinex-derivatives", "BTCF0:USTF0", "BTCF0-USTF0"),
        ("kraken", "AAPLx/USD", "AAPLX-USD"), ("hyperliquid", "KPEPE", "kPEPE"),
        ("deribit", "btc-usdc", "BTC_USDC"),
    ])
    func `finds the dataset's own spelling and says so`(
        exchange: String, text: String, id: String
    ) throws {
        let resolutions = try spelling(of: exchange).resolve([text])
        guard case .known(let symbol, let note) = resolutions[0] else {
            Issue.record("\(text) was not understood: \(resolutions[0])")
            return
        }
        #expect(symbol.id == id)
        #expect(note == "\(text) is \(id) on \(exchange)")
    }

    @Test(arguments: [
        ("binance", "BTCUSDT"), ("hyperliquid", "kPEPE"), ("hyperliquid", "@107"),
        ("gate-io", "BTC_USDT"), ("deribit", "BTC-FS-30SEP22_PERP"),
    ])
    func `takes an exact spelling without a note`(exchange: String, id: String) throws {
        let resolutions = try spelling(of: exchange).resolve([id])
        #expect(resolutions == [.known(symbol(id), note: nil)])
    }

    @Test func `prefers the spelling that changes least`() {
        let spelling = SymbolResolver(
            catalogue("x", [symbol("A_B"), symbol("A-B"), symbol("AB"), symbol("ab")]))
        #expect(
            ids(spelling.resolve(["A_B", "ab", "A/B", "a_b", "a-b"])) == [
                "A_B", "ab", "A-B", "A_B", "A-B",
            ])
    }

    @Test func `does not choose between two that are equally near`() {
        let spelling = SymbolResolver(catalogue("x", [symbol("A-BC"), symbol("AB-C")]))
        #expect(spelling.resolve(["ABC"]) == [.unknown(suggestions: ["A-BC", "AB-C"])])
        let cases = SymbolResolver(catalogue("x", [symbol("kPEPE"), symbol("KPEPE")]))
        #expect(cases.resolve(["kpepe"]) == [.unknown(suggestions: ["kPEPE", "KPEPE"])])
    }

    @Test func `suggests the nearest ids`() {
        let resolutions = SymbolResolver(binance).resolve(["BTCUSDZ", "NOTHING-LIKE-IT"])
        #expect(resolutions[0] == .unknown(suggestions: ["BTCUSDC", "BTCUSDT"]))
        #expect(resolutions[1] == .unknown(suggestions: []))
    }

    @Test func `an id that the catalogue has twice is one symbol`() {
        let spelling = SymbolResolver(catalogue("x", [symbol("AB"), symbol("AB")]))
        #expect(ids(spelling.resolve(["AB", "a-b"])) == ["AB", "AB"])
    }

    @Test(arguments: [
        ("btc/usdt", "BTC-USDT"), ("BTC:USD", "BTC-USD"), ("btc_usdt", "BTC_USDT"),
        ("@107", "@107"), ("??usdt", "??USDT"),
    ])
    func `without a catalogue does what the official clients do`(text: String, id: String) {
        #expect(SymbolResolver.normalised(text) == id)
    }

    @Test func `says why a text cannot be a symbol`() {
        #expect(SymbolResolver.invalidReason(of: "BTCUSDT") == nil)
        #expect(SymbolResolver.invalidReason(of: "@107 ??") == nil)
        #expect(SymbolResolver.invalidReason(of: String(repeating: "A", count: 128)) == nil)
        #expect(SymbolResolver.invalidReason(of: String(repeating: "A", count: 129)) != nil)
        for text in ["", "BTC\nUSD", "BTC\u{0}", "\u{7F}", "a\u{85}b", ".", ".."] {
            #expect(SymbolResolver.invalidReason(of: text) != nil, "\(text)")
        }
    }

    private func spelling(of exchange: String) throws -> SymbolResolver {
        SymbolResolver(try #require(Self.exchanges.first { $0.exchange == exchange }))
    }

    private func ids(_ resolutions: [SymbolResolver.Resolution]) -> [String?] {
        resolutions.map { resolution in
            if case .known(let symbol, _) = resolution { symbol.id } else { nil }
        }
    }
}
