// The columns of a job.

import Datasets
import Jobs
import SQLite

/// Reads and writes the columns of `download_jobs`.
enum JobTable {
    /// All columns but the id that ``job(in:from:)`` reads, in its order.
    static let detailColumns = """
        status, exchange, data_types, symbols, start_date, end_date, output_path, created_at, \
        started_at, completed_at, error_message, created_by, notes, files_total, files_done, \
        files_failed, bytes_done, planned, dataset_digest, bytes_saved, files_suspicious, \
        verified_at, files_repaired, priority, paused, pinned, crashes, files_empty, \
        files_unavailable, files_cancelled, gaps_accepted, outcome_notes, former_digest, \
        verified_since, files_checked, files_damaged, files_missing, files_changed, \
        accepts_revision
        """
    static let columns = "id, \(detailColumns)"
    /// How many ``columns`` there are.
    static let columnCount: Int32 = 40
    /// More notes than any job has got since ``RequestValidator`` counts those beyond a few; earlier
    /// versions kept one for each symbol.
    private static let notesMax = 64

    /// The job with this id.
    ///
    /// - Throws: ``JobError/notFound(_:)``.
    static func job(_ id: JobID, in database: Database) throws -> Job {
        let job = try database.first(
            "SELECT \(columns) FROM download_jobs WHERE id = ?", [.integer(id.rawValue)]
        ) { try JobTable.job(in: $0) }
        guard let job else { throw JobError.notFound(id) }
        return job
    }

    /// The job in a row.
    ///
    /// - Parameter start: the column of the id.
    static func job(in row: borrowing Row, from start: Int32 = 0) throws -> Job {
        let id = JobID(row.integer(start))
        guard let state = JobState(rawValue: row.text(start + 1)) else {
            throw StoreFailure.damage("job \(id) has an unknown status")
        }
        let symbols = row.withText(start + 4) {
            StringList.beginning(of: $0, atMost: Job.symbolsShown)
        }
        let notes = row.withText(start + 13) { StringList.beginning(of: $0, atMost: notesMax) }
        return Job(
            id: id, state: state,
            exchange: row.text(start + 2),
            dataTypes: StringList.elements(of: row.text(start + 3)),
            symbols: symbols.elements, symbolsTotal: symbols.total,
            startDate: row.text(start + 5),
            endDate: row.text(start + 6),
            outputPath: row.text(start + 7),
            createdAt: moment(row.textIfAny(start + 8)) ?? Timestamp(microseconds: 0),
            startedAt: moment(row.textIfAny(start + 9)),
            completedAt: moment(row.textIfAny(start + 10)),
            errorMessage: row.textIfAny(start + 11),
            createdBy: row.text(start + 12),
            notes: notes.elements,
            outcomeNotes: StringList.elements(of: row.text(start + 32)),
            progress: progress(in: row, from: start), integrity: evidence(in: row, from: start),
            control: JobControl(
                priority: Priority(rawValue: Int(row.integer(start + 24))) ?? .normal,
                isPaused: row.integer(start + 25) != 0,
                isPinned: row.integer(start + 26) != 0,
                crashes: count(row.integer(start + 27))))
    }

    /// A number of things, from 0 to 2^53: other programs write the table too, and sums of what
    /// they wrote must not overflow.
    static func count(_ number: Int64) -> Int { Int(min(max(number, 0), 1 << 53)) }

    private static func progress(in row: borrowing Row, from start: Int32) -> JobProgress {
        JobProgress(
            filesTotal: count(row.integer(start + 14)), filesDone: count(row.integer(start + 15)),
            filesEmpty: count(row.integer(start + 28)),
            filesUnavailable: count(row.integer(start + 29)),
            gapsAccepted: count(row.integer(start + 31)),
            filesFailed: count(row.integer(start + 16)),
            filesCancelled: count(row.integer(start + 30)),
            bytesDone: Int64(count(row.integer(start + 17))),
            isPlanned: row.integer(start + 18) != 0)
    }

    private static func evidence(in row: borrowing Row, from start: Int32) -> JobIntegrity {
        let (verifiedAt, checked) = (
            moment(row.textIfAny(start + 22)), count(row.integer(start + 35))
        )
        return JobIntegrity(
            datasetDigest: row.textIfAny(start + 19), formerDigest: row.textIfAny(start + 33),
            bytesSaved: Int64(count(row.integer(start + 20))),
            filesSuspicious: count(row.integer(start + 21)),
            verifiedAt: verifiedAt, filesRepaired: count(row.integer(start + 23)),
            verification: verifiedAt.flatMap { end in
                // Versions that did not record what they found did not record how many either.
                checked == 0
                    ? nil
                    : JobVerification(
                        startedAt: moment(row.textIfAny(start + 34)), endedAt: end,
                        filesChecked: checked, filesDamaged: count(row.integer(start + 36)),
                        filesMissing: count(row.integer(start + 37)),
                        filesChanged: count(row.integer(start + 38)))
            }, acceptsRevision: row.integer(start + 39) != 0)
    }

    /// A moment as text, also as other writers of the predecessor's table spelled it: with a zone
    /// of zero, or a day alone. `nil` for anything else.
    static func moment(_ text: String?) -> Timestamp? {
        guard let text else { return nil }
        if let moment = Timestamp(text) { return moment }
        if text.hasSuffix("+00:00") { return Timestamp(String(text.dropLast(6))) }
        return Day(text)?.start
    }
}
