// A request for datasets as it was understood. It must not know who asks, or where the files go.

/// Which dataset files are wanted; every part was checked as far as could be.
package struct UnderstoodRequest: Hashable, Sendable {
    package var exchange: String
    /// The datasets' own spellings, each once, in the order asked for.
    package var symbols: [String]
    /// Each once, in the order asked for.
    package var dataTypes: [DataType]
    /// The first and the last day, both inclusive.
    package var days: ClosedRange<Day>
    /// What was understood differently from what was written: `BTC-USDT is BTCUSDT on binance`.
    package var notes: [String]

    package init(
        exchange: String, symbols: [String], dataTypes: [DataType], days: ClosedRange<Day>,
        notes: [String] = []
    ) {
        self.exchange = exchange
        self.symbols = symbols
        self.dataTypes = dataTypes
        self.days = days
        self.notes = notes
    }

    /// One file per symbol, data type and day.
    package var fileCount: Int { symbols.count * dataTypes.count * days.count }
}
