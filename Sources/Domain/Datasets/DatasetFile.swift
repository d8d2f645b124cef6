// One dataset file, the unit of work of the whole service, and what names it: exchange, kind, day
// and symbol.

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
        "\(exchange)_\(dataType.name)_\(day)_\(Self.symbolInNames(symbol)).csv.gz"
    }

    /// Whether a symbol is this file's, as exchanges and the rows of datasets spell it: those of
    /// `XBT-USD` on `kraken` have `XBT/USD`.
    package func isOf(symbol text: some StringProtocol) -> Bool {
        text == symbol
            || SymbolResolver.normalised(String(text)) == SymbolResolver.normalised(symbol)
    }

    /// A symbol as the ``name`` has it: with `-` for every character that a file system might
    /// refuse. Two symbols may have the same, such as `?A` and `-A`.
    package static func symbolInNames(_ symbol: String) -> String {
        String(symbol.map { #":\/?*<>|""#.contains($0) ? "-" : $0 })
    }

    /// Whether the ``name`` has the symbol as it is.
    package var isNamedBySymbol: Bool { Self.symbolInNames(symbol) == symbol }

    /// Whether a text is the ``name`` of some dataset file.
    package static func isName(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ExchangeID.isWellFormed(String(parts[0])),
            parts[1].hasSuffix(".csv.gz")
        else { return false }
        let remainder = parts[1].dropLast(".csv.gz".count)
        return DataType.allCases.contains { type in
            guard remainder.hasPrefix(type.name + "_") else { return false }
            let dated = remainder.dropFirst(type.name.count + 1)
            return Day(String(dated.prefix(10))) != nil && dated.dropFirst(10).first == "_"
                && dated.count > 11
        }
    }
}

/// A kind of dataset, by Tardis's own name (`DatasetType` of its official client).
package enum DataType: String, CaseIterable, Hashable, Sendable {
    case trades
    case incrementalBookL2 = "incremental_book_L2"
    case bookSnapshot5 = "book_snapshot_5"
    case bookSnapshot25 = "book_snapshot_25"
    case quotes
    case bookTicker = "book_ticker"
    case derivativeTicker = "derivative_ticker"
    case optionsChain = "options_chain"
    case liquidations

    /// Tardis's name, as it stands in URLs and file names.
    package var name: String { rawValue }
}

/// What can be the id of an exchange at all, and so may stand in URLs and file names.
package enum ExchangeID {
    /// Tardis's longest, `binance-european-options`, has 24.
    static let bytesMax = 64

    /// Whether a text has the form: 1 to 64 lower-case letters, digits and hyphens.
    package static func isWellFormed(_ text: String) -> Bool {
        (1...bytesMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
