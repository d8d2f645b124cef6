// A moment in UTC, to the microsecond: Tardis's own resolution, and the database's.

/// A moment in time.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    package let microseconds: Int64

    package static let microsecondsPerDay: Int64 = 86_400_000_000

    /// The earliest and latest moments are 73,000 years away from 1970: so neither sums nor days of
    /// what a damaged file or row says overflow.
    private static let farthest: Int64 = 1 << 61

    /// - Parameter microseconds: beyond what there is, the nearest moment.
    package init(microseconds: Int64) {
        self.microseconds = min(max(microseconds, -Timestamp.farthest), Timestamp.farthest)
    }

    /// The day it falls on.
    package var day: Day {
        let (days, remainder) = microseconds.quotientAndRemainder(
            dividingBy: Timestamp.microsecondsPerDay)
        return Day(daysSinceEpoch: Int(remainder < 0 ? days - 1 : days))
    }

    package static func + (moment: Timestamp, span: Duration) -> Timestamp {
        let (seconds, attoseconds) = span.components
        let most = farthest / 1_000_000
        return Timestamp(
            microseconds: moment.microseconds + min(max(seconds, -most), most) * 1_000_000
                + attoseconds / 1_000_000_000_000)
    }

    package static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        .microseconds(later.microseconds - earlier.microseconds)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension Timestamp {
    /// RFC 3339 with microseconds, such as `2025-11-13T10:20:30.123456Z`: what the API answers.
    package var iso8601: String { text(separator: "T", ending: "Z") }

    /// `2025-11-13 10:20:30.123456`: what SQLAlchemy wrote and the database keeps.
    package var databaseText: String { text(separator: " ", ending: "") }

    /// Reads `YYYY-MM-DD`, then `T` or a space, `HH:MM:SS`, up to six decimals, and `Z` or nothing.
    package init?(_ text: String) {
        var remainder = Substring(text)
        guard let day = Day(String(remainder.prefix(10))) else { return nil }
        remainder = remainder.dropFirst(10)
        guard remainder.first == "T" || remainder.first == " " else { return nil }
        remainder = remainder.dropFirst()
        if remainder.last == "Z" { remainder = remainder.dropLast() }
        let parts = remainder.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let clock = parts[0].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, clock.allSatisfy({ $0.utf8.count == 2 }),
            let hour = Int(clock[0]), let minute = Int(clock[1]), let second = Int(clock[2]),
            (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second)
        else { return nil }
        var fraction: Int64 = 0
        if parts.count == 2 {
            guard (1...6).contains(parts[1].count), let digits = Int64(parts[1]), digits >= 0 else {
                return nil
            }
            fraction = (0..<(6 - parts[1].count)).reduce(digits) { scaled, _ in scaled * 10 }
        }
        let seconds = Int64(hour * 3600 + minute * 60 + second)
        self.init(microseconds: day.start.microseconds + seconds * 1_000_000 + fraction)
    }

    /// Lends the bytes of ``iso8601`` without making a string: every log line has them.
    package func withISO8601(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: Timestamp.textBytesMax, alignment: 1) { memory in
            let buffer = memory.bindMemory(to: UInt8.self)
            guard let count = write(to: buffer, separator: "T", ending: "Z") else {
                var text = iso8601
                return text.withUTF8(body)
            }
            body(UnsafeBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// How long the text of any moment may be: `2025-11-13T10:20:30.123456Z` has 27 bytes, and the
    /// years of damaged files have more digits.
    package static let textBytesMax = 32

    private func text(separator: Unicode.Scalar, ending: StaticString) -> String {
        var isWritten = true
        let text = String(unsafeUninitializedCapacity: Timestamp.textBytesMax) { buffer in
            let count = write(to: buffer, separator: separator, ending: ending)
            isWritten = count != nil
            return count ?? 0
        }
        if isWritten { return text }
        // Only damaged files have such years, which take more digits.
        let clock = Timestamp(microseconds: microseconds - day.start.microseconds).databaseText
        return "\(day)\(separator)\(clock.dropFirst(11))\(ending)"
    }

    /// Writes digit by digit.
    ///
    /// - Returns: how many bytes; `nil` for a year that has not four digits.
    private func write(
        to buffer: UnsafeMutableBufferPointer<UInt8>, separator: Unicode.Scalar,
        ending: StaticString
    ) -> Int? {
        let day = day
        let date = day.date
        let micros = Int(microseconds - day.start.microseconds)
        let seconds = micros / 1_000_000
        guard (0...9999).contains(date.year) else { return nil }
        var writer = DigitWriter(buffer, bytesMax: Timestamp.textBytesMax)
        writer.write(date.year, digits: 4, then: "-")
        writer.write(date.month, digits: 2, then: "-")
        writer.write(date.day, digits: 2, then: separator)
        writer.write(seconds / 3600, digits: 2, then: ":")
        writer.write(seconds / 60 % 60, digits: 2, then: ":")
        writer.write(seconds % 60, digits: 2, then: ".")
        writer.write(micros % 1_000_000, digits: 6, then: nil)
        ending.withUTF8Buffer { for byte in $0 { writer.write(byte) } }
        return writer.count
    }
}

extension Timestamp: CustomStringConvertible {
    package var description: String { iso8601 }
}
