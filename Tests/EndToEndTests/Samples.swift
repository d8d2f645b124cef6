// Real files of Tardis beside the project, where they are present.

import FoundationEssentials
import TestSupport

/// One real file with its rows and checksum.
struct Sample: Sendable, CustomStringConvertible {
    let exchange: String
    let dataType: String
    let day: String
    let symbol: String
    let rows: Int64
    let sha256: String

    /// Below the samples' folder: Tardis's URL layout.
    var path: String {
        "\(exchange)/\(dataType)/\(day.replacing("-", with: "/"))/\(symbol).csv.gz"
    }

    /// The official client's name for it.
    var name: String { "\(exchange)_\(dataType)_\(day)_\(symbol).csv.gz" }

    var description: String { name }

    var bytes: Data { FileManager.default.contents(atPath: "\(Samples.folder)/\(path)") ?? Data() }
}

enum Samples {
    /// The samples' folder; tests that need it are skipped where it is missing.
    static let folder = ProjectFolder.shared("samples")
    static let arePresent = FileManager.default.fileExists(atPath: "\(folder)/INDEX.md")

    /// A whole day: 137,988 trades.
    static let wholeDay = Sample(
        exchange: "binance-futures", dataType: "trades", day: "2020-02-22", symbol: "BTCUSDT",
        rows: 137_988, sha256: "70f7da630cf683167dbf6b871cc1e790c8da25491722dfff421212e6060df0da")

    /// All real files, as their index describes them.
    static let all: [Sample] = {
        let index = FileManager.default.contents(atPath: "\(folder)/INDEX.md") ?? Data()
        return String(decoding: index, as: UTF8.self).split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.filter { $0 != "`" && $0 != " " } }
            guard cells.count > 8, cells[0].hasSuffix(".csv.gz"), !cells[0].hasPrefix("damaged"),
                let rows = Int64(cells[4].filter { $0 != "," })
            else { return nil }
            let parts = cells[0].split(separator: "/").map(String.init)
            guard parts.count == 6 else { return nil }
            return Sample(
                exchange: parts[0], dataType: parts[1],
                day: "\(parts[2])-\(parts[3])-\(parts[4])",
                symbol: String(parts[5].dropLast(".csv.gz".count)), rows: rows, sha256: cells[7])
        }
    }()
}
