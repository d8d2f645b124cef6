// Every row is looked at, not only the first and the last: one that strayed in from elsewhere, or
// has not the columns of the header, is found wherever it stands.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Tardis

@Suite struct RowTests {
    private static let start = Day("2020-03-01")!.start.microseconds

    /// Seven good rows around one that is not.
    private func csv(with row: String, of file: DatasetFile = .sample()) -> String {
        let lines = trades(7, of: file).split(separator: "\n").map(String.init)
        return (lines[..<4] + [row] + lines[4...]).joined(separator: "\n") + "\n"
    }

    private static func commas(_ count: Int) -> String { String(repeating: ",", count: count) }

    private static let strays: [(row: String, code: String)] = [
        ("deribit,XBTUSD,\(start),\(start),a,buy,1,1", "wrong_exchange"),
        ("bitmex,ETHUSD,\(start),\(start),a,buy,1,1", "wrong_symbol"),
        ("bitmex,XBTUSD2,\(start),\(start),a,buy,1,1", "wrong_symbol"),
        ("bitmex,XBTUS,\(start),\(start),a,buy,1,1", "wrong_symbol"),
        ("bitmex,XBTUSD,\(start),\(start - 1),a,buy,1,1", "wrong_day"),
        ("bitmex,XBTUSD,\(start),\(start + 86_400_000_000),a,buy,1,1", "wrong_day"),
        ("bitmex,XBTUSD,\(start),15830208000000x0,a,buy,1,1", "csv_row_wrong"),
        ("bitmex,XBTUSD,\(start),158302080000:000,a,buy,1,1", "csv_row_wrong"),
        ("bitmex,XBTUSD,\(start),,a,buy,1,1", "csv_row_wrong"),
        ("bitmex,XBTUSD,\(start),\(start)", "csv_row_wrong"),
        ("bitmex,XBTUSD,15830208\n0000000,\(start),a,buy,1,1", "csv_row_wrong"),
        ("", "csv_row_wrong"),
        // Cut short, joined, with a column missing or one too many.
        ("bitmex,XBTUSD,\(start),\(start),", "csv_row_wrong"),
        ("bitmex,XBTUSD,\(start),\(start),4", "csv_row_wrong"),
        ("bitmex,XBTUSD,\(start),\(start),4,buy,1", "csv_row_wrong"),
        ("bitmex,XBTUSD,\(start),\(start),4,buy,1,1,1", "csv_row_wrong"),
        (
            "bitmex,XBTUSD,\(start),\(start),4,buy,1,bitmex,XBTUSD,\(start),\(start),5,buy,1,1",
            "csv_row_wrong"
        ),
        // As many separators as a row has, and 256 more.
        ("bitmex,XBTUSD,\(start),\(start),4,buy,1,1" + commas(256), "csv_row_wrong"),
        // One column that looks like two, and characters that no column has.
        ("bitmex,XBTUSD,\(start),\(start),\"4,buy\",1,1", "csv_row_wrong"),
        ("bitmex,XBTUSD,\(start),\(start),4\"4,buy,1,1", "csv_row_wrong"),
        ("bitmex,XBTUSD,\(start),\(start),4,buy,1,1\"", "csv_row_wrong"),
        ("bitmex,XBTUSD,\(start),\(start),4,buy,1,1\r", "csv_row_wrong"),
        ("bitmex,XBTUSD,\(start),\(start),4,buy,\0,1", "csv_row_wrong"),
        ("bitmex,XBTUSD,\(start),\(start),4,\u{1b}[31m,1,1", "csv_row_wrong"),
        ("\0bitmex,XBTUSD,\(start),\(start),4,buy,1,1", "csv_row_wrong"),
        ("exchange,symbol,timestamp,local_timestamp,id,side,price,amount", "wrong_exchange"),
    ]

    @Test(arguments: strays)
    func `a row that is not of the dataset is found in the middle`(
        row: String, code: String
    ) throws {
        let found = try #require(failure(of: [gzip(csv(with: row))]))
        #expect(found.code == code)
        #expect(found.detail.contains("line 5 (row 4)"), "\(found.detail)")
    }

    @Test(arguments: [
        (
            "bitmex,XBTUSD,\(start),\(start),4", "has 5 columns",
            "nothing stands behind column 5 (id)"
        ),
        ("bitmex,XBTUSD,\(start),\(start),4,buy,1,1,1", "has 9 columns", "column 8 (amount)"),
        ("bitmex,XBTUSD,\(start),\(start),4,buy,\0,1", "a NUL byte", "column 7 (price)"),
        ("bitmex,XBTUSD,\(start),\(start),4,buy,1,1\r", "a carriage return", "column 8 (amount)"),
        ("bitmex,ETHUSD,\(start),\(start),4,buy,1,1", "'ETHUSD'", "column 2 (symbol)"),
        (
            "bitmex,XBTUSD,\(start),\(start + 86_400_000_000),4,buy,1,1", "is of 2020-03-02",
            "column 4 (local_timestamp)"
        ),
    ])
    func `says what is wrong in which column`(row: String, what: String, column: String) throws {
        let found = try #require(failure(of: [gzip(csv(with: row))]))
        #expect(found.detail.contains(what), "\(found.detail)")
        #expect(found.detail.contains(column), "\(found.detail)")
    }

    @Test func `a column too many in one row does not make up for one too few in the next`() throws
    {
        let rows = ["4,buy,1,1,1", "4,buy,1"].map {
            "bitmex,XBTUSD,\(RowTests.start),\(RowTests.start),\($0)"
        }
        for pair in [rows, rows.reversed()] {
            let found = try #require(failure(of: [gzip(csv(with: pair.joined(separator: "\n")))]))
            #expect(found.detail.contains("line 5 (row 4)"), "\(found.detail)")
        }
    }

    @Test(arguments: DataType.allCases)
    func `counts the columns of each row of every data type`(dataType: DataType) throws {
        let file = DatasetFile.sample(dataType: dataType)
        let (columns, start) = (dataType.columns.count, RowTests.start)
        func text(_ counts: [Int]) -> String {
            let rows = counts.map { count in
                "bitmex,XBTUSD,\(start),\(start)"
                    + (4..<count).map { ",\($0 * 7)" }.joined()
            }
            return ([dataType.columns.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
        }
        #expect(try proof(of: text([columns, columns, columns]), as: file).rows == 3)
        for wrong in [columns - 1, columns + 1, columns / 2 + 2, 2 * columns] {
            let found = failure(of: [gzip(text([columns, columns, wrong, columns]))], as: file)
            #expect(found?.detail.contains("line 4 (row 3)") == true)
        }
    }

    @Test(arguments: strays)
    func `it is found the same in all cuts`(row: String, code: String) {
        let bytes = Array(csv(with: row).utf8)
        func failure(cutAt cut: Int) -> FileFailure? {
            var check = CSVValidator(of: .sample())
            bytes[..<cut].withUnsafeBytes { check.take($0) }
            bytes[cut...].withUnsafeBytes { check.take($0) }
            check.finish()
            return check.failure
        }
        let whole = failure(cutAt: 0)
        #expect(whole?.code == code)
        for cut in bytes.indices where failure(cutAt: cut) != whole {
            Issue.record("cut at \(cut): \(String(describing: failure(cutAt: cut)))")
        }
    }

    @Test(arguments: [
        // The exchange gave no time, or one that is not of sixteen digits.
        "bitmex,XBTUSD,,\(start + 3),a,buy,1,1", "bitmex,XBTUSD,0,\(start + 3),a,buy,1,1",
        "bitmex,xbtusd,\(start),\(start + 3),a,buy,1,1",
        "bitmex,XBTUSD,\(start),\(start),,,,",
        "bitmex,XBTUSD,\(start),\(start + 86_399_999_999),a,b,1,1",
        // The exchange's own time may be of another day: Tardis cuts days by its own.
        "bitmex,XBTUSD,\(start + 86_400_000_000),\(start),a,buy,1,1",
        "bitmex,XBTUSD,\(start - 1),\(start),a,buy,1,1",
        "bitmex,XBTUSD,\(start),\(start),\"4,4\",buy,1,1",
        "bitmex,XBTUSD,\(start),\(start),4 !#\u{7f}é,buy,1," + String(repeating: "1", count: 9_000),
    ])
    func `a row that only looks different is taken`(row: String) throws {
        #expect(try proof(of: csv(with: row)).rows == 8)
    }

    @Test func `in a grouped file each row has its own symbol, and the same day`() throws {
        let file = DatasetFile.sample(symbol: "OPTIONS")
        let (start, day) = (RowTests.start, Int64(86_400_000_000))
        let good = "bitmex,BTC-29MAY20-C,\(start),\(start),a,buy,1,1"
        #expect(try proof(of: csv(with: good, of: file), as: file).rows == 8)
        for (row, code) in [
            ("bitmex,BTC-29MAY20-C,\(start),\(start + day),a,buy,1,1", "wrong_day"),
            ("okex,BTC-29MAY20-C,\(start),\(start),a,buy,1,1", "wrong_exchange"),
            ("bitmex,\nbitmex,BTC-29MAY20-C,\(start),\(start),a,buy,1,1", "csv_row_wrong"),
            ("bitmex,no-more-commas-in-this-row-and-nothing-comes-behind-it", "csv_row_wrong"),
            ("bitmex,BTC-29MAY20-C,\(start),\(start),a,buy,1", "csv_row_wrong"),
            ("bitmex,BTC-29MAY20-C,\(start),\(start),a,buy,1,1,1", "csv_row_wrong"),
            ("bitmex,BTC\0-29MAY20-C,\(start),\(start),a,buy,1,1", "csv_row_wrong"),
        ] {
            let bytes = Array(csv(with: row, of: file).utf8)
            var check = CSVValidator(of: file)
            bytes.withUnsafeBytes { check.take($0) }
            check.finish()
            #expect(check.failure?.code == code)
        }
    }

    @Test func `separators are counted beyond what a number of one or two bytes holds`() {
        let row = "bitmex,XBTUSD,\(RowTests.start),\(RowTests.start),4,buy,1,1"
        for count in [256, 4_080, 65_280] {
            #expect(code(of: gzip(csv(with: row + RowTests.commas(count)))) == "csv_row_wrong")
        }
    }

    @Test func `a stray among thousands is found`() {
        let lines = trades(1).split(separator: "\n").map(String.init)
        let stray = lines[1].replacing("XBTUSD", with: "XBTUSE")
        let many = String(repeating: lines[1] + "\n", count: 20_000)
        let csv = lines[0] + "\n" + many + stray + "\n" + many
        let found = failure(of: [gzip(csv)])
        #expect(found?.code == "wrong_symbol")
        #expect(found?.detail.contains("row 20,001") == true, "\(found?.detail ?? "none")")
    }

    @Test(arguments: [1, 8, 20, 23, 24, 25, 40])
    func `every character of a beginning counts, however long it is`(length: Int) {
        let symbol = String(repeating: "S", count: length)
        let file = DatasetFile.sample(symbol: symbol)
        func code(of symbol: String) -> String? {
            var check = CSVValidator(of: file)
            let row = "bitmex,\(symbol),\(RowTests.start),\(RowTests.start),a,buy,1,1"
            let bytes = Array(csv(with: row, of: file).utf8)
            bytes.withUnsafeBytes { check.take($0) }
            check.finish()
            return check.failure?.code
        }
        #expect(code(of: symbol) == nil)
        for place in 0..<length {
            var other = Array(symbol.utf8)
            other[place] = UInt8(ascii: "T")
            #expect(code(of: String(decoding: other, as: UTF8.self)) == "wrong_symbol")
        }
        #expect(code(of: symbol + "S") == "wrong_symbol")
        #expect(code(of: String(symbol.dropLast())) == "wrong_symbol")
    }

    @Test func `days whose moments have fewer digits have no pattern, and are read all the same`()
        throws
    {
        let day = try #require(Day("2001-09-08"))
        #expect(CSVFastPath(exchange: "a".utf8, symbol: "b".utf8, day: day, columns: 8) == nil)
        let file = DatasetFile(
            exchange: "bitmex", dataType: .trades, day: day, symbol: "XBTUSD")
        #expect(try proof(of: trades(3, of: file), as: file).rows == 3)
    }
}
