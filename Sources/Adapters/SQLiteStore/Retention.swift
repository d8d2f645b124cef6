// Finds and removes expired jobs in steps of some milliseconds, and returns free pages to the disk.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    /// Events removed at once.
    private static let eventsMax: Int64 = 1_000
    /// Pages returned at once: each may be moved, and thus written, once.
    private static let pagesMax: Int64 = 64
    /// Free pages that stay for the next jobs: 1 MiB.
    private static let sparePages: Int64 = 256

    package func expiredJobs(
        endedBefore moment: Timestamp, after: ExpiredJob?, limit: Int
    ) async throws -> [ExpiredJob] {
        try read { database in
            try database.rows(
                """
                SELECT \(ExpiredJobs.columns) FROM download_jobs INDEXED BY download_jobs_by_end
                WHERE completed_at IS NOT NULL AND (completed_at, id) > (?2, ?3)
                    AND \(ExpiredJobs.isExpired)
                ORDER BY completed_at, id LIMIT ?4
                """,
                [
                    .text(moment.databaseText), .text(after?.endedAt ?? ""),
                    .integer(after?.id.rawValue ?? 0), SQLValue(limit),
                ]
            ) { try ExpiredJobs.job(in: $0) }
        }
    }

    package func references(
        to file: DatasetFile, besides ids: Set<JobID>
    ) async throws -> FileReferences {
        let excluded = SQLValue.text(
            "[\(ids.map { "\($0.rawValue)" }.joined(separator: ","))]")
        return try readSnapshot { database in
            var folders: Set<String> = []
            for (state, index) in [
                ("ok", "job_files_by_dataset"), ("empty", "job_files_empty_by_dataset"),
            ] {
                let found = try database.rows(
                    """
                    SELECT DISTINCT output_path FROM job_files INDEXED BY \(index)
                    JOIN download_jobs ON download_jobs.id = job_id
                    WHERE \(FileTable.isDataset) AND state = '\(state)'
                        AND job_id NOT IN (SELECT value FROM json_each(?))
                    """, file.values + [excluded]
                ) { $0.text(0) }
                folders.formUnion(found)
            }
            let wanting = try database.number(
                """
                SELECT EXISTS (SELECT 1 FROM download_jobs
                    WHERE exchange = ?1 AND \(JobTable.isActive)
                        AND start_date <= ?2 AND end_date >= ?2
                        AND id NOT IN (SELECT value FROM json_each(?3)))
                """, [.text(file.exchange), .text(file.day.description), excluded])
            return FileReferences(folders: folders.sorted(), isWanted: wanting != 0)
        }
    }

    package func remove(
        _ jobs: [ExpiredJob], endedBefore moment: Timestamp, rowsMax: Int, at now: Timestamp
    ) async throws -> RemovalStep {
        precondition(rowsMax > 0, "a step removes something")
        return try await write { database in
            var step = RemovalStep()
            var rowsLeft = rowsMax
            for job in jobs {
                guard try ExpiredJobs.isExpired(job.id, moment, in: database) else {
                    step.kept.append(job.id)
                    continue
                }
                let rows = try ExpiredJobs.fileCount(of: job.id, upTo: rowsLeft, in: database)
                if rows > rowsLeft {
                    // If other jobs used up most of the budget, the next step begins with this job.
                    if step.removed.isEmpty {
                        try ExpiredJobs.removeFiles(of: job.id, count: rowsMax, in: database)
                    }
                    break
                }
                // A job costs about as much as four files.
                rowsLeft = max(rowsLeft - rows - 4, 1)
                try ExpiredJobs.remove(job, at: now, in: database)
                step.removed.append(job.id)
            }
            return step
        }
    }

    package func trimRemovals(to count: Int) async throws -> Bool {
        let excess = try read { database in
            try database.number(
                """
                SELECT count(*) FROM job_events INDEXED BY job_events_removed
                WHERE kind = 'removed'
                """) - Int64(count)
        }
        guard excess > 0 else { return false }
        let removed = min(excess, SQLiteJobStore.eventsMax)
        try await write { database in
            try database.run(
                """
                DELETE FROM job_events WHERE id IN (
                    SELECT id FROM job_events INDEXED BY job_events_removed
                    WHERE kind = 'removed' ORDER BY id LIMIT ?)
                """, [.integer(removed)])
        }
        return excess > removed
    }

    package func maintain() async throws -> Bool {
        try await write { database in
            // 2 is INCREMENTAL. A file without it keeps its size and reuses free pages.
            guard try database.number("PRAGMA auto_vacuum") == 2 else { return false }
            let free = try database.number("PRAGMA freelist_count") - SQLiteJobStore.sparePages
            guard free > 0 else { return false }
            let pages = min(free, SQLiteJobStore.pagesMax)
            try database.run("PRAGMA incremental_vacuum(\(pages))")
            return free > pages
        }
    }
}

/// The statements about expired jobs.
private enum ExpiredJobs {
    static let columns = """
        id, status, completed_at, created_by, exchange, output_path, files_total, dataset_digest
        """

    /// Holds for a job that is not pinned, all of whose times are before the moment ?1, and all of
    /// whose notifications have been delivered or refused. Jobs that are older than retention
    /// itself count as ended when retention began.
    static let isExpired = """
        completed_at < ?1 AND pinned = 0
        AND max(created_at, coalesce(started_at, ''), coalesce(queued_at, ''),
            coalesce(verified_at, '')) < ?1
        AND (id > coalesce((SELECT CAST(value AS INTEGER) FROM facts
                WHERE name = 'retention_spares_up_to'), 0)
            OR EXISTS (SELECT 1 FROM facts WHERE name = 'retention_since' AND value < ?1))
        AND NOT EXISTS (SELECT 1 FROM notifications WHERE job_id = download_jobs.id
            AND \(Outbox.isWaiting))
        """

    static func job(in row: borrowing Row) throws -> ExpiredJob {
        guard let state = JobState(rawValue: row.text(1)) else {
            throw StoreFailure.damage("job \(row.integer(0)) has an unknown status")
        }
        return ExpiredJob(
            id: JobID(row.integer(0)), state: state, endedAt: row.text(2), user: row.text(3),
            exchange: row.text(4), folder: row.text(5), filesTotal: Int(row.integer(6)),
            datasetDigest: row.textIfAny(7))
    }

    /// Asked again before the removal: a user may have pinned or retried the job meanwhile.
    static func isExpired(
        _ id: JobID, _ moment: Timestamp, in database: Database
    ) throws -> Bool {
        try database.number(
            """
            SELECT EXISTS (SELECT 1 FROM download_jobs WHERE id = ?2 AND \(isExpired))
            """, [.text(moment.databaseText), SQLValue(id)]) != 0
    }

    /// The number of files, counted up to `most` + 1.
    static func fileCount(of id: JobID, upTo most: Int, in database: Database) throws -> Int {
        Int(
            try database.number(
                "SELECT count(*) FROM (SELECT 1 FROM job_files WHERE job_id = ? LIMIT ?)",
                [SQLValue(id), SQLValue(most + 1)]))
    }

    static func remove(_ job: ExpiredJob, at now: Timestamp, in database: Database) throws {
        let id = [SQLValue(job.id)]
        try database.run("DELETE FROM notifications WHERE job_id = ?", id)
        // Removes its files and their attempts, too.
        try database.run("DELETE FROM download_jobs WHERE id = ?", id)
        try database.run("DELETE FROM job_events WHERE job_id = ?", id)
        try EventTable.add(
            .removed, to: job.id, by: .service, at: now, detail: job.summary, in: database)
    }

    /// Removes a job's last files. Counters and files of the job still agree, so that it can be
    /// retried between two steps.
    static func removeFiles(of id: JobID, count: Int, in database: Database) throws {
        let removed = try database.rows(
            """
            DELETE FROM job_files WHERE job_id = ?1 AND position IN (
                SELECT position FROM job_files WHERE job_id = ?1
                ORDER BY position DESC LIMIT ?2)
            RETURNING state, coalesce(bytes, 0), code IS '\(Gaps.acceptedCode)'
            """, [SQLValue(id), SQLValue(count)]
        ) {
            (
                state: FileState(rawValue: $0.text(0)), bytes: $0.integer(1),
                isGap: $0.integer(2) != 0
            )
        }
        try database.run(
            """
            UPDATE download_jobs SET files_total = files_total - ?, \(FileCounts.changes),
                gaps_accepted = max(gaps_accepted - ?, 0), bytes_done = max(bytes_done - ?, 0),
                dataset_digest = NULL
            WHERE id = ?
            """,
            [SQLValue(removed.count)] + FileCounts(removed.compactMap(\.state)).values(-1) + [
                SQLValue(removed.count { $0.isGap }),
                .integer(removed.reduce(0) { $0 + $1.bytes }), SQLValue(id),
            ])
    }
}
