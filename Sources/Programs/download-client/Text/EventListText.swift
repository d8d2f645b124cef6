// The history of a job as a table. It must not know which events were asked for.

import APITypes

/// Lists events.
enum EventListText {
    static func lines(_ answer: JobEventsAnswer) -> [String] {
        var table = TextTable([
            ("AT", .left), ("EVENT", .left), ("BY", .left), ("DETAIL", .left),
        ])
        for event in answer.events {
            let by = HarmlessText.line(event.by)
            let from = event.from.map { " (\(HarmlessText.line($0)))" } ?? ""
            table.append([
                HarmlessText.line(event.at), HarmlessText.line(event.event), by + from,
                event.detail.map { HarmlessText.line($0) } ?? "",
            ])
        }
        let rest = answer.total - answer.events.count
        let list = answer.events.isEmpty ? ["No events on this page."] : table.lines
        return ["Job \(answer.jobID)"] + list
            + (rest > 0 ? ["Showing \(answer.events.count) of \(answer.total) events."] : [])
            + (answer.waiting.map { ["⏳ Waiting: \(HarmlessText.line($0.reason))"] } ?? [])
    }
}
