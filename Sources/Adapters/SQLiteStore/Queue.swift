// What the queue runs: claims of jobs, their plans, claims of files.

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

extension SQLiteJobStore {
    package func plannedFiles(of id: JobID) async throws -> Set<DatasetFile> {
        try read { database in
            let files = try database.rows(
                "SELECT \(FileTable.columns) FROM job_files WHERE job_id = ?",
                [.integer(id.rawValue)]
            ) { try FileTable.record(in: $0).file }
            return Set(files)
        }
    }

    package func save(
        _ piece: PlanBatch, of id: JobID, at now: Timestamp
    ) async throws -> Bool {
        for planned in piece.files where planned.state.isFinal {
            precondition(planned.failure != nil, "what ends before it begins has a reason")
        }
        return try await write { database in
            let job = try database.first(
                "SELECT planned, notes FROM download_jobs WHERE id = ? AND status = 'running'",
                [.integer(id.rawValue)]
            ) { (isPlanned: $0.integer(0) != 0, notes: StringList.elements(of: $0.text(1))) }
            guard let job else { return false }
            if job.isPlanned { return true }
            let notes = job.notes + piece.notes.filter { !job.notes.contains($0) }
            let kept = try Int(
                database.number(
                    "SELECT coalesce(max(position) + 1, 0) FROM job_files WHERE job_id = ?",
                    [.integer(id.rawValue)]))
            let files = piece.files.dropFirst(max(0, kept - piece.position))
            try database.run(
                """
                UPDATE download_jobs SET planned = ?, notes = ?, files_total = ?,
                    \(FileCounts.changes)
                WHERE id = ?
                """,
                [
                    SQLValue(piece.isLast ? 1 : 0), .text(StringList.text(of: notes)),
                    SQLValue(piece.filesTotal),
                ] + FileCounts(files.map(\.state)).values() + [.integer(id.rawValue)])
            try add(files, to: id, from: max(piece.position, kept), in: database)
            if piece.isLast {
                try EventTable.add(
                    .planned, to: id, by: .service, at: now,
                    detail: TextFormat.counted(piece.filesTotal, "file"), in: database)
            }
            return true
        }
    }
}

private func add(
    _ files: ArraySlice<PlannedFile>, to id: JobID, from position: Int, in database: Database
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
                .integer(id.rawValue), SQLValue(position + offset), .text(planned.file.exchange),
                .text(planned.file.dataType.name), .text(planned.file.day.description),
                .text(planned.file.symbol), .text(planned.state.rawValue),
                SQLValue(planned.failure?.code), SQLValue(planned.failure?.detail),
                SQLValue(planned.failure?.httpStatus),
            ])
        }
    }
}

extension SQLiteJobStore {
    package func claimFiles(
        of id: JobID, limit: Int, at now: Timestamp
    ) async throws -> [FileRecord] {
        precondition(limit >= 0, "nothing negative can be claimed")
        return try await write { database in
            var files = try database.rows(
                """
                SELECT \(FileTable.columns) FROM job_files \(FileTable.stateIndex)
                WHERE job_id = ?1 AND state = 'pending'
                    AND (not_before IS NULL OR not_before <= ?2)
                    AND EXISTS (
                        SELECT 1 FROM download_jobs WHERE id = ?1 AND status = 'running')
                ORDER BY position LIMIT ?3
                """, [.integer(id.rawValue), .integer(now.microseconds), SQLValue(limit)]
            ) { try FileTable.record(in: $0) }
            // Row by row: for rows found and returned by one statement SQLite prepares two tables.
            for index in files.indices {
                files[index].state = .running
                try database.run(
                    "UPDATE job_files SET state = 'running' WHERE job_id = ? AND position = ?",
                    [.integer(id.rawValue), SQLValue(files[index].position)])
            }
            return files
        }
    }

    /// The epoch stands for "at once".
    package func nextDue(of id: JobID) async throws -> Timestamp? {
        try read { database in
            try database.first(
                """
                SELECT min(coalesce(not_before, 0)) FROM job_files
                WHERE job_id = ? AND state = 'pending'
                """, [.integer(id.rawValue)]
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
                UPDATE job_files SET state = ?, code = ?, detail = ?, http_status = ?,
                    not_before = NULL
                WHERE job_id = ?5 AND state IN ('pending', 'running')
                    AND EXISTS (SELECT 1 FROM download_jobs WHERE id = ?5 AND status = 'running')
                """, [.text(state.rawValue)] + failure.values + [.integer(id.rawValue)])
            let ended = database.changes
            guard ended > 0 else { return }
            var counts = FileCounts()
            counts[state] = ended
            try counts.add(to: id, in: database)
        }
    }

    package func fileStateCounts(of id: JobID) async throws -> FileStateCounts {
        try read { database in
            try database.snapshot { try FileTable.stateCounts(of: id, in: database) }
        }
    }
}

extension FileTable {
    /// How many failed files a tally names: what fits into a short message.
    private static let namedFailuresMax = 5

    /// How the files of a job stand.
    static func stateCounts(of id: JobID, in database: Database) throws -> FileStateCounts {
        let counts = try database.rows(
            "SELECT state, count(*) FROM job_files WHERE job_id = ? GROUP BY state",
            [.integer(id.rawValue)]
        ) { (FileState(rawValue: $0.text(0)), Int($0.integer(1))) }
        let failures = try database.rows(
            """
            SELECT \(columns) FROM job_files \(stateIndex)
            WHERE job_id = ? AND state = 'failed' ORDER BY position LIMIT ?
            """, [.integer(id.rawValue), SQLValue(namedFailuresMax)]
        ) { try record(in: $0) }
        let known = counts.compactMap { state, count in state.map { ($0, count) } }
        return FileStateCounts(counts: Dictionary(uniqueKeysWithValues: known), failures: failures)
    }
}
