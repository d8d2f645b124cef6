// Which files an answer for another one would pass for: rows name their exchange, symbol and day,
// but not their data type, and two pairs of types have the same columns. It must not know
// connections.

import Datasets
import Synchronization

extension DatasetFile {
    /// The file that has the same columns, and rows of the same exchange, symbol and day.
    var lookalike: DatasetFile? {
        let other: DataType
        switch dataType {
        case .trades: other = .liquidations
        case .liquidations: other = .trades
        case .quotes: other = .bookTicker
        case .bookTicker: other = .quotes
        default: return nil
        }
        return DatasetFile(exchange: exchange, dataType: other, day: day, symbol: symbol)
    }
}

/// Remembers what was asked for, to tell which file could be mistaken for one of those.
final class AmbiguousDatasets: Sendable {
    /// Hashes: one that is another file's by chance costs a new connection.
    private let asked = Mutex<Set<Int>>([])

    /// Files remembered at most, in a megabyte; beyond it all are forgotten.
    private static let countMax = 65_536

    /// Remembers that a file is asked for.
    ///
    /// - Returns: whether an answer that was meant for another file may pass for it. That of a
    ///   grouped symbol has rows of any symbol.
    func ask(for file: DatasetFile) -> Bool {
        guard let lookalike = file.lookalike else { return groupedSymbols.contains(file.symbol) }
        return asked.withLock { asked in
            if asked.count >= Self.countMax { asked.removeAll(keepingCapacity: true) }
            asked.insert(file.hashValue)
            return asked.contains(lookalike.hashValue)
        } || groupedSymbols.contains(file.symbol)
    }
}
