// A calendar day in UTC: the unit in which Tardis cuts its datasets.

/// A day of the proleptic Gregorian calendar, in UTC.
package struct Day: Hashable, Comparable, Sendable, Strideable {
    /// Days since 1970-01-01.
    package let daysSinceEpoch: Int

    package init(daysSinceEpoch: Int) {
        self.daysSinceEpoch = daysSinceEpoch
    }

    /// The day with this date, or `nil` where the calendar has none, such as 2023-02-29.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        guard (1...Day.length(ofMonth: month, year: year)).contains(day) else { return nil }
        // Howard Hinnant's days_from_civil: years begin in March, so that the leap day comes last.
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.init(daysSinceEpoch: era * 146_097 + dayOfEra - 719_468)
    }

    /// Reads `YYYY-MM-DD` and nothing else: ASCII digits, zero-padded, a date that exists.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else {
            return nil
        }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else {
            return nil
        }
        self.init(year: year, month: month, day: day)
    }

    /// Year, month and day of the month.
    package var date: (year: Int, month: Int, day: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// Whether Tardis gives this day away without an API key: the first of a month.
    package var isFree: Bool { date.day == 1 }

    /// The first microsecond of the day.
    package var start: Timestamp {
        Timestamp(microseconds: Int64(daysSinceEpoch) * Timestamp.microsecondsPerDay)
    }

    package func distance(to other: Day) -> Int { other.daysSinceEpoch - daysSinceEpoch }
    package func advanced(by days: Int) -> Day { Day(daysSinceEpoch: daysSinceEpoch + days) }

    package static func < (left: Day, right: Day) -> Bool {
        left.daysSinceEpoch < right.daysSinceEpoch
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Day: CustomStringConvertible {
    /// `YYYY-MM-DD`.
    package var description: String {
        let (year, month, day) = date
        guard (0...9999).contains(year) else {
            // Years before the first and beyond the fourth digit come from damaged files only.
            let sameInLeapYear = Day(year: 2000, month: month, day: day)
            return "\(year)\(sameInLeapYear?.description.dropFirst(4) ?? "")"
        }
        return String(unsafeUninitializedCapacity: Day.textBytes) { buffer in
            var writer = DigitWriter(buffer, bytesMax: Day.textBytes)
            writer.write(year, digits: 4, then: "-")
            writer.write(month, digits: 2, then: "-")
            writer.write(day, digits: 2, then: nil)
            return writer.count
        }
    }

    private static let textBytes = 10
}

/// Writes numbers of a fixed width into memory that is large enough.
struct DigitWriter {
    private let memory: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    /// - Parameter bytesMax: how much is written at most.
    init(_ buffer: UnsafeMutableBufferPointer<UInt8>, bytesMax: Int) {
        guard buffer.count >= bytesMax, let memory = buffer.baseAddress else {
            preconditionFailure("there is no room for \(bytesMax) bytes")
        }
        self.memory = memory
    }

    /// - Parameter number: not negative, and of so many digits at most.
    mutating func write(_ number: Int, digits: Int, then separator: Unicode.Scalar?) {
        var remainder = UInt32(truncatingIfNeeded: number)
        var position = count &+ digits
        while position > count {
            position &-= 1
            let tens = remainder / 10
            memory[position] = 0x30 &+ UInt8(truncatingIfNeeded: remainder &- tens &* 10)
            remainder = tens
        }
        count &+= digits
        if let separator { write(UInt8(ascii: separator)) }
    }

    mutating func write(_ byte: UInt8) {
        memory[count] = byte
        count &+= 1
    }
}
