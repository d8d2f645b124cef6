// The history of jobs and of the service: one row in `job_events` per event.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func events(of id: JobID, limit: Int, offset: Int) async throws -> EventPage {
        try page("WHERE job_id = ?", [.integer(id.rawValue)], "ORDER BY id", limit, offset)
    }

    package func events(limit: Int, offset: Int) async throws -> EventPage {
        try page("", [], "ORDER BY id DESC", limit, offset)
    }

    package func lastEvent(of id: JobID, _ kind: JobEvent.Kind) async throws -> JobEvent? {
        try read { database in
            try database.first(
                """
                SELECT \(EventTable.columns) FROM job_events WHERE job_id = ? AND kind = ?
                ORDER BY id DESC LIMIT 1
                """, [.integer(id.rawValue), .text(kind.rawValue)]
            ) { try EventTable.event(in: $0) }
        }
    }

    package func jobsAhead(of job: Job) async throws -> Int {
        try read { database in
            Int(
                try database.number(
                    """
                    SELECT count(*) FROM download_jobs AS other, (
                        SELECT id, priority, coalesce(queued_at, created_at) AS since
                        FROM download_jobs WHERE id = ?) AS own
                    WHERE status = 'pending' AND paused = 0 AND (
                        other.priority > own.priority OR other.priority = own.priority AND
                            (coalesce(queued_at, created_at), other.id) < (own.since, own.id))
                    """, [.integer(job.id.rawValue)]))
        }
    }

    package func note(
        _ kind: JobEvent.Kind, of jobs: [JobID], detail: String,
        setting values: [String: String],
        at now: Timestamp
    ) async throws {
        try await write { database in
            for (name, value) in values { try FactTable.set(value, as: name, in: database) }
            for id in jobs {
                try EventTable.add(
                    kind, to: id, by: .service, at: now, detail: detail, in: database)
            }
        }
        // Their rows are what they were, but what is shown of them may depend on these values.
        watch.tell(Set(jobs))
    }

    package func note(
        _ kind: JobEvent.Kind, by principal: Principal, detail: String,
        setting values: [String: String?], at now: Timestamp
    ) async throws {
        try await write { database in
            for (name, value) in values {
                try FactTable.set(value, as: name, in: database)
            }
            try EventTable.add(
                kind, to: nil, by: principal, at: now, detail: detail, in: database)
        }
    }

    package func endUpstreamPause(
        by principal: Principal, detail: String, at now: Timestamp
    ) async throws {
        let running = try await write { database in
            try FactTable.set(nil, as: UpstreamPause.untilKey, in: database)
            try FactTable.set(nil, as: UpstreamPause.reasonKey, in: database)
            // Jobs that never began have no file that waits.
            try database.run(
                """
                UPDATE job_files SET not_before = NULL WHERE state = 'pending' AND not_before > ?
                    AND job_id IN (SELECT id FROM download_jobs
                        WHERE status IN ('pending', 'running') AND started_at IS NOT NULL)
                """, [.integer(now.microseconds)])
            try EventTable.add(
                .upstreamResumed, to: nil, by: principal, at: now, detail: detail, in: database)
            return try database.rows("SELECT id FROM download_jobs WHERE status = 'running'") {
                JobID($0.integer(0))
            }
        }
        // As when the pause began: what is shown of them hangs on the facts.
        watch.tell(Set(running))
    }

    private func page(
        _ condition: String, _ values: [SQLValue], _ order: String, _ limit: Int, _ offset: Int
    ) throws -> EventPage {
        precondition(limit >= 0, "a page has no negative length")
        precondition(offset >= 0, "no page begins before the first")
        return try read { database in
            try database.snapshot {
                let events = try database.rows(
                    """
                    SELECT \(EventTable.columns) FROM job_events \(condition) \(order)
                    LIMIT ? OFFSET ?
                    """, values + [SQLValue(limit), SQLValue(offset)]
                ) { try EventTable.event(in: $0) }
                let total = try database.number(
                    "SELECT count(*) FROM job_events \(condition)", values)
                return EventPage(events: events, total: Int(total))
            }
        }
    }
}

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
