// What a start changes about jobs and files that the last process left running.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func recover(after end: ProcessEnd, at now: Timestamp) async throws -> Recovery {
        try await write { database in
            var poisoned: Set<JobID> = []
            if case .crash(let limit, let alone) = end {
                for id in try jobsAtWork(isolated: alone, in: database) {
                    let isPoisoned = try countCrash(of: id, limit, at: now, in: database)
                    if isPoisoned { poisoned.insert(id) }
                }
            }
            // Without the index, the planner would read all files of all jobs.
            try database.run(
                """
                UPDATE job_files INDEXED BY job_files_running SET state = 'pending'
                WHERE state = 'running'
                """)
            let jobs = try JobTable.jobs("WHERE status = 'running' ORDER BY id", in: database)
            return Recovery(jobs: jobs, poisoned: poisoned)
        }
    }
}

/// The jobs that may have caused the crash: all that were at work, or the isolated one.
private func jobsAtWork(isolated: JobID?, in database: Database) throws -> [JobID] {
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
    // A job that has made progress since is no longer isolated, and worked beside others.
    if let suspect = atWork.first(where: { $0.id == isolated }),
        suspect.crashes >= PoisonJobPolicy.isolationMin
    {
        return [suspect.id]
    }
    return atWork.map(\.id)
}

/// Counts one more crash of a job, and fails its running files if the limit is reached.
///
/// - Returns: whether the whole job fails.
private func countCrash(
    of id: JobID, _ limit: PoisonJobPolicy, at now: Timestamp, in database: Database
) throws -> Bool {
    let key = SQLValue(id)
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
            UPDATE job_files SET state = 'failed', \(FileTable.setFailure), not_before = NULL
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
