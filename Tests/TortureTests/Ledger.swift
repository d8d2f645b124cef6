// What was requested and what was acknowledged.

import APITypes
import Synchronization

/// Jobs as their owner remembers them. Each is submitted in the name of a user of its own, so that
/// it is known again without its id.
final class Ledger: Sendable {
    /// One request.
    struct Entry: Sendable {
        var user: String
        var request: SubmitRequest
        /// Given where it was acknowledged.
        var id: Int64?
    }

    private static let series: [(exchange: String, symbol: String)] = [
        ("binance", "BTCUSDT"), ("binance", "ETHUSDT"), ("binance", "BNBUSDT"),
        ("binance", "ETHBTC"), ("bitmex", "XBTUSD"), ("bitmex", "ETHUSD"),
        ("deribit", "BTC-PERPETUAL"), ("deribit", "ETH-PERPETUAL"),
        ("coinbase", "BTC-USD"), ("coinbase", "ETH-USD"), ("okex", "BTC-USDT"),
        ("okex", "ETH-USDT"),
    ]

    private let entries = Mutex<[Entry]>([])
    private let folder: String

    /// - Parameter folder: below the data root, for all files.
    init(folder: String) {
        self.folder = folder
    }

    var all: [Entry] { entries.withLock { $0 } }
    var acknowledged: [Entry] { all.filter { $0.id != nil } }

    /// The ledger as it stands.
    func copy() -> Ledger {
        let copy = Ledger(folder: folder)
        copy.entries.withLock { $0 = all }
        return copy
    }

    /// A further request: one to three days that no other request has.
    func next(in round: Int, of days: Int) -> Entry {
        entries.withLock { entries in
            let number = entries.count
            let series = Ledger.series[number % Ledger.series.count]
            // Three days of a month of its own each, months from 2019-04 to 2023-12, then again
            // another kind of data.
            let slot = number / Ledger.series.count + 9 * round
            let month = 3 + slot / 9 % 57
            let date = "\(2019 + month / 12)-" + two(month % 12 + 1)
            let first = 1 + slot % 9 * 3
            let entry = Entry(
                user: "user-\(round)-\(number)",
                request: SubmitRequest(
                    exchange: series.exchange, symbols: [series.symbol],
                    startDate: "\(date)-\(two(first))",
                    endDate: "\(date)-\(two(first + days - 1))",
                    dataTypes: [slot / 9 / 57 % 2 == 0 ? "trades" : "quotes"],
                    outputPath: "./datasets/\(folder)"))
            entries.append(entry)
            return entry
        }
    }

    func acknowledge(_ user: String, as id: Int64) {
        entries.withLock { entries in
            guard let index = entries.firstIndex(where: { $0.user == user }) else { return }
            entries[index].id = id
        }
    }
}

private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
