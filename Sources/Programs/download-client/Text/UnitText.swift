// Bytes, speeds and durations for people.

/// Bytes in decimal units with one decimal place: `999 B`, `1.2 kB`, `38.4 MB`, `1.0 TB`.
enum ByteText {
    private static let units = ["kB", "MB", "GB", "TB", "PB"]

    /// The text for an amount; a negative one counts as 0.
    static func of(_ bytes: Int64) -> String {
        guard bytes >= 1000 else { return "\(max(bytes, 0)) B" }
        var tenths = roundedDivision(bytes, by: 100)
        var unit = 0
        // Compared after rounding, so that 999,950 bytes are 1.0 MB and never 1000.0 kB.
        while tenths >= 10_000, unit < units.count - 1 {
            tenths = roundedDivision(tenths, by: 1000)
            unit += 1
        }
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// The text for a speed: `4.1 MB/s`.
    static func perSecond(_ bytes: Double) -> String {
        guard bytes.isFinite, bytes > 0 else { return "0 B/s" }
        return of(Int64(min(bytes, 1e15))) + "/s"
    }

    private static func roundedDivision(_ value: Int64, by divisor: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder >= divisor - remainder ? quotient + 1 : quotient
    }
}

/// Whole seconds in the two largest units: `42 s`, `3 min 05 s`, `2 h 07 min`, `1 d 03 h`.
enum DurationText {
    /// The text for a number of seconds; a negative one counts as 0.
    static func of(seconds: Int) -> String {
        let seconds = max(seconds, 0)
        let minutes = seconds / 60
        let hours = minutes / 60
        if minutes == 0 { return "\(seconds) s" }
        if hours == 0 { return "\(minutes) min \(twoDigits(seconds % 60)) s" }
        if hours < 24 { return "\(hours) h \(twoDigits(minutes % 60)) min" }
        return "\(hours / 24) d \(twoDigits(hours % 24)) h"
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
