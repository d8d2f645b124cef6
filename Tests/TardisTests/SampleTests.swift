// Real files of Tardis, proven as samples/INDEX.md describes them.

import Datasets
import Glibc
import Jobs
import TestSupport
import Testing

@testable import Tardis

private let samples = ProjectFolder.shared("samples")
private let hasSamples = access(samples, R_OK) == 0

/// A row of INDEX.md.
struct SampleFile: Sendable, CustomTestStringConvertible {
    let path: String
    let rows: Int64
    let sha256: String

    var testDescription: String { path }

    var file: DatasetFile {
        let parts = path.split(separator: "/").map(String.init)
        return DatasetFile(
            exchange: parts[0], dataType: DataType(rawValue: parts[1])!,
            day: Day("\(parts[2])-\(parts[3])-\(parts[4])")!,
            symbol: String(parts[5].dropLast(".csv.gz".count)))
    }

    /// The rows of the table of real CSV datasets.
    static let all: [SampleFile] = {
        guard let index = readFile(samples + "/INDEX.md") else { return [] }
        let lines = String(decoding: index, as: UTF8.self).split(separator: "\n")
        return lines.compactMap { line in
            let cells = line.split(separator: "|").map {
                $0.trimming { $0 == " " || $0 == "`" }
            }
            guard cells.count == 11, let path = cells.first, path.hasSuffix(".csv.gz"),
                let rows = Int64(cells[4].replacing(",", with: ""))
            else { return nil }
            return SampleFile(path: path, rows: rows, sha256: cells[7])
        }
    }()
}

@Suite(.enabled(if: hasSamples, "the reference material is not beside the project"))
struct SampleTests {
    @Test func `finds the samples that the index lists`() {
        #expect(SampleFile.all.count == 11)
    }

    @Test(arguments: SampleFile.all)
    func `proves a real file as the index says`(sample: SampleFile) throws {
        let bytes = try #require(readFile("\(samples)/\(sample.path)"))
        let found = try proof(of: [bytes], as: sample.file)
        #expect(found.rows == sample.rows)
        #expect(found.sha256 == sample.sha256)
        #expect(found.bytes == Int64(bytes.count))
        #expect(found.firstTimestamp?.day == sample.file.day)
        #expect(found.lastTimestamp?.day == sample.file.day)
    }

    @Test func `reads the first and last trade of the whole day`() throws {
        let path = "binance-futures/trades/2020/02/22/BTCUSDT.csv.gz"
        let sample = try #require(SampleFile.all.first { $0.path == path })
        let bytes = try #require(readFile("\(samples)/\(path)"))
        let found = try proof(of: [bytes], as: sample.file)
        #expect(found.firstTimestamp?.iso8601.hasPrefix("2020-02-22T00:00:0") == true)
        #expect(found.lastTimestamp?.iso8601.hasPrefix("2020-02-22T23:59:5") == true)
    }

    @Test func `refuses the really damaged file`() throws {
        let name = "damaged/binance-futures_trades_2020-02-22_BTCUSDT.damaged.csv.gz"
        let bytes = try #require(readFile("\(samples)/\(name)"))
        let file = DatasetFile.sample(
            exchange: "binance-futures", day: "2020-02-22", symbol: "BTCUSDT")
        let error = #expect(throws: FileFailure.self) { try proof(of: [bytes], as: file) }
        #expect(error?.code == "gzip_damaged")
    }

    @Test func `reads the recorded catalogue`() throws {
        let body = try #require(readFile(samples + "/json/tardis/exchange_hyperliquid.json"))
        let reader = CatalogueReader(of: "hyperliquid", bytesMax: body.count)
        #expect(body.withUnsafeBytes(reader.take))
        let catalogue = try #require(reader.finish())
        #expect(catalogue.symbols.map(\.id) == ["0G", "BTC", "SOL"])
        #expect(catalogue.exportedUntil == Day("2026-07-03"))
        #expect(catalogue.symbols[0].availableSince == Day("2025-09-22"))
        #expect(catalogue.symbols[0].dataTypes.contains("trades"))
        let list = try #require(readFile(samples + "/json/tardis/exchanges_2025-09-17.json"))
        let ids = try #require(JSONReplies.exchangeIDs(list))
        #expect(ids.count == 59)
        #expect(ids.allSatisfy { KnownExchanges.ids.contains($0) })
        #expect(ids.allSatisfy(ExchangeID.isWellFormed))
    }
}

extension Substring {
    fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> String {
        var rest = self
        while let first = rest.first, isTrimmed(first) { rest.removeFirst() }
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return String(rest)
    }
}
