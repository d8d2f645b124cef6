// Days of the calendar and moments in them.

import Datasets
import Testing

struct DayTests {
    @Test func `every day of four hundred years reads back as it was written`() throws {
        let first = day("1900-01-01")
        let last = day("2300-12-31")
        var previous = ""
        for number in first.daysSinceEpoch...last.daysSinceEpoch {
            let text = Day(daysSinceEpoch: number).description
            #expect(Day(text)?.daysSinceEpoch == number)
            #expect(previous < text)
            previous = text
        }
        #expect(day("1970-01-01").daysSinceEpoch == 0)
        #expect(day("2024-02-29").daysSinceEpoch == 19_782)
    }

    @Test func `free days are the first of each month`() {
        let year = day("2024-01-01")...day("2024-12-31")
        #expect(year.filter(\.isFree).count == 12)
        #expect(day("2024-02-01").isFree)
        #expect(!day("2024-02-02").isFree)
    }

    @Test(arguments: [
        "2025-11-13T10:20:30.123456Z", "1969-12-31T23:59:59.999999Z", "2024-02-29T00:00:00.000000Z",
    ])
    func `moments read back as they were written`(text: String) throws {
        let moment = try #require(Timestamp(text))
        #expect(moment.iso8601 == text)
        #expect(Timestamp(moment.databaseText) == moment)
    }

    @Test func `adds spans of time`() throws {
        let moment = try #require(Timestamp("2024-02-28T23:59:59.5Z"))
        #expect((moment + .seconds(1)).iso8601 == "2024-02-29T00:00:00.500000Z")
        #expect((moment + .microseconds(-500_001)).iso8601 == "2024-02-28T23:59:58.999999Z")
        #expect((moment + .hours(2)) - moment == .seconds(7_200))
    }

    @Test(arguments: [Int64.min, .min + 1, -1 << 61, 1 << 61, .max])
    func `no moment that a damaged file or row names overflows`(microseconds: Int64) {
        let moment = Timestamp(microseconds: microseconds)
        for span in [Duration.seconds(Int64.max), .seconds(Int64.min), .zero, .microseconds(-1)] {
            let other = moment + span
            #expect(!other.iso8601.isEmpty)
            #expect(other.day.start <= other)
            #expect((other - moment) + (moment - other) == .zero)
        }
        let origin = Timestamp(microseconds: 0)
        #expect((moment < origin) == (microseconds < 0))
    }

    @Test func `files have the official client's names`() {
        let file = DatasetFile(
            exchange: "deribit", dataType: .trades, day: day("2024-01-01"), symbol: "BTC-PERPETUAL")
        #expect(file.name == "deribit_trades_2024-01-01_BTC-PERPETUAL.csv.gz")
        let odd = DatasetFile(
            exchange: "bitget", dataType: .incrementalBookL2, day: day("2024-01-01"),
            symbol: #"?:/\*<>|"A"#)
        #expect(odd.name == "bitget_incremental_book_L2_2024-01-01_---------A.csv.gz")
    }
}

extension Duration {
    fileprivate static func hours(_ count: Int) -> Duration { .seconds(count * 3_600) }
}
