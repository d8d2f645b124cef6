// What a start changes about jobs and files that the last process left running.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func recover(after end: ProcessEnd, at now: Timestamp) async throws -> Recovery {
        try await write { database in
            var poisoned: Set<JobID> = []
            if case .crash(let limit, let alone) = end {
                for id in try blamed(alone: alone, in: database) {
                    let isGivenUp = try countCrash(of: id, limit, at: now, in: database)
                    if isGivenUp { poisoned.insert(id) }
                }
            }
            // Left alone, the planner would look at every file there ever was.
            try database.run(
                """
                UPDATE job_files INDEXED BY job_files_running SET state = 'pending'
                WHERE state = 'running'
                """)
            let jobs = try database.rows(
                """
                SELECT \(JobTable.columns) FROM download_jobs WHERE status = 'running' ORDER BY id
                """
            ) { try JobTable.job(in: $0) }
            return Recovery(jobs: jobs, poisoned: poisoned)
        }
    }
}

/// The jobs that were at work: all of them, unless one had been let to work alone.
private func blamed(alone: JobID?, in database: Database) throws -> [JobID] {
    let atWork = try database.rows(
        """
        SELECT id, crashes FROM download_jobs WHERE status = 'running' AND (
            planned = 0
            OR EXISTS (SELECT 1 FROM job_files \(FileTable.stateIndex)
                WHERE job_id = id AND state = 'running')
            OR NOT EXISTS (SELECT 1 FROM job_files \(FileTable.stateIndex)
                WHERE job_id = id AND state = 'pending'))
        ORDER BY id
        """
    ) { (id: JobID($0.integer(0)), crashes: Int($0.integer(1))) }
    // A job that has got on since is under suspicion no longer, and worked beside others.
    if let suspect = atWork.first(where: { $0.id == alone }),
        suspect.crashes >= PoisonJobPolicy.isolationMin
    {
        return [suspect.id]
    }
    return atWork.map(\.id)
}

/// Counts one more crash of a job, and gives up its running files where that is one too many.
///
/// - Returns: whether the job is to be given up as a whole.
private func countCrash(
    of id: JobID, _ limit: PoisonJobPolicy, at now: Timestamp, in database: Database
) throws -> Bool {
    let key = SQLValue.integer(id.rawValue)
    let crashes = Int(
        try database.number(
            "UPDATE download_jobs SET crashes = crashes + 1 WHERE id = ? RETURNING crashes", [key]))
    let files = Int(
        try database.number(
            """
            SELECT count(*) FROM job_files \(FileTable.stateIndex)
            WHERE job_id = ? AND state = 'running'
            """, [key]))
    let isTooMany = crashes >= limit.crashesMax
    if isTooMany, files > 0 {
        try database.run(
            """
            UPDATE job_files SET state = 'failed', code = ?, detail = ?, http_status = ?,
                not_before = NULL
            WHERE job_id = ? AND state = 'running'
            """, PoisonJobPolicy.failure(after: crashes).values + [key])
        try database.run(
            "UPDATE download_jobs SET files_failed = files_failed + ? WHERE id = ?",
            [SQLValue(files), key])
    }
    let work = files == 0 ? "no file in work" : TextFormat.counted(files, "file") + " in work"
    try EventTable.add(
        .crashed, to: id, by: .service, at: now,
        detail: "crash \(crashes) in a row, \(work)\(isTooMany ? ", given up" : "")",
        in: database)
    return limit.isPoisoned(after: crashes, filesGivenUp: files)
}
