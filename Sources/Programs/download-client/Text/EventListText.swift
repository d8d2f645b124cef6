// The history of a job as a table. It must not know which events were asked for.

import APITypes
import Datasets

/// Lists events.
enum EventListText {
    /// - Parameter columns: the width of the terminal; `nil` for a pipe.
    static func lines(_ answer: JobEventsResponse, columns: Int? = nil) -> [String] {
        var table = TextTable([
            .init("AT", rank: 9, .end(least: 17)), .init("EVENT", rank: 10, .end(least: 9)),
            .init("BY", rank: 7, .end(least: 5)), .init("DETAIL", rank: 8, .end(least: 10)),
        ])
        for event in answer.events {
            let by = TerminalSafeText.line(event.by)
            let from = event.from.map { " (\(TerminalSafeText.line($0)))" } ?? ""
            table.append([
                time(event.at, columns), TerminalSafeText.line(event.event), by + from,
                event.detail.map { TerminalSafeText.line($0) } ?? "",
            ])
        }
        let rest = max(answer.total, 0) - answer.events.count
        let list =
            answer.events.isEmpty ? ["No events on this page."] : table.lines(fitting: columns)
        return ["Job \(answer.jobID)"] + list
            + (rest > 0 ? ["Showing \(answer.events.count) of \(answer.total) events."] : [])
            + (answer.waiting.map { ["⏳ Waiting: \(TerminalSafeText.line($0.reason))"] } ?? [])
    }

    /// The moment as it came, and to the second for people on a terminal: `2025-11-13 10:20:00Z`.
    private static func time(_ text: String, _ columns: Int?) -> String {
        guard columns != nil, let moment = Timestamp(text) else {
            return TerminalSafeText.line(text)
        }
        let whole = moment.iso8601
        return "\(whole.prefix(10)) \(whole.dropFirst(11).prefix(8))Z"
    }
}
