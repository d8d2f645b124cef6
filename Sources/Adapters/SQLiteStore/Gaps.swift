// Gaps that people accept. The domain decides which files are gaps, within the same transaction.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func acceptGaps(
        of id: JobID, named names: [String]?, by principal: Principal, at now: Timestamp
    ) async throws -> JobActionResult {
        try await write { database in
            let job = try JobTable.job(id, in: database)
            if let objection = Gaps.objection(to: job) {
                return JobActionResult(.refuse(objection), job)
            }
            let candidates = try GapTable.candidates(of: id, in: database)
            switch Gaps.choice(of: candidates, named: names, job: id, at: now) {
            case .failure(let refusal):
                return JobActionResult(.refuse(refusal.description), job)
            case .success(let files):
                let acceptance = GapAcceptance(
                    files: files, principal: principal, now: now, database: database)
                return JobActionResult(.act, try acceptance.perform(on: id))
            }
        }
    }
}

/// Reads what decides whether failed files are gaps.
private enum GapTable {
    static func candidates(of id: JobID, in database: Database) throws -> [GapCandidate] {
        let files = try FileTable.files(
            """
            \(FileTable.stateIndex)
            WHERE job_id = ? AND state = 'failed' ORDER BY \(FileTable.nameOrder)
            """, [SQLValue(id)], in: database)
        let codes = Gaps.codes.map { "'\($0)'" }.joined(separator: ", ")
        let refusals = try database.rows(
            "SELECT position, began_at FROM file_attempts WHERE job_id = ? AND code IN (\(codes))",
            [SQLValue(id)]
        ) { (position: Int($0.integer(0)), at: Timestamp(microseconds: $0.integer(1))) }
        let moments = Dictionary(grouping: refusals, by: \.position).mapValues { $0.map(\.at) }
        var days: [[String]: [String]] = [:]
        return try files.map { record in
            let file = record.file
            let series = [file.exchange, file.dataType.name, file.symbol]
            let published = try days[series] ?? GapTable.days(of: series, in: database)
            days[series] = published
            return GapCandidate(
                record: record, refusals: moments[record.position] ?? [],
                hasOtherDays: published.contains { $0 != file.day.description })
        }
    }

    /// The first and the last day of a symbol and data type that any job has published.
    private static func days(of series: [String], in database: Database) throws -> [String] {
        try database.rows(
            """
            SELECT day FROM (
                SELECT min(day) AS day FROM job_files INDEXED BY job_files_by_dataset
                WHERE exchange = ?1 AND data_type = ?2 AND symbol = ?3 AND state = 'ok'
                UNION
                SELECT max(day) AS day FROM job_files INDEXED BY job_files_by_dataset
                WHERE exchange = ?1 AND data_type = ?2 AND symbol = ?3 AND state = 'ok'
            ) WHERE day IS NOT NULL
            """, series.map(SQLValue.text)
        ) { $0.text(0) }
    }
}

/// The acceptance of a failed job's gaps, within a transaction.
private struct GapAcceptance {
    let files: [FileRecord]
    let principal: Principal
    let now: Timestamp
    let database: Database

    /// Files that the event names.
    private static let namesMax = 20

    /// - Returns: the job as it is now.
    func perform(on id: JobID) throws -> Job {
        for file in files {
            let reason = Gaps.acceptance(of: file.failure, by: principal, at: now)
            try database.run(
                """
                UPDATE job_files SET state = 'unavailable', \(FileTable.setFailure)
                WHERE \(FileTable.isFile)
                """, reason.values + FileTable.key(of: id, file.position))
        }
        try database.run(
            """
            UPDATE download_jobs SET files_failed = files_failed - ?1, files_done = files_done + ?1,
                files_unavailable = files_unavailable + ?1, gaps_accepted = gaps_accepted + ?1
            WHERE id = ?2
            """, [SQLValue(files.count), SQLValue(id)])
        let names = files.map(\.file.name)
        try EventTable.add(
            .gapsAccepted, to: id, by: principal, at: now,
            detail: TextFormat.listed(names, atMost: GapAcceptance.namesMax), in: database)
        try end(try JobTable.job(id, in: database))
        return try JobTable.job(id, in: database)
    }

    /// Ends the job as its files say now, at the time at which it had ended.
    private func end(_ job: Job) throws {
        let ending = JobResult(try FileTable.stateCounts(of: job.id, in: database))
        let known = job.integrity.formerDigest
        let digest =
            ending.state == .completed
            ? DatasetDigest.digest(of: try DatasetDigest.list(of: job, in: database)) : nil
        try database.run(
            """
            UPDATE download_jobs SET status = ?, error_message = ?, dataset_digest = ?,
                former_digest = ?, outcome_notes = ?
            WHERE id = ?
            """,
            [
                .text(ending.state.rawValue), SQLValue(ending.errorMessage), SQLValue(digest),
                SQLValue(digest == known ? nil : known),
                .text(try OutcomeTable.notes(of: job.id, job.progress, in: database)),
                SQLValue(job.id),
            ])
        guard ending.state == .completed else { return }
        if let known, digest != known {
            try OutcomeTable.note(
                known, is: digest, of: job.id, by: principal, at: now, in: database)
        }
        try Outbox.queue(.completed, about: job.id, at: now, in: database)
        try EventTable.add(.completed, to: job.id, by: .service, at: now, in: database)
    }
}
