// The service's limits, as a table. It must not know what each is for.

import APITypes

/// Shows limits.
enum LimitsText {
    /// - Parameter columns: the width of the terminal; `nil` for a pipe.
    static func table(_ answer: LimitsResponse, columns: Int? = nil) -> [String] {
        var table = TextTable([
            .init("LIMIT", rank: 10), .init("VALUE", .right, rank: 9),
            .init("DEFAULT", .right, rank: 8), .init("CHANGED BY", rank: 7, .end(least: 10)),
            .init("CHANGED AT", rank: 6, .end(least: 16)),
        ])
        for entry in answer.limits {
            table.append([
                TerminalSafeText.line(entry.name), "\(entry.limit.value)", "\(entry.limit.default)",
                entry.limit.changedBy.map { TerminalSafeText.line($0) } ?? "-",
                entry.limit.changedAt.map { TerminalSafeText.line($0) } ?? "-",
            ])
        }
        return table.lines(fitting: columns)
    }
}
