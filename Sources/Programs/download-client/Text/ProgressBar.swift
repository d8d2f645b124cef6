// A share of a whole, drawn. It must not know of what.

/// A bar of a fixed number of columns, such as `██████▒░░░░░`: done, failed, open.
enum ProgressBar {
    /// The bar for `done` and `failed` out of `total`; empty while the total is not known.
    ///
    /// A column is filled only when its whole share is done, so that the bar is full at the end
    /// and never before; one failure shows even among a hundred thousand files.
    static func of(done: Int, failed: Int, total: Int, columns: Int) -> String {
        guard total > 0, columns > 0 else {
            return String(repeating: "░", count: max(columns, 0))
        }
        let done = min(max(done, 0), total)
        let failed = min(max(failed, 0), total - done)
        let filled = share(done + failed, of: total, columns)
        var failedColumns = share(failed, of: total, columns)
        if failed > 0, failedColumns == 0, filled > 0 { failedColumns = 1 }
        return String(repeating: "█", count: filled - failedColumns)
            + String(repeating: "▒", count: failedColumns)
            + String(repeating: "░", count: columns - filled)
    }

    /// The columns for a part, rounded down; a part is never more than its whole.
    private static func share(_ part: Int, of whole: Int, _ columns: Int) -> Int {
        whole.dividingFullWidth(columns.multipliedFullWidth(by: part)).quotient
    }
}
