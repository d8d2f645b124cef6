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
            let command = JobCommand(job: job, principal: principal, now: now, database: database)
            switch action {
            case .cancel: try command.cancel()
            case .retry: try command.retry("state IN ('failed', 'cancelled')")
            case .retryGaps: try command.retry(FileTable.isAcceptedGap)
            case .pause: try command.pause()
            case .resume: try command.set("paused", to: 0, .resumed)
            case .change(let priority, let isPinned):
                try command.change(priority ?? job.control.priority)
                try command.pin(isPinned ?? job.control.isPinned)
            }
            return JobActionResult(eligibility, try JobTable.job(id, in: database))
        }
    }

    package func selection(
        for action: JobAction, matching filter: JobFilter, limit: Int
    ) async throws -> JobSelection {
        precondition(limit >= 0, "a selection has no negative length")
        let listing = JobListing(filter)
        let matches = "WHERE " + (["TRUE"] + listing.conditions).joined(separator: " AND ")
        let possible = action.condition
        return try readSnapshot { database in
            func page(_ condition: String, _ limit: Int) throws -> [Job] {
                try JobTable.jobs(
                    "\(matches) AND \(condition) ORDER BY id DESC LIMIT ?",
                    listing.values + [SQLValue(limit)], in: database)
            }
            func count(_ condition: String) throws -> Int {
                Int(
                    try database.number(
                        "SELECT count(*) FROM download_jobs \(matches) AND \(condition)",
                        listing.values))
            }
            let first = try page(possible, limit)
            let others = try page("NOT (\(possible))", limit - first.count)
            return JobSelection(
                jobs: first + others, matched: try count("TRUE"), actionable: try count(possible))
        }
    }
}

extension JobAction {
    /// ``eligibility(of:)`` as SQL, to find the jobs that the action is possible for. A test
    /// compares the two over all states.
    fileprivate var condition: String {
        switch self {
        case .cancel: JobTable.isActive
        case .retry:
            """
            (status = 'cancelled' OR status = 'failed'
                AND (planned = 0 OR files_failed + files_cancelled > 0))
            """
        case .retryGaps: "status = 'completed' AND gaps_accepted > 0"
        case .pause: "\(JobTable.isActive) AND paused = 0"
        case .resume: "status = 'pending' AND paused = 1"
        case .change(let priority, let isPinned):
            "(priority <> \(priority.map { "\($0.rawValue)" } ?? "priority")"
                + " OR pinned <> \(isPinned.map { $0 ? "1" : "0" } ?? "pinned"))"
        }
    }
}

/// One command on one job, within a transaction.
private struct JobCommand {
    let job: Job
    let principal: Principal
    let now: Timestamp
    let database: Database

    private var key: SQLValue { SQLValue(job.id) }

    func cancel() throws {
        let reason = FileFailure.cancelled(by: principal)
        try database.run(
            """
            UPDATE job_files SET state = 'cancelled', \(FileTable.setFailure), not_before = NULL
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
        // The start of a job that never started was not notified, and neither is its end.
        if job.startedAt != nil {
            try Outbox.queue(.cancelled, about: job.id, at: now, in: database)
        }
        try note(.cancelled)
    }

    /// Earlier attempts stay in the record. Files that were to be verified are still verified.
    ///
    /// - Parameter condition: selects the files to try again.
    func retry(_ condition: String) throws {
        let states = try FileTable.states(of: job.id, where: condition, in: database)
        try database.run(
            """
            UPDATE job_files SET state = 'pending', attempts = 0, not_before = NULL,
                \(FileTable.clearFailure)
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

    func change(_ priority: Priority) throws {
        let former = job.control.priority.rawValue
        guard priority.rawValue != former else { return }
        try set(
            "priority", to: priority.rawValue, .prioritized,
            "From \(former) to \(priority.rawValue).")
    }

    func pin(_ isPinned: Bool) throws {
        guard isPinned != job.control.isPinned else { return }
        try set("pinned", to: isPinned ? 1 : 0, isPinned ? .pinned : .unpinned)
    }

    /// Sets one column and adds the event.
    func set(
        _ column: String, to value: Int, _ kind: JobEvent.Kind, _ detail: String? = nil
    ) throws {
        try database.run(
            "UPDATE download_jobs SET \(column) = ? WHERE id = ?", [SQLValue(value), key])
        try note(kind, detail)
    }

    private func note(_ kind: JobEvent.Kind, _ detail: String? = nil) throws {
        try EventTable.add(
            kind, to: job.id, by: principal, at: now, detail: detail, in: database)
    }
}
