// The Date field (RFC 9110 §6.6.1) as bytes. It must not know what time it is.

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
    /// day is the last. Datasets.Day does the same sums, and stands on a floor that this one must
    /// not know.
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
