// The service's limits, as a table. It must not know what each is for.

import APITypes

/// Shows limits.
enum LimitsText {
    static func table(_ answer: LimitsAnswer) -> [String] {
        var table = TextTable([
            ("LIMIT", .left), ("VALUE", .right), ("DEFAULT", .right), ("CHANGED BY", .left),
            ("CHANGED AT", .left),
        ])
        for entry in answer.limits {
            table.append([
                HarmlessText.line(entry.name), "\(entry.limit.value)", "\(entry.limit.default)",
                entry.limit.changedBy.map { HarmlessText.line($0) } ?? "-",
                entry.limit.changedAt.map { HarmlessText.line($0) } ?? "-",
            ])
        }
        return table.lines
    }
}
