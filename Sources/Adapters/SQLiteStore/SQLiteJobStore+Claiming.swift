// Which pending job is claimed. The order is the domain's; here stands only how its candidates are
// found without a look at the others.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func claimJob(for room: ClaimSlot, at now: Timestamp) async throws -> Job? {
        try await write { database in
            let order = ClaimOrder(running: try ClaimTable.running(in: database), at: now)
            let candidates = try ClaimTable.candidates(in: database)
            guard let next = order.next(of: candidates, for: room) else { return nil }
            let job = try database.first(
                """
                UPDATE download_jobs SET status = 'running', crashes = 0,
                    started_at = coalesce(started_at, ?1),
                    verifying_since = iif(verifying, coalesce(verifying_since, ?1), NULL)
                WHERE id = ?2
                RETURNING \(JobTable.columns)
                """, [.text(now.databaseText), .integer(next.id.rawValue)]
            ) { try JobTable.job(in: $0) }
            guard let job else { return nil }
            try EventTable.add(.started, to: job.id, by: .service, at: now, in: database)
            try announce(job.id, at: now, in: database)
            return job
        }
    }
}

/// Tells the team that a job started, unless it has heard that since the job was submitted or last
/// ended. That one is being verified is no news.
private func announce(_ id: JobID, at now: Timestamp, in database: Database) throws {
    try database.run(
        """
        UPDATE download_jobs SET announced = 1 WHERE id = ? AND announced = 0 AND verifying = 0
        """, [.integer(id.rawValue)])
    guard database.changes > 0 else { return }
    try Outbox.queue(.started, about: id, at: now, in: database)
}

/// What claims need to know of jobs, from indices that hold nothing else: neither ended jobs nor
/// long queues cost anything.
private enum ClaimTable {
    /// What every user has running.
    static func running(in database: Database) throws -> [String: RunningJobs] {
        let rows = try database.rows(
            """
            SELECT created_by, count(*), max(priority)
            FROM download_jobs INDEXED BY download_jobs_running
            WHERE status = 'running' GROUP BY created_by
            """
        ) { row in
            (
                row.text(0),
                RunningJobs(count: Int(row.integer(1)), priorityMax: priority(row.integer(2)))
            )
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    /// Of every user and priority the job that has waited longest: a search in the index each.
    static func candidates(in database: Database) throws -> [WaitingJob] {
        var candidates: [WaitingJob] = []
        // No user comes before the one without a name, and no priority before this.
        var (user, priority) = ("", Int64(-1))
        while let next = try candidate(after: priority, of: user, in: database) {
            candidates.append(next)
            (user, priority) = (next.user, Int64(next.priority.rawValue))
        }
        return candidates
    }

    /// The first of the user's next priority, or else the first of the next user. In one condition
    /// SQLite would look at all of a user's jobs that wait.
    private static func candidate(
        after priority: Int64, of user: String, in database: Database
    ) throws -> WaitingJob? {
        let own = try candidate(
            where: "created_by = ? AND priority > ?", [.text(user), .integer(priority)],
            in: database)
        return try own ?? candidate(where: "created_by > ?", [.text(user)], in: database)
    }

    private static func candidate(
        where condition: String, _ values: [SQLValue], in database: Database
    ) throws -> WaitingJob? {
        try database.first(
            """
            SELECT id, created_by, priority, coalesce(queued_at, created_at)
            FROM download_jobs INDEXED BY download_jobs_waiting
            WHERE status = 'pending' AND paused = 0 AND \(condition)
            ORDER BY created_by, priority, coalesce(queued_at, created_at), id LIMIT 1
            """, values
        ) { row in
            WaitingJob(
                id: JobID(row.integer(0)), user: row.text(1),
                priority: ClaimTable.priority(row.integer(2)),
                since: JobTable.moment(row.text(3)) ?? Timestamp(microseconds: 0))
        }
    }

    private static func priority(_ number: Int64) -> Priority {
        Priority(rawValue: Int(number)) ?? .normal
    }
}
