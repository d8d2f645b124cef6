// The history of jobs and of the service: one row in `job_events` per event.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func events(of id: JobID?, limit: Int, offset: Int) async throws -> EventPage {
        guard let id else { return try page("", [], "ORDER BY id DESC", limit, offset) }
        return try page("WHERE job_id = ?", [SQLValue(id)], "ORDER BY id", limit, offset)
    }

    package func lastEvent(of id: JobID, _ kind: JobEvent.Kind) async throws -> JobEvent? {
        try read { database in
            try EventTable.events(
                "WHERE job_id = ? AND kind = ? ORDER BY id DESC LIMIT 1",
                [SQLValue(id), .text(kind.rawValue)], in: database
            ).first
        }
    }

    package func note(
        _ kind: JobEvent.Kind, about subject: EventSubject, by principal: Principal,
        detail: String, setting values: [String: String?], at now: Timestamp
    ) async throws {
        let jobs: [JobID?] =
            switch subject {
            case .service: [nil]
            case .jobs(let jobs): jobs
            }
        try await write { database in
            for (name, value) in values { try FactTable.set(value, as: name, in: database) }
            for id in jobs {
                try EventTable.add(
                    kind, to: id, by: principal, at: now, detail: detail, in: database)
            }
        }
        // No job row changed, but the facts change what the API shows of these jobs.
        if case .jobs(let jobs) = subject { watch.notify(Set(jobs)) }
    }

    package func endUpstreamPause(
        by principal: Principal, detail: String, at now: Timestamp
    ) async throws {
        let running = try await write { database in
            try FactTable.set(nil, as: UpstreamPause.untilKey, in: database)
            try FactTable.set(nil, as: UpstreamPause.reasonKey, in: database)
            // Jobs that never started have no file that waits.
            try database.run(
                """
                UPDATE job_files SET not_before = NULL WHERE state = 'pending' AND not_before > ?
                    AND job_id IN (SELECT id FROM download_jobs
                        WHERE \(JobTable.isActive) AND started_at IS NOT NULL)
                """, [.integer(now.microseconds)])
            try EventTable.add(
                .upstreamResumed, to: nil, by: principal, at: now, detail: detail, in: database)
            return try database.rows("SELECT id FROM download_jobs WHERE status = 'running'") {
                JobID($0.integer(0))
            }
        }
        // As at the start of the pause, the facts change what the API shows of running jobs.
        watch.notify(Set(running))
    }

    private func page(
        _ condition: String, _ values: [SQLValue], _ order: String, _ limit: Int, _ offset: Int
    ) throws -> EventPage {
        precondition(limit >= 0, "a page has no negative length")
        precondition(offset >= 0, "no page begins before the first")
        return try readSnapshot { database in
            let events = try EventTable.events(
                "\(condition) \(order) LIMIT ? OFFSET ?",
                values + [SQLValue(limit), SQLValue(offset)], in: database)
            let total = try database.number("SELECT count(*) FROM job_events \(condition)", values)
            return EventPage(events: events, total: Int(total))
        }
    }
}

/// The columns of `job_events` that make a ``JobEvent``.
enum EventTable: Int32, ResultColumn {
    case id, job_id, kind, at, actor, address, detail

    private static let columns = columnNames.joined(separator: ", ")

    /// - Parameter clauses: what follows `FROM job_events`.
    static func events(
        _ clauses: String, _ values: [SQLValue], in database: Database
    ) throws -> [JobEvent] {
        try database.rows("SELECT \(columns) FROM job_events \(clauses)", values) { row in
            guard let name = JobEvent.Kind(rawValue: row.text(kind)),
                let moment = Timestamp(row.text(at))
            else { throw StoreFailure.damage("event \(row.integer(id)) cannot be read") }
            return JobEvent(
                id: row.integer(id), job: row.integerIfAny(job_id).map { JobID($0) }, kind: name,
                at: moment, by: Principal(name: row.text(actor), address: row.text(address)),
                detail: row.textIfAny(detail))
        }
    }

    /// Adds an event of a job, or of the service if `job` is `nil`.
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
