// A moment in UTC, to the microsecond: Tardis's own resolution, and the database's. It must not
// read a clock.

/// A moment in time.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    package let microseconds: Int64

    package static let microsecondsPerDay: Int64 = 86_400_000_000

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The day it falls on.
    package var day: Day {
        let (days, rest) = microseconds.quotientAndRemainder(
            dividingBy: Timestamp.microsecondsPerDay)
        return Day(daysSinceEpoch: Int(rest < 0 ? days - 1 : days))
    }

    package static func + (moment: Timestamp, span: Duration) -> Timestamp {
        let (seconds, attoseconds) = span.components
        return Timestamp(
            microseconds: moment.microseconds + seconds * 1_000_000
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
        var rest = Substring(text)
        guard let day = Day(String(rest.prefix(10))) else { return nil }
        rest = rest.dropFirst(10)
        guard rest.first == "T" || rest.first == " " else { return nil }
        rest = rest.dropFirst()
        if rest.last == "Z" { rest = rest.dropLast() }
        let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
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

    /// Written digit by digit: every log line and every answer about a job has some.
    private func text(separator: Unicode.Scalar, ending: String) -> String {
        let micros = microseconds - day.start.microseconds
        let seconds = Int(micros / 1_000_000)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        bytes += "\(day)".utf8
        bytes.append(UInt8(ascii: separator))
        append(seconds / 3600, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(seconds / 60 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(seconds % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        append(Int(micros % 1_000_000), digits: 6, to: &bytes)
        bytes += ending.utf8
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Timestamp: CustomStringConvertible {
    package var description: String { iso8601 }
}
