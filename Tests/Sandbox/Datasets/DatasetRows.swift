// The columns and generated rows of the nine kinds of dataset. The columns are written down from
// Tardis's documentation: a stand-in that shared the code under test would share its mistakes.

import Datasets

extension DataType {
    /// The names of the columns, in the order of the file.
    var columns: [String] {
        ["exchange", "symbol", "timestamp", "local_timestamp"] + ownColumns
    }

    private var ownColumns: [String] {
        switch self {
        case .trades, .liquidations:
            ["id", "side", "price", "amount"]
        case .incrementalBookL2:
            ["is_snapshot", "side", "price", "amount"]
        case .bookSnapshot5:
            DataType.levels(5)
        case .bookSnapshot25:
            DataType.levels(25)
        case .quotes, .bookTicker:
            ["ask_amount", "ask_price", "bid_price", "bid_amount"]
        case .derivativeTicker:
            [
                "funding_timestamp", "funding_rate", "predicted_funding_rate", "open_interest",
                "last_price", "index_price", "mark_price",
            ]
        case .optionsChain:
            [
                "type", "strike_price", "expiration", "open_interest", "last_price", "bid_price",
                "bid_amount", "bid_iv", "ask_price", "ask_amount", "ask_iv", "mark_price",
                "mark_iv", "underlying_index", "underlying_price", "delta", "gamma", "vega",
                "theta", "rho",
            ]
        }
    }

    private static func levels(_ count: Int) -> [String] {
        (0..<count).flatMap { level in
            [
                "asks[\(level)].price", "asks[\(level)].amount", "bids[\(level)].price",
                "bids[\(level)].amount",
            ]
        }
    }
}

/// Writes the rows of one dataset file, one after the other.
struct DatasetRows {
    private let file: DatasetFile
    /// Whose rows the file holds: the symbol itself, or those that a grouped symbol stands for.
    private let symbols: [String]
    private var walk: RandomWalk

    init(file: DatasetFile, symbols: [String], count: Int) {
        precondition(!symbols.isEmpty, "a dataset has rows of at least one symbol")
        self.file = file
        self.symbols = symbols
        walk = RandomWalk(
            seed: file.name, market: "\(file.exchange) \(file.symbol)", day: file.day, steps: count)
    }

    /// Writes the next row.
    mutating func write(to text: inout CSVText) {
        walk.advance()
        let symbol = symbols[symbols.count == 1 ? 0 : walk.random.below(symbols.count)]
        text.cell(file.exchange)
        text.cell(symbol)
        text.cell(Int(walk.timestamp))
        text.cell(Int(walk.localTimestamp))
        switch file.dataType {
        case .trades, .liquidations: writeTrade(to: &text)
        case .incrementalBookL2: writeBookChange(to: &text)
        case .bookSnapshot5: writeLevels(5, to: &text)
        case .bookSnapshot25: writeLevels(25, to: &text)
        case .quotes, .bookTicker: writeQuote(to: &text)
        case .derivativeTicker: writeTicker(to: &text)
        case .optionsChain: writeOption(symbol, to: &text)
        }
        text.endRow()
    }

    private mutating func writeTrade(to text: inout CSVText) {
        // Ids rise from day to day, as an exchange's counters do.
        text.cell(file.day.daysSinceEpoch * 10_000_000 + walk.steps)
        text.cell(walk.random.below(2) == 0 ? "buy" : "sell")
        text.decimal(walk.price, places: 2)
        text.decimal(walk.amount(), places: 3)
    }

    private mutating func writeBookChange(to text: inout CSVText) {
        /// Levels of the snapshot with which Tardis begins every day.
        let snapshotRows = 50
        let isSnapshot = walk.steps <= snapshotRows
        let isAsk = walk.random.below(2) == 0
        text.cell(isSnapshot ? "true" : "false")
        text.cell(isAsk ? "ask" : "bid")
        text.decimal(walk.price + (isAsk ? 1 : -1) * walk.random.within(1...500), places: 2)
        // Every fifth change takes a level away.
        text.decimal(!isSnapshot && walk.random.below(5) == 0 ? 0 : walk.amount(), places: 3)
    }

    private mutating func writeLevels(_ count: Int, to text: inout CSVText) {
        for level in 1...count {
            text.decimal(walk.price + level, places: 2)
            text.decimal(walk.amount(), places: 3)
            text.decimal(walk.price - level, places: 2)
            text.decimal(walk.amount(), places: 3)
        }
    }

    private mutating func writeQuote(to text: inout CSVText) {
        text.decimal(walk.amount(), places: 3)
        text.decimal(walk.price + 1, places: 2)
        text.decimal(walk.price, places: 2)
        text.decimal(walk.amount(), places: 3)
    }

    private mutating func writeTicker(to text: inout CSVText) {
        let fundingPeriod = Timestamp.microsecondsPerDay / 3
        text.cell(Int((walk.localTimestamp / fundingPeriod + 1) * fundingPeriod))
        text.decimal(walk.random.within(-30_000...30_000), places: 8)
        text.emptyCell()
        text.cell(1_000_000 + walk.random.below(9_000_000))
        text.decimal(walk.price, places: 2)
        text.decimal(walk.price + walk.random.within(-50...50), places: 2)
        text.decimal(walk.price + walk.random.within(-20...20), places: 2)
    }

    private mutating func writeOption(_ symbol: String, to text: inout CSVText) {
        text.cell(symbol.hasSuffix("P") ? "put" : "call")
        // The strike is part of an option's name: BTC-27DEC24-50000-C.
        let parts = symbol.split(separator: "-")
        text.cell(parts.count == 4 ? String(parts[2]) : "50000")
        text.cell(Int(file.day.advanced(by: 30).start.microseconds))
        text.decimal(walk.random.below(50_000), places: 1)
        if walk.random.below(4) == 0 {
            text.emptyCell()
        } else {
            text.decimal(walk.random.below(2_000), places: 4)
        }
        for _ in 0..<2 {
            text.decimal(walk.random.below(2_000), places: 4)
            text.decimal(walk.amount(), places: 1)
            text.decimal(walk.random.within(3_000...9_000), places: 2)
        }
        text.decimal(walk.random.below(2_000), places: 4)
        text.decimal(walk.random.within(3_000...9_000), places: 2)
        text.cell("SYN.\(file.exchange.uppercased())")
        text.decimal(walk.price, places: 2)
        text.decimal(walk.random.within(-100_000...100_000), places: 5)
        for _ in 0..<3 { text.decimal(walk.random.below(100_000), places: 5) }
        text.decimal(walk.random.within(-100_000...100_000), places: 5)
    }
}
