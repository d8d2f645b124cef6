// How events get into the history, within the transaction of what they tell about, and out of it.

import Datasets
import Jobs
import SQLite

/// Reads and writes `job_events`.
enum EventTable {
    static let columns = "id, job_id, kind, at, actor, address, detail"

    /// The event in a row of ``columns``.
    static func event(in row: borrowing Row) throws -> JobEvent {
        guard let kind = JobEvent.Kind(rawValue: row.text(2)), let moment = Timestamp(row.text(3))
        else { throw StoreFailure.damage("event \(row.integer(0)) cannot be read") }
        return JobEvent(
            id: row.integer(0), job: row.integerIfAny(1).map { JobID($0) }, kind: kind, at: moment,
            by: Principal(name: row.text(4), address: row.text(5)), detail: row.textIfAny(6))
    }

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
