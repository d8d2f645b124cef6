// One dataset file: the unit of work of the whole service. It must not know where it is stored.

/// One gzip CSV of Tardis: an exchange's data of one kind, for one symbol, on one UTC day.
package struct DatasetFile: Hashable, Sendable {
    /// The exchange's id, such as `binance-futures`.
    package let exchange: String
    package let dataType: DataType
    package let day: Day
    /// The dataset's own spelling of the symbol, such as `BTCUSDT`: upper case, `-` for `/` and
    /// `:`.
    package let symbol: String

    package init(exchange: String, dataType: DataType, day: Day, symbol: String) {
        self.exchange = exchange
        self.dataType = dataType
        self.day = day
        self.symbol = symbol
    }

    /// The name that the official client gives it, byte for byte:
    /// `deribit_trades_2024-01-01_BTC-PERPETUAL.csv.gz`.
    package var name: String {
        "\(exchange)_\(dataType.name)_\(day)_\(fileNameSymbol).csv.gz"
    }

    /// Whether a text is the ``name`` of some dataset file.
    package static func isName(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ExchangeID.isWellFormed(String(parts[0])),
            parts[1].hasSuffix(".csv.gz")
        else { return false }
        let rest = parts[1].dropLast(".csv.gz".count)
        return DataType.allCases.contains { type in
            guard rest.hasPrefix(type.name + "_") else { return false }
            let dated = rest.dropFirst(type.name.count + 1)
            return Day(String(dated.prefix(10))) != nil && dated.dropFirst(10).first == "_"
                && dated.count > 11
        }
    }

    /// The symbol with every character that a file system might refuse turned into `-`.
    private var fileNameSymbol: String {
        String(symbol.map { #":\/?*<>|""#.contains($0) ? "-" : $0 })
    }
}
