// Lengths of time for people. It must not know what took so long.

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
