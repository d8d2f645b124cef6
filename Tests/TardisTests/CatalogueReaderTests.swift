// Catalogues are read as they arrive, cut anywhere, and never held as a whole.

import Datasets
import Testing

@testable import Tardis

@Suite struct CatalogueReaderTests {
    private static let catalogue = #"""
        { "id" : "deribit", "name":"{\"[", "availableSymbols": [{"id":"x","symbols":[1]}, [2, "]"]],
        "symbols": [{"id":"NOT"}], "other": {"datasets": {"symbols": [{"id": "NEITHER"}]}},
        "datasets": { "formats": ["csv"], "exportedUntil": "2024-05-02T00:00:00.000Z", "symbols":
        [ {"id":"A\"]}", "dataTypes":["trades"], "availableSince":"2020-01-01T00:00:00.000Z"} ,
        {"id":"\\", "dataTypes":["trades"], "availableSince":"2020-01-02T00:00:00.000Z",
        "availableTo":"2020-02-02T00:00:00.000Z", "more":{"a":[{}]}} ], "symbolsEnd": null } }
        """#

    private func read(
        _ text: String, cutAt cut: Int = 0, as exchange: String = "deribit", bytesMax: Int = 1 << 20
    ) -> ExchangeCatalogue? {
        let reader = CatalogueReader(of: exchange, bytesMax: bytesMax)
        let bytes = Array(text.utf8)
        for piece in [bytes[..<cut], bytes[cut...]] {
            guard piece.withUnsafeBytes(reader.take) else { return nil }
        }
        return reader.finish()
    }

    @Test func `is read the same in all cuts`() throws {
        let whole = try #require(read(Self.catalogue))
        #expect(whole.exportedUntil == Day("2024-05-02"))
        #expect(whole.symbols.map(\.id) == ["A\"]}", "\\"])
        #expect(whole.symbols.map(\.dataTypes) == [["trades"], ["trades"]])
        #expect(whole.symbols.map(\.availableSince) == [Day("2020-01-01"), Day("2020-01-02")])
        #expect(whole.symbols.map(\.availableTo) == [nil, Day("2020-02-02")])
        for cut in 1..<Self.catalogue.utf8.count where read(Self.catalogue, cutAt: cut) != whole {
            Issue.record("another one, cut at \(cut)")
        }
    }

    @Test func `keeps known data types once, and no endless names`() throws {
        let long = String(repeating: "X", count: 60_000)
        let text = #"""
            {"id":"deribit","datasets":{"symbols":[
            {"id":"A","dataTypes":["quotes","\u001b[31mtrades","trades","quotes","\#(long)"],
            "availableSince":"2020-01-01T00:00:00.000Z"},
            {"id":"\#(long)","dataTypes":["trades"],"availableSince":"2020-01-01T00:00:00.000Z"},
            {"id":"","dataTypes":["trades"],"availableSince":"2020-01-01T00:00:00.000Z"}]}}
            """#
        let catalogue = try #require(read(text))
        #expect(catalogue.symbols.map(\.id) == ["A"])
        #expect(catalogue.symbols[0].dataTypes == ["trades", "quotes"])
        #expect(catalogue.memoryBytes < 100)
    }

    @Test func `no part of it is one`() {
        let end = Self.catalogue.utf8.count
        for count in 0..<end where read(String(Self.catalogue.prefix(count))) != nil {
            Issue.record("\(count) bytes")
        }
        #expect(read(Self.catalogue, as: "binance") == nil)
        #expect(read(Self.catalogue, bytesMax: end - 1) == nil)
        #expect(read(Self.catalogue, bytesMax: end) != nil)
    }

    @Test(arguments: [
        #"{"id":"deribit","datasets":{"symbols":["A"]}}"#,
        #"{"id":"deribit","datasets":{"symbols":[[{"id":"A"}]]}}"#,
        #"{"id":"deribit","datasets":{"symbols":[1]}}"#,
        #"{"id":"deribit","datasets":{"symbols":[{"id":1,"availableSince":"x"}]}}"#,
        #"{"id":"deribit","datasets":{"symbols":[{"id":"A"}}}}"#,
        #"{"id":"deribit","datasets":{"symbols":[{"id":"A","availableSince":"x"},,]}"#,
        #"{"id":"deribit","datasets":{"symbols":[{"id":"A","availableSince":"1 May"}]}}"#,
        #"{"id":"deribit"}}"#, #"["deribit"]"#, "", "deribit", "{{{", #"{"id":deribit}"#,
    ])
    func `nonsense is refused`(text: String) {
        #expect(read(text) == nil)
    }

    @Test func `an exchange may have no symbols`() {
        #expect(read(#"{"id":"deribit","datasets":{"symbols":[]}}"#)?.symbols.isEmpty == true)
        #expect(read(#"{"id":"deribit"}"#)?.symbols.isEmpty == true)
        // Without any readable date the catalogue is refused.
        #expect(read(#"{"id":"deribit","datasets":{}}"#) == nil)
    }

    @Test func `neither the skeleton nor an element grows without end`() {
        let long = String(repeating: "x", count: 2 << 20)
        #expect(read(#"{"id":"deribit","name":"\#(long)"}"#, bytesMax: .max) == nil)
        let element = #"{"id":"\#(long)","availableSince":"2020-01-01T00:00:00.000Z"}"#
        #expect(
            read(#"{"id":"deribit","datasets":{"symbols":[\#(element)]}}"#, bytesMax: .max) == nil)
        let skipped = #"{"id":"deribit","availableSymbols":["\#(long)"]}"#
        #expect(read(skipped, bytesMax: .max)?.symbols.isEmpty == true)
        let deep = String(repeating: #"{"a":"#, count: 1_000)
        #expect(read(deep) == nil)
    }

    @Test func `thousands of symbols keep their order`() throws {
        let ids = (0..<5_000).map { "SYMBOL-\($0)" }
        let elements = ids.map {
            #"{"id":"\#($0)","dataTypes":["\#($0.utf8.count == 11 ? "quotes" : "trades")"],"#
                + #""availableSince":"2020-01-01T00:00:00.000Z"}"#
        }
        let text =
            #"{"id":"deribit","datasets":{"symbols":["# + elements.joined(separator: ",") + "]}}"
        let found = try #require(read(text))
        #expect(found.symbols.map(\.id) == ids)
        #expect(found.symbol("SYMBOL-4999")?.dataTypes == ["quotes"])
        #expect(found.symbol("SYMBOL-5000") == nil)
    }
}
