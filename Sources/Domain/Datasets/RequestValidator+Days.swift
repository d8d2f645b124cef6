// Reads the first and the last day of a request: real dates, in order, not in the future.

extension RequestValidator {
    /// The days asked for, both ends inclusive; `nil` where one is missing or wrong.
    func readDays(
        _ written: RawRequest, _ problems: inout [ValidationIssue]
    ) -> ClosedRange<Day>? {
        let start = readDay(written.startDate, .startDate, &problems)
        let end = readDay(written.endDate, .endDate, &problems)
        guard let start, let end else { return nil }
        guard start <= end else {
            problems.append(
                ValidationIssue(
                    .endBeforeStart, member: .endDate,
                    message: "end_date \(end) is before start_date \(start). Both days are part "
                        + "of the download; for one day give the same date twice.",
                    input: written.endDate))
            return nil
        }
        return start...end
    }

    /// The day, also where it lies in the future, so that the order can still be checked.
    private func readDay(
        _ text: String?, _ member: ValidationIssue.Member, _ problems: inout [ValidationIssue]
    ) -> Day? {
        guard let text else { return nil }
        guard let day = Day(text) else {
            problems.append(
                ValidationIssue(
                    .malformedDate, member: member,
                    message: "\(member.rawValue) \(TextFormat.quoted(text)) is no date of the "
                        + "calendar written as YYYY-MM-DD, such as 2024-01-31.",
                    input: text))
            return nil
        }
        if day > today {
            problems.append(
                ValidationIssue(
                    .futureDate, member: member,
                    message: "\(member.rawValue) \(day) is in the future; today is \(today) "
                        + "(UTC).",
                    input: text, suggestions: [today.description]))
        }
        return day
    }
}
