// How data types may be written.

import TestSupport
import Testing

@testable import Datasets

struct DataTypeParserTests {
    @Test(arguments: DataType.allCases)
    func `takes Tardis's own names without a note`(type: DataType) {
        #expect(DataTypeParser(parsing: type.name) == .known(type, note: nil))
    }

    @Test(arguments: [
        ("book_change_l2", DataType.incrementalBookL2), ("book_change", .incrementalBookL2),
        ("book_delta", .incrementalBookL2), ("book_deltas", .incrementalBookL2),
        ("l2", .incrementalBookL2), ("orderbook", .incrementalBookL2),
        ("incremental_book_l2", .incrementalBookL2), ("Incremental-Book-L2", .incrementalBookL2),
        ("trade", .trades), ("TRADES", .trades), ("quote", .quotes), ("bbo", .bookTicker),
        ("bookTicker", .bookTicker), ("liquidation", .liquidations),
        ("funding", .derivativeTicker), ("open_interest", .derivativeTicker),
        ("option_summary", .optionsChain), ("book_snapshot5", .bookSnapshot5),
        ("snapshot_25", .bookSnapshot25),
    ])
    func `takes the names that others have for it, with a note`(text: String, type: DataType) {
        let note = "\(text) is \(type.name) at Tardis"
        #expect(DataTypeParser(parsing: text) == .known(type, note: note))
    }

    @Test(arguments: [
        ("tradse", "trades"), ("qoutes", "quotes"), ("book_snapshot_10", "book_snapshot_5"),
        ("liquidatoins", "liquidations"), ("derivative_tiker", "derivative_ticker"),
    ])
    func `suggests the nearest name for a slip`(text: String, meant: String) {
        guard case .unknown(let suggestions) = DataTypeParser(parsing: text) else {
            Issue.record("\(text) was understood")
            return
        }
        #expect(suggestions.contains(meant))
    }

    @Test(arguments: ["candles", "", "ohlcv_1m", String(repeating: "x", count: 10_000)])
    func `suggests nothing where nothing is near`(text: String) {
        #expect(DataTypeParser(parsing: text) == .unknown(suggestions: []))
    }
}
