// How many rows a generated file has. It must not know what the rows are.

import Datasets

/// The size of the generated files.
struct DatasetVolume: Sendable {
    /// Rows of a file; of a day of trades of a busy symbol, where sizes are proportional.
    var rows: Int
    /// Whether files differ in size as real ones do: by kind, by symbol, and from day to day.
    var isProportional: Bool

    func rows(in file: DatasetFile) -> Int {
        guard isProportional else { return rows }
        var symbol = SeededRandom(seed: "\(file.exchange) \(file.symbol)")
        var day = SeededRandom(seed: file.name)
        let ofKind = rows * DatasetVolume.percent(of: file.dataType) / 100
        // The busiest symbols trade about ten times as much as the quiet ones, and days differ
        // by a fifth.
        return max(1, ofKind * symbol.within(10...100) / 100 * day.within(80...120) / 100)
    }

    /// Rows per hundred trades, rounded from what real days of one symbol hold.
    private static func percent(of dataType: DataType) -> Int {
        switch dataType {
        case .trades: 100
        case .incrementalBookL2: 800
        case .quotes, .bookTicker: 300
        case .bookSnapshot5, .bookSnapshot25: 150
        case .derivativeTicker: 50
        case .optionsChain: 400
        case .liquidations: 1
        }
    }
}
