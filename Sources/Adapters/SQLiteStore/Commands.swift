// Commands on jobs. Within the transaction, the domain decides whether one is possible.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func execute(
        _ action: JobAction, on id: JobID, by principal: Principal, within limits: UserQuota,
        at now: Timestamp
    ) async throws -> JobActionResult {
        try await write { database in
            let job = try JobTable.job(id, in: database)
            let eligibility = action.eligibility(of: job)
            guard eligibility == .act else { return JobActionResult(eligibility, job) }
            if action == .retry || action == .retryGaps, !principal.isAdmin {
                let active = try database.first(
                    "SELECT active_jobs FROM user_usage WHERE user = ?", [.text(job.createdBy)]
                ) { Int($0.integer(0)) }
                if let excess = limits.excess(of: 0, over: QuotaUsage(activeJobs: active ?? 0)) {
                    return JobActionResult(.overLimit(excess), job)
                }
            }
            let steering = Steering(job: job, principal: principal, now: now, database: database)
            switch action {
            case .cancel: try steering.cancel()
            case .retry: try steering.retry("state IN ('failed', 'cancelled')")
            case .retryGaps: try steering.retry(FileTable.isAcceptedGap)
            case .pause: try steering.pause()
            case .resume: try steering.resume()
            case .change(let priority, let isPinned):
                try steering.change(priority ?? job.control.priority)
                try steering.pin(isPinned ?? job.control.isPinned)
            }
            return JobActionResult(eligibility, try JobTable.job(id, in: database))
        }
    }

    package func selection(
        for action: JobAction, matching filter: JobFilter, limit: Int
    ) async throws -> JobSelection {
        precondition(limit >= 0, "nobody selects less than nothing")
        let listing = JobListing(filter)
        let values = listing.values
        let matches = "WHERE " + (["TRUE"] + listing.conditions).joined(separator: " AND ")
        let possible = action.condition
        return try read { database in
            try database.snapshot {
                func page(_ more: String, _ limit: Int) throws -> [Job] {
                    try database.rows(
                        """
                        SELECT \(JobTable.columns) FROM download_jobs
                        \(matches) AND \(more) ORDER BY id DESC LIMIT ?
                        """, values + [SQLValue(limit)]
                    ) { try JobTable.job(in: $0) }
                }
                func count(_ more: String) throws -> Int {
                    Int(
                        try database.number(
                            "SELECT count(*) FROM download_jobs \(matches) AND \(more)", values))
                }
                let first = try page(possible, limit)
                let others = try page("NOT (\(possible))", limit - first.count)
                return JobSelection(
                    jobs: first + others, matched: try count("TRUE"),
                    actionable: try count(possible))
            }
        }
    }
}

extension JobAction {
    /// Which jobs ``eligibility(of:)`` lets it act on, for those that are to be found.
    fileprivate var condition: String {
        switch self {
        case .cancel: "status IN ('pending', 'running')"
        case .retry:
            """
            (status = 'cancelled' OR status = 'failed'
                AND (planned = 0 OR files_failed + files_cancelled > 0))
            """
        case .retryGaps: "status = 'completed' AND gaps_accepted > 0"
        case .pause: "status IN ('pending', 'running') AND paused = 0"
        case .resume: "status = 'pending' AND paused = 1"
        case .change: "TRUE"
        }
    }
}

/// One action on one job, within a transaction.
private struct Steering {
    let job: Job
    let principal: Principal
    let now: Timestamp
    let database: Database

    private var key: SQLValue { .integer(job.id.rawValue) }

    func cancel() throws {
        let reason = FileFailure.cancelled(by: principal)
        try database.run(
            """
            UPDATE job_files SET state = 'cancelled', code = ?, detail = ?, http_status = ?,
                not_before = NULL
            WHERE job_id = ? AND state IN ('pending', 'running')
            """, reason.values + [key])
        var progress = job.progress
        progress.filesCancelled += database.changes
        try database.run(
            """
            UPDATE download_jobs SET status = 'cancelled', paused = 0, completed_at = ?,
                error_message = ?, files_cancelled = ?, outcome_notes = ?, verifying = 0,
                accepts_revision = 0, announced = 0
            WHERE id = ?
            """,
            [
                .text(now.databaseText), .text(reason.detail), SQLValue(progress.filesCancelled),
                .text(try OutcomeTable.notes(of: job.id, progress, in: database)), key,
            ])
        try OutcomeTable.withdrawDigest(of: job, by: principal, at: now, in: database)
        // Of a job that never began there was no word that this would end.
        if job.startedAt != nil {
            try Outbox.queue(.cancelled, about: job.id, at: now, in: database)
        }
        try note(.cancelled)
    }

    /// The attempts that were made stay in the record; what is to be proven again still is.
    ///
    /// - Parameter condition: which files are tried.
    func retry(_ condition: String) throws {
        let states = try database.rows(
            "SELECT state FROM job_files WHERE job_id = ? AND \(condition)", [key]
        ) { FileState(rawValue: $0.text(0)) }.compactMap { $0 }
        try database.run(
            """
            UPDATE job_files SET state = 'pending', attempts = 0, not_before = NULL, code = NULL,
                detail = NULL, http_status = NULL
            WHERE job_id = ? AND \(condition)
            """, [key])
        try database.run(
            """
            UPDATE download_jobs SET status = 'pending', completed_at = NULL, error_message = NULL,
                \(FileCounts.changes), gaps_accepted = gaps_accepted - ?, outcome_notes = '[]',
                crashes = 0, queued_at = ?
            WHERE id = ?
            """,
            FileCounts(states).values(-1) + [
                SQLValue(states.count { $0 == .unavailable }), .text(now.databaseText), key,
            ])
        try note(.retried, job.progress.isPlanned ? TextFormat.counted(states.count, "file") : nil)
        try OutcomeTable.withdrawDigest(of: job, by: principal, at: now, in: database)
    }

    func pause() throws {
        try database.run(
            "UPDATE job_files SET state = 'pending' WHERE job_id = ? AND state = 'running'", [key])
        try database.run(
            """
            UPDATE download_jobs SET status = 'pending', paused = 1,
                queued_at = iif(status = 'running', ?, queued_at)
            WHERE id = ?
            """, [.text(now.databaseText), key])
        try note(.paused)
    }

    func resume() throws {
        try database.run("UPDATE download_jobs SET paused = 0 WHERE id = ?", [key])
        try note(.resumed)
    }

    func change(_ priority: Priority) throws {
        guard priority != job.control.priority else { return }
        try database.run(
            "UPDATE download_jobs SET priority = ? WHERE id = ?",
            [SQLValue(priority.rawValue), key])
        try note(.prioritized, "From \(job.control.priority.rawValue) to \(priority.rawValue).")
    }

    func pin(_ isPinned: Bool) throws {
        guard isPinned != job.control.isPinned else { return }
        try database.run(
            "UPDATE download_jobs SET pinned = ? WHERE id = ?", [SQLValue(isPinned ? 1 : 0), key])
        try note(isPinned ? .pinned : .unpinned)
    }

    private func note(_ kind: JobEvent.Kind, _ detail: String? = nil) throws {
        try EventTable.add(
            kind, to: job.id, by: principal, at: now, detail: detail, in: database)
    }
}
