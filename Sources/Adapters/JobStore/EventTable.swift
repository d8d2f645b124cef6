// How events get into the history: within the transaction of what they tell about.

import Datasets
import Jobs
import SQLite

/// The writing end of the history.
enum EventTable {
    /// Adds what happened to a job, or to the service where there is none.
    static func add(
        _ kind: JobEvent.Kind, to job: JobID?, by principal: Principal, at now: Timestamp,
        detail: String? = nil, in database: Database
    ) throws {
        try database.run(
            """
            INSERT INTO job_events (job_id, kind, at, actor, address, detail)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                SQLValue(job?.rawValue), .text(kind.rawValue), .text(now.databaseText),
                .text(principal.name), .text(principal.address), SQLValue(detail),
            ])
    }
}
