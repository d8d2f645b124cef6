// The columns of a job.

import Datasets
import Jobs
import SQLite

/// The columns of `download_jobs` that make a ``Job``.
enum JobTable: Int32, ResultColumn {
    case id, status, exchange, data_types, symbols, start_date, end_date, output_path, created_at
    case started_at, completed_at, error_message, created_by, notes, files_total, files_done
    case files_failed, bytes_done, planned, dataset_digest, bytes_saved, files_suspicious
    case verified_at, files_repaired, priority, paused, pinned, crashes, files_empty
    case files_unavailable, files_cancelled, gaps_accepted, outcome_notes, former_digest
    case verified_since, files_checked, files_damaged, files_missing, files_changed
    case accepts_revision, verifying

    static let columns = columnNames.joined(separator: ", ")
    /// Jobs that have not ended.
    static let isActive = "status IN ('pending', 'running')"

    /// More notes than any job gets: ``RequestValidator`` counts those beyond a few.
    private static let notesMax = 64

    /// The job with this id.
    ///
    /// - Throws: ``JobError/notFound(_:)``.
    static func job(_ id: JobID, in database: Database) throws -> Job {
        guard let job = try find(id, in: database) else { throw JobError.notFound(id) }
        return job
    }

    /// The job with this id, `nil` if there is none.
    static func find(_ id: JobID, in database: Database) throws -> Job? {
        try jobs("WHERE id = ?", [SQLValue(id)], in: database).first
    }

    /// - Parameter clauses: what follows `FROM download_jobs`.
    static func jobs(
        _ clauses: String, _ values: [SQLValue] = [], in database: Database
    ) throws -> [Job] {
        try database.rows("SELECT \(columns) FROM download_jobs \(clauses)", values) {
            try job(in: $0)
        }
    }

    /// The job in a row that begins with ``columns``.
    static func job(in row: borrowing Row) throws -> Job {
        guard let state = JobState(rawValue: row.text(status)) else {
            throw StoreFailure.damage("job \(row.integer(id)) has an unknown status")
        }
        let firstSymbols = row.withText(symbols.rawValue) {
            StringList.beginning(of: $0, atMost: Job.symbolsShown)
        }
        let firstNotes = row.withText(notes.rawValue) {
            StringList.beginning(of: $0, atMost: notesMax)
        }
        return Job(
            id: JobID(row.integer(id)), state: state, exchange: row.text(exchange),
            dataTypes: StringList.elements(of: row.text(data_types)),
            symbols: firstSymbols.elements, symbolsTotal: firstSymbols.total,
            startDate: row.text(start_date), endDate: row.text(end_date),
            outputPath: row.text(output_path), createdAt: row.moment(created_at) ?? .epoch,
            startedAt: row.moment(started_at), completedAt: row.moment(completed_at),
            errorMessage: row.textIfAny(error_message), createdBy: row.text(created_by),
            notes: firstNotes.elements,
            outcomeNotes: StringList.elements(of: row.text(outcome_notes)),
            progress: progress(in: row), integrity: integrity(in: row),
            control: JobControl(
                priority: Priority(rawValue: Int(row.integer(priority))) ?? .normal,
                isPaused: row.flag(paused), isPinned: row.flag(pinned),
                crashes: row.count(crashes)))
    }

    private static func progress(in row: borrowing Row) -> JobProgress {
        JobProgress(
            filesTotal: row.count(files_total), filesDone: row.count(files_done),
            filesEmpty: row.count(files_empty), filesUnavailable: row.count(files_unavailable),
            gapsAccepted: row.count(gaps_accepted), filesFailed: row.count(files_failed),
            filesCancelled: row.count(files_cancelled), bytesDone: Int64(row.count(bytes_done)),
            isPlanned: row.flag(planned))
    }

    private static func integrity(in row: borrowing Row) -> JobIntegrity {
        let verifiedAt = row.moment(verified_at)
        var verification: JobVerification?
        // A job without a published file has nothing to verify.
        if let end = verifiedAt, row.count(files_checked) > 0 {
            verification = JobVerification(
                startedAt: row.moment(verified_since), endedAt: end,
                filesChecked: row.count(files_checked), filesDamaged: row.count(files_damaged),
                filesMissing: row.count(files_missing), filesChanged: row.count(files_changed))
        }
        return JobIntegrity(
            datasetDigest: row.textIfAny(dataset_digest),
            formerDigest: row.textIfAny(former_digest),
            bytesSaved: Int64(row.count(bytes_saved)),
            filesSuspicious: row.count(files_suspicious), verifiedAt: verifiedAt,
            filesRepaired: row.count(files_repaired), verification: verification,
            acceptsRevision: row.flag(accepts_revision), isBeingVerified: row.flag(verifying))
    }
}
