// How news gets into the outbox: within the transaction of what it tells about.

import Datasets
import Jobs
import SQLite

/// The writing end of the outbox.
enum Outbox {
    /// Queues news about a job, as the job is now.
    static func queue(
        _ kind: JobNotification.Kind, about id: JobID, at now: Timestamp, in database: Database
    ) throws {
        try database.run(
            """
            INSERT INTO notifications (kind, queued_at, job_id, \(JobTable.detailColumns))
            SELECT ?, ?, id, \(JobTable.detailColumns) FROM download_jobs WHERE id = ?
            """, [.text(kind.rawValue), .text(now.databaseText), .integer(id.rawValue)])
    }
}
