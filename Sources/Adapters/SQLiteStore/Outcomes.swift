// Ends of jobs: state, digest, notes, findings, event and notification in one transaction.

import Bytes
import Crypto
package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) async throws -> Job? {
        guard let kind = JobNotification.Kind(ending: state) else {
            preconditionFailure("a job ends in a final state")
        }
        // Names of states, not values of anybody's: they may stand in the text.
        let origins = JobState.allCases.filter { $0.mayBecome(state) }
            .map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try await write { database in
            let former = try database.first(
                """
                SELECT \(JobTable.columns), verifying, verifying_since FROM download_jobs
                WHERE id = ? AND status IN (\(origins)) AND paused = 0
                """, [.integer(id.rawValue)]
            ) { row in
                let next = JobTable.columnCount
                return Ending(
                    former: try JobTable.job(in: row), isVerification: row.integer(next) != 0,
                    since: JobTable.moment(row.textIfAny(next + 1)), state: state,
                    errorMessage: errorMessage, at: now)
            }
            guard let former else { return nil }
            let job = try former.perform(in: database)
            try Outbox.queue(kind, about: job.id, at: now, in: database)
            try EventTable.add(
                JobEvent.Kind(telling: kind), to: job.id, by: .service, at: now,
                detail: errorMessage, in: database)
            return job
        }
    }
}

/// The end of one job, within a transaction.
private struct Ending {
    let former: Job
    let isVerification: Bool
    /// When the verification was claimed.
    let since: Timestamp?
    let state: JobState
    let errorMessage: String?
    let at: Timestamp

    /// - Returns: the job as it is now.
    func perform(in database: Database) throws -> Job {
        let id = former.id
        let (old, known) = (
            former.integrity.datasetDigest,
            former.integrity.datasetDigest ?? former.integrity.formerDigest
        )
        let digest =
            state == .completed
            ? DatasetDigest.digest(
                of: try DatasetDigest.list(of: former, in: database), known: known)
            : nil
        try database.run(
            """
            UPDATE download_jobs SET status = ?1, error_message = ?2, dataset_digest = ?3,
                former_digest = ?4, outcome_notes = ?5,
                completed_at = iif(verifying, coalesce(former_completed_at, ?6), ?6),
                verified_at = iif(verifying, ?6, verified_at), former_completed_at = NULL,
                verifying = 0, verifying_since = NULL, accepts_revision = 0, announced = 0
            WHERE id = ?7
            """,
            [
                .text(state.rawValue), SQLValue(errorMessage), SQLValue(digest),
                // A digest that the job has again is no former one.
                SQLValue(
                    digest != known ? known : old == nil ? nil : former.integrity.formerDigest),
                .text(try OutcomeTable.notes(of: id, former.progress, in: database)),
                .text(at.databaseText), .integer(id.rawValue),
            ])
        if isVerification { try keepVerification(in: database) }
        if let known, digest != known, digest != old {
            try OutcomeTable.note(known, is: digest, of: id, by: .service, at: at, in: database)
        }
        return try JobTable.job(id, in: database)
    }

    private func keepVerification(in database: Database) throws {
        let (found, repaired) = try OutcomeTable.verification(
            of: former.id, since: since, at: at, in: database)
        try database.run(
            """
            UPDATE download_jobs SET verified_since = ?, files_checked = ?, files_damaged = ?,
                files_missing = ?, files_changed = ?, files_repaired = ?
            WHERE id = ?
            """,
            [
                SQLValue(since?.databaseText), SQLValue(found.filesChecked),
                SQLValue(found.filesDamaged), SQLValue(found.filesMissing),
                SQLValue(found.filesChanged), SQLValue(repaired), .integer(former.id.rawValue),
            ])
        let files = found.isClean ? [] : try OutcomeTable.findings(of: former.id, in: database)
        try EventTable.add(
            .verified, to: former.id, by: .service, at: at,
            detail: JobOutcome.report(of: found, repaired: repaired, files: files), in: database)
    }
}

extension JobEvent.Kind {
    /// The event that a notification tells of.
    fileprivate init(telling news: JobNotification.Kind) {
        switch news {
        case .started: self = .started
        case .completed: self = .completed
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        }
    }
}

extension JobNotification.Kind {
    /// The news that a job has ended this way, `nil` where that is no end.
    fileprivate init?(ending state: JobState) {
        switch state {
        case .completed: self = .completed
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        case .pending, .running: return nil
        }
    }
}

/// What a job's row says about its end.
enum OutcomeTable {
    /// The notes about how a job ended, as its row has them.
    static func notes(
        of id: JobID, _ progress: JobProgress, in database: Database
    ) throws -> String {
        func names(_ count: Int, _ condition: String) throws -> [String] {
            guard count > 0 else { return [] }
            return try FileTable.names(
                of: id, where: condition, limit: JobOutcome.namesMax, in: database)
        }
        return StringList.text(
            of: JobOutcome.notes(
                of: progress, empty: try names(progress.filesEmpty, "state = 'empty'"),
                gaps: try names(progress.gapsAccepted, FileTable.isAcceptedGap)))
    }

    /// What a verification that ends now has found, and how many files it has repaired.
    static func verification(
        of id: JobID, since: Timestamp?, at now: Timestamp, in database: Database
    ) throws -> (found: JobVerification, repaired: Int) {
        let counts = try database.first(
            """
            SELECT total(state IN ('ok', 'empty') OR expected_sha256 IS NOT NULL),
                total(finding = 'damaged'), total(finding = 'missing'), total(changed),
                total(finding IS NOT NULL AND changed = 0 AND state IN ('ok', 'empty'))
            FROM job_files WHERE job_id = ?
            """, [.integer(id.rawValue)]
        ) { row in (0..<5).map { Int(row.integer(Int32($0))) } }
        let numbers = counts ?? [0, 0, 0, 0, 0]
        return (
            JobVerification(
                startedAt: since, endedAt: now, filesChecked: numbers[0], filesDamaged: numbers[1],
                filesMissing: numbers[2], filesChanged: numbers[3]), numbers[4]
        )
    }

    /// Files that a verification did not find as recorded, the first ones.
    static func findings(of id: JobID, in database: Database) throws -> [FileRecord] {
        try database.rows(
            """
            SELECT \(FileTable.columns) FROM job_files
            WHERE job_id = ? AND (finding IS NOT NULL OR changed = 1) ORDER BY position LIMIT 50
            """, [.integer(id.rawValue)]
        ) { try FileTable.record(in: $0) }
    }

    /// Takes a job's digest back, since its files will be others; the record keeps it.
    static func withdrawDigest(
        of job: Job, by principal: Principal, at now: Timestamp, in database: Database
    ) throws {
        guard let digest = job.integrity.datasetDigest else { return }
        try database.run(
            """
            UPDATE download_jobs SET dataset_digest = NULL, former_digest = ? WHERE id = ?
            """, [.text(digest), .integer(job.id.rawValue)])
        try note(digest, is: nil, of: job.id, by: principal, at: now, in: database)
    }

    /// Says in the history that a job's digest is another than it was.
    static func note(
        _ former: String, is digest: String?, of id: JobID, by principal: Principal,
        at now: Timestamp, in database: Database
    ) throws {
        try EventTable.add(
            .digestChanged, to: id, by: principal, at: now,
            detail: "Was \(former), is \(digest ?? "none until the job is completed").",
            in: database)
    }
}

/// The digest of a job's files.
enum DatasetDigest {
    /// What the digest covers, as the files are now.
    static func list(of job: Job, in database: Database) throws -> ChecksumList {
        ChecksumList(
            of: job, sums: try FileTable.sums(of: job.id, in: database),
            gaps: job.progress.gapsAccepted == 0
                ? []
                : try FileTable.names(of: job.id, where: FileTable.isAcceptedGap, in: database))
    }

    /// The digest of a completed job; `nil` where it wrote nothing.
    ///
    /// - Parameter known: the digest that the job had before; it stays as long as the files are the
    ///   same, also where an earlier version has made it.
    static func digest(of list: ChecksumList, known: String?) -> String? {
        guard !list.sums.isEmpty else { return nil }
        return isPlain(known, of: list) ? known : sha256(list.text)
    }

    /// Whether a digest was made of the sums alone.
    static func isPlain(_ digest: String?, of list: ChecksumList) -> Bool {
        guard let digest else { return false }
        var plain = list
        plain.isPlain = true
        return list.gaps.isEmpty && sha256(plain.text) == digest
    }

    /// The SHA-256 of a text in UTF-8.
    static func sha256(_ text: String) -> String {
        Hexadecimal.text(SHA256.hash(data: Array(text.utf8)))
    }
}
