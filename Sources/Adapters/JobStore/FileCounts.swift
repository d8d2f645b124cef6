// What ended files add to their job's counters. It must not know how they ended.

import Jobs
import SQLite

/// Counts of files of one job, added up before the job is changed once. A job of which an attempt
/// has ended is none that crashes the service.
struct FileCounts: Equatable {
    var done = 0
    var failed = 0
    var bytes: Int64 = 0
    var saved: Int64 = 0
    var repaired = 0
    /// Attempts that count.
    var attempts = 0

    /// Adds them to the job, where there is anything to add.
    func add(to id: JobID, in database: Database) throws {
        guard self != FileCounts() else { return }
        try database.run(
            """
            UPDATE download_jobs SET files_done = files_done + ?, files_failed = files_failed + ?,
                bytes_done = bytes_done + ?, bytes_saved = bytes_saved + ?,
                files_repaired = files_repaired + ?, crashes = 0
            WHERE id = ?
            """,
            [
                SQLValue(done), SQLValue(failed), .integer(bytes), .integer(saved),
                SQLValue(repaired), .integer(id.rawValue),
            ])
    }
}
