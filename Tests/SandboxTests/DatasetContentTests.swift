// Whether generated files are what Tardis would have sent.

import Datasets
import Gzip
import HTTP
import Testing

@testable import tardis_sandbox

@Suite struct DatasetContentTests {
    private static let day = Day("2024-03-01")!

    private func rows(
        _ type: DataType, symbols: [String] = ["BTCUSDT"], symbol: String = "BTCUSDT",
        count: Int = 300
    ) throws -> [[String]] {
        let content = DatasetContent(
            volume: DatasetVolume(rows: count, isProportional: false), realFiles: nil, emptyDays: []
        )
        let file = DatasetFile(
            exchange: "binance", dataType: type, day: DatasetContentTests.day, symbol: symbol)
        let gzip = content.generated(file, symbols: symbols, header: type.columns)
        return try inflated(gzip).split(separator: "\n").map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    @Test(arguments: DataType.allCases)
    func `each kind has its columns in every row`(type: DataType) throws {
        let rows = try rows(type)
        let header = try #require(rows.first)
        #expect(header.prefix(4) == ["exchange", "symbol", "timestamp", "local_timestamp"])
        #expect(rows.count == 301)
        #expect(rows.allSatisfy { $0.count == header.count })
    }

    @Test(arguments: [
        (DataType.bookSnapshot5, 24), (.bookSnapshot25, 104), (.optionsChain, 24), (.trades, 8),
        (.derivativeTicker, 11),
    ])
    func `the number of columns is Tardis's`(type: DataType, count: Int) {
        #expect(type.columns.count == count)
    }

    @Test(arguments: DataType.allCases)
    func `rows are of their day and sorted by arrival`(type: DataType) throws {
        let day = DatasetContentTests.day
        let times = try rows(type).dropFirst().map { row in
            (try #require(Int64(row[2])), try #require(Int64(row[3])))
        }
        #expect(zip(times, times.dropFirst()).allSatisfy { $0.1 <= $1.1 })
        #expect(
            times.allSatisfy { exchange, local in
                exchange <= local && Timestamp(microseconds: local).day == day
                    && Timestamp(microseconds: exchange).day == day
            })
    }

    @Test func `a million rows fit into the day`() {
        var walk = RandomWalk(
            seed: "a", market: "b", day: DatasetContentTests.day, steps: 1_000_000)
        for _ in 0..<1_000_000 { walk.advance() }
        #expect(Timestamp(microseconds: walk.localTimestamp).day == DatasetContentTests.day)
    }

    @Test func `rows of a grouped symbol name its members`() throws {
        let rows = try rows(.trades, symbols: ["A", "B", "C"], symbol: "SPOT")
        #expect(Set(rows.dropFirst().map { $0[1] }) == ["A", "B", "C"])
    }

    @Test func `the same file has the same bytes, and other files have others`() async throws {
        let sandbox = SandboxUnderTest()
        let first = await sandbox.ask("/v1/binance/trades/2024/01/01/BTCUSDT.csv.gz").bytes
        let again = await SandboxUnderTest().ask("/v1/binance/trades/2024/01/01/BTCUSDT.csv.gz")
        let other = await sandbox.ask("/v1/binance/trades/2024/02/01/BTCUSDT.csv.gz").bytes
        #expect(first == again.bytes)
        #expect(first != other)
    }

    @Test func `sizes can differ as real ones do`() {
        let volume = DatasetVolume(rows: 1_000, isProportional: true)
        func rows(_ type: DataType) -> Int {
            volume.rows(
                in: DatasetFile(
                    exchange: "binance", dataType: type, day: DatasetContentTests.day,
                    symbol: "BTCUSDT"))
        }
        #expect(rows(.incrementalBookL2) > rows(.trades))
        #expect(rows(.trades) > rows(.liquidations))
        #expect(rows(.liquidations) >= 1)
    }

    @Test func `a decompression bomb is small and inflates to its size`() throws {
        let bomb = DatasetContent.bomb(expandedBytes: 3_000_000)
        #expect(bomb.count < 30_000)
        #expect(try inflated(bomb).utf8.count == 3_000_000)
    }

    @Test func `decimals are written without trailing zeros`() {
        var text = CSVText()
        for units in [968_219, 968_200, 0, -5, -12_050] { text.decimal(units, places: 2) }
        text.emptyCell()
        text.cell(-7)
        text.endRow()
        #expect(String(decoding: text.bytes, as: UTF8.self) == "9682.19,9682,0,-0.05,-120.5,,-7\n")
    }
}

/// The content of a gzip of one member.
func inflated(_ gzip: [UInt8]) throws -> String {
    let inflater = GzipInflater()
    var bytes: [UInt8] = []
    try gzip.withUnsafeBytes { input in
        try inflater.inflate(input) { bytes.append(contentsOf: $0) }
    }
    try inflater.finish()
    #expect(inflater.members == 1)
    return String(decoding: bytes, as: UTF8.self)
}
