// Dates as HTTP writes them: all three forms are read, one is written (RFC 9110 §5.6.7).

/// Points in time as HTTP writes them.
package enum HTTPDate {
    /// Reads a date.
    ///
    /// The name of the weekday must be one, but whether it is that day's is not checked: the date
    /// says the same with or without it.
    ///
    /// - Parameter nowSeconds: the present, in seconds since 1970-01-01 00:00 UTC: it decides which
    ///   century is meant by a year of two digits.
    /// - Returns: seconds since 1970-01-01 00:00 UTC, `nil` for anything else than a date.
    package static func seconds(_ text: String, nowSeconds: Int64) -> Int64? {
        let bytes = Array(text.utf8)[...]
        return fixdate(DateScanner(bytes)) ?? asctime(DateScanner(bytes))
            ?? rfc850(DateScanner(bytes), nowSeconds)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    private static func fixdate(_ scanner: DateScanner) -> Int64? {
        var scanner = scanner
        guard scanner.skipName(of: DateLine.weekdays), scanner.skip(", "),
            let day = scanner.number(digits: 2), scanner.skip(" "),
            let month = scanner.name(of: DateLine.months), scanner.skip(" "),
            let year = scanner.number(digits: 4), scanner.skip(" "),
            let time = scanner.time(), scanner.skip(" GMT"), scanner.isAtEnd
        else { return nil }
        return seconds(year: year, month: month + 1, day: day, time: time)
    }

    /// `Sun Nov  6 08:49:37 1994`
    private static func asctime(_ scanner: DateScanner) -> Int64? {
        var scanner = scanner
        guard scanner.skipName(of: DateLine.weekdays), scanner.skip(" "),
            let month = scanner.name(of: DateLine.months), scanner.skip(" "),
            let day = scanner.skip(" ") ? scanner.number(digits: 1) : scanner.number(digits: 2),
            scanner.skip(" "), let time = scanner.time(), scanner.skip(" "),
            let year = scanner.number(digits: 4), scanner.isAtEnd
        else { return nil }
        return seconds(year: year, month: month + 1, day: day, time: time)
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`
    private static func rfc850(_ scanner: DateScanner, _ nowSeconds: Int64) -> Int64? {
        var scanner = scanner
        guard scanner.skipName(of: longWeekdays), scanner.skip(", "),
            let day = scanner.number(digits: 2), scanner.skip("-"),
            let month = scanner.name(of: DateLine.months), scanner.skip("-"),
            let twoDigits = scanner.number(digits: 2), scanner.skip(" "),
            let time = scanner.time(), scanner.skip(" GMT"), scanner.isAtEnd
        else { return nil }
        // The latest year with these digits that is not more than 50 years in the future.
        let limit = nowSeconds + fiftyYearsSeconds
        let latest = DateLine.civil(Int(max(0, limit) / secondsPerDay)).year
        var year = latest - (latest - twoDigits) % 100
        if let date = seconds(year: year, month: month + 1, day: day, time: time), date > limit {
            year -= 100
        }
        return seconds(year: year, month: month + 1, day: day, time: time)
    }

    private static let secondsPerDay: Int64 = 86_400
    /// Of the Gregorian calendar's mean year, 365.2425 days.
    private static let fiftyYearsSeconds: Int64 = 50 * 31_556_952
    private static let longWeekdays: [StaticString] = [
        "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday",
    ]

    /// - Returns: `nil` for a day that the month does not have.
    private static func seconds(year: Int, month: Int, day: Int, time: Int) -> Int64? {
        // Counted in years that begin in March, as in DateLine; before the first of those there is
        // nothing to date.
        guard year > 0, day >= 1 else { return nil }
        let shiftedYear = month > 2 ? year : year - 1
        let shiftedMonth = (month + 9) % 12
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        let leapDays = shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400
        let number = 365 * shiftedYear + leapDays + dayOfYear - DateLine.daysBefore1970
        // A 31st of April comes back as the 1st of May.
        guard DateLine.civil(number).day == day else { return nil }
        return Int64(number) * secondsPerDay + Int64(time)
    }
}

/// Takes a date's text apart from the front. Everything in it is case-sensitive.
private struct DateScanner {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Whether these very characters come next; then they are behind us.
    mutating func skip(_ text: StaticString) -> Bool {
        let comesNext = text.withUTF8Buffer { rest.starts(with: $0) }
        if comesNext { rest = rest.dropFirst(text.utf8CodeUnitCount) }
        return comesNext
    }

    mutating func skipName(of names: [StaticString]) -> Bool { name(of: names) != nil }

    /// Which of the names comes next.
    mutating func name(of names: [StaticString]) -> Int? {
        for (index, name) in names.enumerated() where skip(name) { return index }
        return nil
    }

    mutating func number(digits: Int) -> Int? {
        let taken = rest.prefix(digits)
        guard taken.count == digits, taken.allSatisfy(\.isDigit) else { return nil }
        rest = rest.dropFirst(digits)
        return taken.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
    }

    /// `08:49:37` as seconds of the day. A leap second is the first one of the next minute.
    mutating func time() -> Int? {
        guard let hour = number(digits: 2), hour < 24, skip(":"),
            let minute = number(digits: 2), minute < 60, skip(":"),
            let second = number(digits: 2), second <= 60
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }
}

/// IMF-fixdate (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum DateLine {
    /// From Thursday on, which 1970-01-01 was.
    static let weekdays: [StaticString] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The date as text.
    ///
    /// - Parameter seconds: since 1970-01-01 00:00 UTC, not before it.
    static func text(_ seconds: Int64) -> [UInt8] {
        let day = Int(max(0, seconds) / 86_400)
        let time = Int(max(0, seconds) % 86_400)
        let (year, month, dayOfMonth) = civil(day)
        var text: [UInt8] = []
        append(weekdays[day % 7], to: &text)
        text += [Byte.comma, Byte.space]
        append(dayOfMonth, digits: 2, to: &text)
        text.append(Byte.space)
        append(months[month - 1], to: &text)
        text.append(Byte.space)
        append(year, digits: 4, to: &text)
        text.append(Byte.space)
        append(time / 3600, digits: 2, to: &text)
        text.append(Byte.colon)
        append(time / 60 % 60, digits: 2, to: &text)
        text.append(Byte.colon)
        append(time % 60, digits: 2, to: &text)
        append(" GMT", to: &text)
        return text
    }

    /// Year, month and day of a day number, counted in years that begin in March so that the leap
    /// day is the last. Datasets.Day computes the same, on a floor that this one cannot import.
    ///
    /// - Parameter day: since 1970-01-01, not before 0000-03-01.
    static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
        // 146097 days are in 400 years.
        let shifted = day + daysBefore1970
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// Days between 0000-03-01 and 1970-01-01.
    static let daysBefore1970 = 719_468

    private static func append(_ text: StaticString, to bytes: inout [UInt8]) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private static func append(_ number: Int, digits: Int, to bytes: inout [UInt8]) {
        var divisor = digits == 4 ? 1000 : 10
        while divisor > 0 {
            bytes.append(0x30 + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
