// What counts as proven, and what is refused under which name.

import Datasets
import Gzip
import GzipSupport
import Jobs
import Testing

@testable import Tardis

@Suite struct DatasetVerifierTests {
    @Test func `counts rows and reads the first and the last time`() throws {
        let found = try proof(of: trades(1000))
        #expect(found.rows == 1000)
        #expect(found.state == .ok)
        #expect(found.firstTimestamp == Day("2020-03-01")!.start)
        #expect(found.lastTimestamp == Day("2020-03-01")!.start + .seconds(999))
        #expect(found.sha256.count == 64)
    }

    @Test func `proves the same in all cuts`() throws {
        let bytes = gzip(trades(3))
        let whole = try proof(of: [bytes])
        for cut in bytes.indices {
            #expect(try proof(of: [Array(bytes[..<cut]), Array(bytes[cut...])]) == whole)
        }
        #expect(try proof(of: bytes.map { [$0] }) == whole)
    }

    @Test func `reads CSV the same in all cuts`() {
        let csv = Array(trades(4).utf8)
        for cut in csv.indices {
            var check = CSVValidator(of: .sample())
            Array(csv[..<cut]).withUnsafeBytes { check.take($0) }
            Array(csv[cut...]).withUnsafeBytes { check.take($0) }
            check.finish()
            #expect(check.failure == nil)
            #expect(check.rows == 4)
            #expect(check.lastTimestamp == Day("2020-03-01")!.start + .seconds(3))
        }
    }

    @Test func `takes one file in several gzip members, and no second file behind it`() throws {
        let csv = trades(40)
        let whole = try proof(of: csv)
        for cut in [1, 30, 100, csv.utf8.count - 1] {
            let members = gzip(String(csv.prefix(cut))) + gzip(String(csv.dropFirst(cut)))
            #expect(try proof(of: [members]).rows == whole.rows)
        }
        #expect(try proof(of: [emptyGzip + gzip(csv)]).rows == whole.rows)
        for first in [csv, String(csv.dropLast())] {
            let twice = gzip(first) + gzip(csv)
            #expect(code(of: twice) == "csv_repeated")
            #expect(failure(of: twice.map { [$0] })?.code == "csv_repeated")
        }
    }

    @Test func `finds the same in all cuts, with other errors besides`() {
        let bytes = gzip("a,b\n" + String(repeating: "x", count: 3 << 20))
        let limits = GzipLimits(expandedBytesMax: 1 << 20)
        let whole = failure(of: [bytes], limits: limits)
        #expect(whole?.code == "csv_header_wrong")
        #expect(failure(of: bytes.map { [$0] }, limits: limits)?.code == "csv_header_wrong")
    }

    @Test func `calls a day without data empty`() throws {
        #expect(try proof(of: [emptyGzip]).state == .empty)
        let headerOnly = try proof(of: trades(0))
        #expect(headerOnly.rows == 0)
        #expect(headerOnly.firstTimestamp == nil)
        #expect(headerOnly.state == .empty)
    }

    @Test func `reads a single row`() throws {
        #expect(try proof(of: trades(1)).rows == 1)
    }

    @Test func `refuses a last line without its end, of which a part may be missing`() throws {
        for (rows, place) in [(0, "line 1"), (1, "line 2 (row 1)"), (3, "line 4 (row 3)")] {
            let found = failure(of: [gzip(String(trades(rows).dropLast()))])
            #expect(found?.code == "csv_row_wrong")
            #expect(found?.detail.hasSuffix("ends in the middle of \(place).") == true)
        }
    }

    @Test func `accepts columns that were added at the end`() throws {
        #expect(try proof(of: trades(2, extraColumn: true)).rows == 2)
    }

    @Test(arguments: DataType.allCases)
    func `knows the header of every data type`(dataType: DataType) throws {
        let file = DatasetFile.sample(dataType: dataType)
        let header = dataType.columns.joined(separator: ",") + "\n"
        #expect(try proof(of: header, as: file).rows == 0)
        #expect(code(of: gzip("a,b\n"), as: file) == "csv_header_wrong")
    }

    @Test func `has as many columns as Tardis says`() {
        #expect(DataType.bookSnapshot5.columns.count == 24)
        #expect(DataType.bookSnapshot25.columns.count == 104)
        #expect(DataType.optionsChain.columns.count == 24)
    }

    @Test func `refuses rows of another exchange, symbol or day`() {
        #expect(code(of: gzip(trades(2, exchange: "deribit"))) == "wrong_exchange")
        #expect(code(of: gzip(trades(2, symbol: "ETHUSD"))) == "wrong_symbol")
        #expect(code(of: gzip(trades(2, day: Day("2020-03-02")))) == "wrong_day")
        let overMidnight = trades(86_401)
        #expect(code(of: gzip(overMidnight)) == "wrong_day")
    }

    @Test func `takes the symbol in any case, and any symbol in a grouped file`() throws {
        #expect(try proof(of: trades(1, symbol: "xbtusd")).rows == 1)
        let grouped = DatasetFile.sample(symbol: "PERPETUALS")
        #expect(try proof(of: trades(1, symbol: "ANYTHING"), as: grouped).rows == 1)
    }

    @Test func `refuses rows that were cut off`() {
        #expect(code(of: gzip(String(trades(2).dropLast(12)))) == "csv_row_wrong")
        #expect(code(of: gzip(trades(1) + "x\n")) == "csv_row_wrong")
        #expect(code(of: gzip(trades(1) + "\n")) == "csv_row_wrong")
    }

    @Test func `refuses a line without end`() {
        let endless = trades(1) + String(repeating: "x", count: 300_000)
        #expect(code(of: gzip(endless)) == "csv_row_wrong")
    }

    @Test func `refuses what is no gzip by what it is`() {
        for (body, code, kind) in [
            ("<html>", "web_page", "A web page"), ("\u{FEFF}\n<html>", "web_page", "A web page"),
            ("{\"a\":1}", "not_gzip", "JSON"), ("plain", "not_gzip", "something"),
        ] {
            let failure = failure(of: [Array(body.utf8)])
            #expect(failure?.code == code)
            #expect(failure?.detail.contains(kind) == true)
        }
        #expect(failure(of: [])?.code == "gzip_truncated")
    }

    @Test(arguments: [
        "<html>blocked</html>", "\u{FEFF}\r\n <!DOCTYPE html>\n<title>Login</title>\n",
    ])
    func `knows a web page, as it is and compressed, in any cuts`(page: String) {
        let plain = Array(page.utf8)
        for body in [plain, gzip(page)] {
            for cuts in [[body[...]], body.indices.map { body[$0...$0] }] {
                let failure = failure(of: cuts.map(Array.init))
                #expect(failure?.code == "web_page")
                #expect(failure?.detail.contains("in place of Tardis's answer") == true)
                #expect(failure?.httpStatus == 200)
            }
        }
    }

    @Test func `refuses damaged, truncated and prolonged gzip`() {
        let good = gzip(trades(50))
        #expect(failure(of: [good.dropLast()])?.code == "gzip_truncated")
        var flipped = good
        flipped[good.count - 6] ^= 4
        #expect(failure(of: [flipped])?.code == "gzip_damaged")
        flipped = good
        flipped[good.count / 2] ^= 4
        #expect(failure(of: [flipped]) != nil)
        #expect(failure(of: [good + [0]])?.code == "gzip_damaged")
    }

    @Test func `refuses what is too large, packed or unpacked`() {
        let bytes = gzip(trades(1000))
        #expect(failure(of: [bytes], fileBytesMax: 100)?.code == "too_large")
        let tight = GzipLimits(expandedBytesMax: 1000)
        #expect(failure(of: [bytes], limits: tight)?.code == "too_large")
    }

    @Test func `finds the first line end in any length and place`() {
        for length in [0, 1, 63, 64, 65, 1000] {
            for place in Set([0, 1, length / 2, length - 1, length]) where place >= 0 {
                var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: length)
                for index in place..<max(place, length) where index % 3 == place % 3 {
                    bytes[index] = UInt8(ascii: "\n")
                }
                let expected = place < length ? place : nil
                bytes.withUnsafeBytes { #expect(Newlines.first(in: $0) == expected) }
            }
        }
    }
}

func proof(of csv: String, as file: DatasetFile = .sample()) throws -> FileChecksum {
    try proof(of: [gzip(csv)], as: file)
}

func proof(
    of pieces: [[UInt8]], as file: DatasetFile = .sample(), fileBytesMax: Int64 = 1 << 30,
    limits: GzipLimits = GzipLimits()
) throws -> FileChecksum {
    var proof = DatasetVerifier(of: file, fileBytesMax: fileBytesMax, gzipLimits: limits)
    for piece in pieces {
        try piece.withUnsafeBytes { try proof.take($0) }
    }
    do throws(Refusal) {
        return try proof.finish()
    } catch {
        throw error.failure
    }
}

func failure(
    of pieces: [[UInt8]], as file: DatasetFile = .sample(), fileBytesMax: Int64 = 1 << 30,
    limits: GzipLimits = GzipLimits()
) -> FileFailure? {
    do {
        _ = try proof(of: pieces, as: file, fileBytesMax: fileBytesMax, limits: limits)
        return nil
    } catch {
        return error as? FileFailure
    }
}

func code(of bytes: [UInt8], as file: DatasetFile = .sample()) -> String? {
    failure(of: [bytes], as: file)?.code
}
