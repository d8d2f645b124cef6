// What ended files add to their job's counters. It must not know how they ended.

import Jobs
import SQLite

/// Counts of files of one job, added up before the job is changed once. A job of which an attempt
/// has ended is none that crashes the service.
struct FileCounts: Equatable {
    /// By state; of those that ended well, whatever way, ``JobProgress/filesDone`` has the sum.
    private var states: [FileState: Int] = [:]
    var bytes: Int64 = 0
    var saved: Int64 = 0
    /// Attempts that count.
    var attempts = 0

    init() {}

    /// Files that are in these states now.
    init(_ states: some Sequence<FileState>) {
        for state in states { self[state] += 1 }
    }

    /// Files in a state.
    subscript(state: FileState) -> Int {
        get { states[state] ?? 0 }
        set { states[state] = newValue == 0 ? nil : newValue }
    }

    /// Files that ended well.
    var done: Int { states.reduce(0) { $0 + ($1.key.isGood ? $1.value : 0) } }

    /// Changes the numbers of a job's files, up or down.
    static let changes = """
        files_done = max(files_done + ?, 0), files_empty = max(files_empty + ?, 0),
        files_unavailable = max(files_unavailable + ?, 0), files_failed = max(files_failed + ?, 0),
        files_cancelled = max(files_cancelled + ?, 0)
        """

    /// The values of ``changes``.
    ///
    /// - Parameter sign: -1 for files that are in these states no more.
    func values(_ sign: Int = 1) -> [SQLValue] {
        [done, self[.empty], self[.unavailable], self[.failed], self[.cancelled]].map {
            SQLValue($0 * sign)
        }
    }

    /// Adds them to the job, where there is anything to add.
    func add(to id: JobID, in database: Database) throws {
        guard self != FileCounts() else { return }
        try database.run(
            """
            UPDATE download_jobs SET \(FileCounts.changes), bytes_done = bytes_done + ?,
                bytes_saved = bytes_saved + ?, crashes = 0
            WHERE id = ?
            """,
            values() + [.integer(bytes), .integer(saved), .integer(id.rawValue)])
    }
}
