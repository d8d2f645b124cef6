// Days as people write them on a command line: dates, and days counted from today in UTC.

import Datasets

/// Understands days.
enum DayText {
    /// Longer ago there is nothing to ask for; a bound keeps every number a date.
    private static let daysMax = 36_500

    /// `YYYY-MM-DD` for `today`, `yesterday`, `-7d` (seven days before today) and `-2w`. Any other
    /// text stays as it is: the service says what is wrong with it.
    ///
    /// - Parameters:
    ///   - option: where the text was written, such as `--start-date`.
    ///   - today: the day it is in UTC.
    /// - Throws: ``UsageMistake`` for a text that begins with a dash and is none of these.
    static func date(
        _ text: String, option: String, today: Day
    ) throws(UsageMistake) -> String {
        switch text.lowercased() {
        case "today", "now": return "\(today)"
        case "yesterday": return "\(today.advanced(by: -1))"
        case "tomorrow": return "\(today.advanced(by: 1))"
        default: break
        }
        guard text.hasPrefix("-") else { return text }
        let unit: [Character: Int] = ["d": 1, "D": 1, "w": 7, "W": 7]
        guard let days = text.last.flatMap({ unit[$0] }),
            let count = Int(text.dropFirst().dropLast()), (0...daysMax / days).contains(count)
        else {
            throw UsageMistake(
                message: "\(option) takes YYYY-MM-DD, today, yesterday, or days before today such "
                    + "as -7d, all in UTC; not \(Wording.quoted(text))")
        }
        return "\(today.advanced(by: -count * days))"
    }
}
