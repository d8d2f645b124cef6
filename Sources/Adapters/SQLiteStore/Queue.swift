// What the queue runs: claims of jobs, their plans, claims of files.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func claimJob(for slot: ClaimSlot, at now: Timestamp) async throws -> Job? {
        try await write { database in
            let order = ClaimOrder(running: try ClaimTable.running(in: database), at: now)
            let candidates = try ClaimTable.candidates(in: database)
            guard let next = order.next(of: candidates, for: slot) else { return nil }
            let job = try database.first(
                """
                UPDATE download_jobs SET status = 'running', crashes = 0,
                    started_at = coalesce(started_at, ?1),
                    verifying_since = iif(verifying, coalesce(verifying_since, ?1), NULL)
                WHERE id = ?2
                RETURNING \(JobTable.columns)
                """, [.text(now.databaseText), SQLValue(next.id)]
            ) { try JobTable.job(in: $0) }
            guard let job else { return nil }
            try EventTable.add(.started, to: job.id, by: .service, at: now, in: database)
            // Notified once between two ends of the job, and not for a verification.
            try database.run(
                """
                UPDATE download_jobs SET announced = 1
                WHERE id = ? AND announced = 0 AND verifying = 0
                """, [SQLValue(job.id)])
            if database.changes > 0 {
                try Outbox.queue(.started, about: job.id, at: now, in: database)
            }
            return job
        }
    }

    package func jobsAhead(of id: JobID, at now: Timestamp) async throws -> Int {
        try readSnapshot { database in
            ClaimOrder(running: try ClaimTable.running(in: database), at: now)
                .jobsAhead(of: id, in: try ClaimTable.waiting("", [], in: database))
        }
    }

    package func plannedFiles(of id: JobID) async throws -> Set<DatasetFile> {
        try read { database in
            Set(try FileTable.files("WHERE job_id = ?", [SQLValue(id)], in: database).map(\.file))
        }
    }

    package func save(
        _ batch: PlanBatch, of id: JobID, at now: Timestamp
    ) async throws -> Bool {
        for planned in batch.files where planned.state.isFinal {
            precondition(planned.failure != nil, "what ends before it begins has a reason")
        }
        return try await write { database in
            let job = try database.first(
                "SELECT planned, notes FROM download_jobs WHERE id = ? AND status = 'running'",
                [SQLValue(id)]
            ) { (isPlanned: $0.integer(0) != 0, notes: StringList.elements(of: $0.text(1))) }
            guard let job else { return false }
            if job.isPlanned { return true }
            let notes = job.notes + batch.notes.filter { !job.notes.contains($0) }
            let saved = try Int(
                database.number(
                    "SELECT coalesce(max(position) + 1, 0) FROM job_files WHERE job_id = ?",
                    [SQLValue(id)]))
            let files = batch.files.dropFirst(max(0, saved - batch.position))
            try database.run(
                """
                UPDATE download_jobs SET planned = ?, notes = ?, files_total = ?,
                    \(FileCounts.changes)
                WHERE id = ?
                """,
                [
                    SQLValue(batch.isLast), .text(StringList.text(of: notes)),
                    SQLValue(batch.filesTotal),
                ] + FileCounts(files.map(\.state)).values() + [SQLValue(id)])
            try insert(files, of: id, from: max(batch.position, saved), in: database)
            if batch.isLast {
                try EventTable.add(
                    .planned, to: id, by: .service, at: now,
                    detail: TextFormat.counted(batch.filesTotal, "file"), in: database)
            }
            return true
        }
    }

    package func claimFiles(
        of id: JobID, limit: Int, at now: Timestamp
    ) async throws -> [FileRecord] {
        precondition(limit >= 0, "a claim has no negative size")
        return try await write { database in
            var files = try FileTable.files(
                """
                \(FileTable.stateIndex)
                WHERE job_id = ?1 AND state = 'pending'
                    AND (not_before IS NULL OR not_before <= ?2)
                    AND EXISTS (
                        SELECT 1 FROM download_jobs WHERE id = ?1 AND status = 'running')
                ORDER BY position LIMIT ?3
                """, [SQLValue(id), .integer(now.microseconds), SQLValue(limit)], in: database)
            // Row by row: one statement that finds and returns rows makes SQLite prepare two
            // tables.
            try database.withStatement(
                "UPDATE job_files SET state = 'running' WHERE \(FileTable.isFile)"
            ) { statement in
                for index in files.indices {
                    files[index].state = .running
                    try statement.run(FileTable.key(of: id, files[index].position))
                }
            }
            return files
        }
    }

    /// Returns the epoch for a file that is due at once.
    package func nextDue(of id: JobID) async throws -> Timestamp? {
        try read { database in
            try database.first(
                """
                SELECT min(coalesce(not_before, 0)) FROM job_files
                WHERE job_id = ? AND state = 'pending'
                """, [SQLValue(id)]
            ) { $0.integerIfAny(0).map(Timestamp.init(microseconds:)) } ?? nil
        }
    }

    package func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure
    ) async throws {
        precondition(state.isFinal, "files end in a final state")
        precondition(state != .ok && state != .empty, "only a proof makes a file good")
        try await write { database in
            try database.run(
                """
                UPDATE job_files SET state = ?, \(FileTable.setFailure), not_before = NULL
                WHERE job_id = ?5 AND state IN ('pending', 'running')
                    AND EXISTS (SELECT 1 FROM download_jobs WHERE id = ?5 AND status = 'running')
                """, [.text(state.rawValue)] + failure.values + [SQLValue(id)])
            let ended = database.changes
            guard ended > 0 else { return }
            var counts = FileCounts()
            counts[state] = ended
            try counts.add(to: id, in: database)
        }
    }

    package func fileStateCounts(of id: JobID) async throws -> FileStateCounts {
        try readSnapshot { try FileTable.stateCounts(of: id, in: $0) }
    }
}

private func insert(
    _ files: ArraySlice<PlannedFile>, of id: JobID, from position: Int, in database: Database
) throws {
    try database.withStatement(
        """
        INSERT INTO job_files (job_id, position, exchange, data_type, day, symbol, state, code,
            detail, http_status)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ) { statement in
        for (offset, planned) in files.enumerated() {
            try statement.run([
                SQLValue(id), SQLValue(position + offset), .text(planned.file.exchange),
                .text(planned.file.dataType.name), .text(planned.file.day.description),
                .text(planned.file.symbol), .text(planned.state.rawValue),
                SQLValue(planned.failure?.code), SQLValue(planned.failure?.detail),
                SQLValue(planned.failure?.httpStatus),
            ])
        }
    }
}

/// What a claim reads of jobs, from indices of waiting and running jobs alone: neither ended jobs
/// nor long queues cost anything.
private enum ClaimTable {
    /// The running jobs of every user.
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

    /// The job that has waited longest, of every user and priority: one search in the index each.
    static func candidates(in database: Database) throws -> [WaitingJob] {
        var candidates: [WaitingJob] = []
        // The user without a name is the first, and no priority is below 0.
        var (user, priority) = ("", Int64(-1))
        while let next = try candidate(after: priority, of: user, in: database) {
            candidates.append(next)
            (user, priority) = (next.user, Int64(next.priority.rawValue))
        }
        return candidates
    }

    /// The first job of the user's next priority, or of the next user. With one condition for both,
    /// SQLite would read all waiting jobs of a user.
    private static func candidate(
        after priority: Int64, of user: String, in database: Database
    ) throws -> WaitingJob? {
        func first(_ condition: String, _ values: [SQLValue]) throws -> WaitingJob? {
            let order = "ORDER BY created_by, priority, coalesce(queued_at, created_at), id LIMIT 1"
            return try waiting("\(condition) \(order)", values, in: database).first
        }
        let own = try first(
            "AND created_by = ? AND priority > ?", [.text(user), .integer(priority)])
        return try own ?? first("AND created_by > ?", [.text(user)])
    }

    /// Jobs that wait to be claimed, in the order of the index.
    ///
    /// - Parameter clauses: which of them.
    static func waiting(
        _ clauses: String, _ values: [SQLValue], in database: Database
    ) throws -> [WaitingJob] {
        try database.rows(
            """
            SELECT id, created_by, priority, coalesce(queued_at, created_at)
            FROM download_jobs INDEXED BY download_jobs_waiting
            WHERE status = 'pending' AND paused = 0 \(clauses)
            """, values
        ) { row in
            WaitingJob(
                id: JobID(row.integer(0)), user: row.text(1),
                priority: ClaimTable.priority(row.integer(2)), since: row.moment(3) ?? .epoch)
        }
    }

    private static func priority(_ number: Int64) -> Priority {
        Priority(rawValue: Int(number)) ?? .normal
    }
}
