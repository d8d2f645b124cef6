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
        // Names of states of this program, not values: safe in the statement's text.
        let origins = JobState.allCases.filter { $0.mayBecome(state) }
            .map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try await write { database in
            let former = try JobTable.jobs(
                "WHERE id = ? AND status IN (\(origins)) AND paused = 0", [SQLValue(id)],
                in: database
            ).first
            guard let former else { return nil }
            let verification = try database.first(
                "SELECT verifying_since FROM download_jobs WHERE id = ? AND verifying = 1",
                [SQLValue(id)]
            ) { $0.moment(0) }
            let ending = JobEnding(
                former: former, isVerification: verification != nil,
                verifyingSince: verification ?? nil, state: state, errorMessage: errorMessage,
                at: now)
            let job = try ending.perform(in: database)
            try Outbox.queue(kind, about: job.id, at: now, in: database)
            try EventTable.add(
                JobEvent.Kind(of: kind), to: job.id, by: .service, at: now,
                detail: errorMessage, in: database)
            return job
        }
    }
}

/// The end of one job, within a transaction.
private struct JobEnding {
    let former: Job
    let isVerification: Bool
    /// When the verification was claimed.
    let verifyingSince: Timestamp?
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
            ? DatasetDigest.digest(of: try DatasetDigest.list(of: former, in: database)) : nil
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
                // A digest that the job has again is not its former digest.
                SQLValue(
                    digest != known ? known : old == nil ? nil : former.integrity.formerDigest),
                .text(try OutcomeTable.notes(of: id, former.progress, in: database)),
                .text(at.databaseText), SQLValue(id),
            ])
        if isVerification { try saveVerification(in: database) }
        if let known, digest != known, digest != old {
            try OutcomeTable.note(known, is: digest, of: id, by: .service, at: at, in: database)
        }
        return try JobTable.job(id, in: database)
    }

    private func saveVerification(in database: Database) throws {
        let (found, repaired) = try OutcomeTable.verification(
            of: former.id, since: verifyingSince, at: at, in: database)
        try database.run(
            """
            UPDATE download_jobs SET verified_since = ?, files_checked = ?, files_damaged = ?,
                files_missing = ?, files_changed = ?, files_repaired = ?
            WHERE id = ?
            """,
            [
                SQLValue(verifyingSince?.databaseText), SQLValue(found.filesChecked),
                SQLValue(found.filesDamaged), SQLValue(found.filesMissing),
                SQLValue(found.filesChanged), SQLValue(repaired), SQLValue(former.id),
            ])
        let files = found.isClean ? [] : try OutcomeTable.findings(of: former.id, in: database)
        try EventTable.add(
            .verified, to: former.id, by: .service, at: at,
            detail: JobOutcome.report(of: found, repaired: repaired, files: files), in: database)
    }
}

extension JobEvent.Kind {
    /// The event behind a notification.
    fileprivate init(of notification: JobNotification.Kind) {
        switch notification {
        case .started: self = .started
        case .completed: self = .completed
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        }
    }
}

extension JobNotification.Kind {
    /// The notification for an end in this state, `nil` for a state that is not final.
    fileprivate init?(ending state: JobState) {
        switch state {
        case .completed: self = .completed
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        case .pending, .running: return nil
        }
    }
}

/// Reads and writes what a job's row says about its end.
enum OutcomeTable {
    /// The notes about how a job ended, as JSON text.
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

    /// The findings of a verification that ends now, and how many files it has repaired.
    static func verification(
        of id: JobID, since: Timestamp?, at now: Timestamp, in database: Database
    ) throws -> (found: JobVerification, repaired: Int) {
        let counts = try database.first(
            """
            SELECT total(state IN ('ok', 'empty') OR expected_sha256 IS NOT NULL),
                total(finding = 'damaged'), total(finding = 'missing'), total(changed),
                total(finding IS NOT NULL AND changed = 0 AND state IN ('ok', 'empty'))
            FROM job_files WHERE job_id = ?
            """, [SQLValue(id)]
        ) { row in
            (
                found: JobVerification(
                    startedAt: since, endedAt: now, filesChecked: Int(row.integer(0)),
                    filesDamaged: Int(row.integer(1)), filesMissing: Int(row.integer(2)),
                    filesChanged: Int(row.integer(3))),
                repaired: Int(row.integer(4))
            )
        }
        let none = JobVerification(startedAt: since, endedAt: now, filesChecked: 0)
        return counts ?? (found: none, repaired: 0)
    }

    /// The first files that a verification found different from their records.
    static func findings(of id: JobID, in database: Database) throws -> [FileRecord] {
        try FileTable.files(
            """
            WHERE job_id = ? AND (finding IS NOT NULL OR changed = 1) ORDER BY position LIMIT 50
            """, [SQLValue(id)], in: database)
    }

    /// Removes a job's digest, because its files are about to change; the history keeps it.
    static func withdrawDigest(
        of job: Job, by principal: Principal, at now: Timestamp, in database: Database
    ) throws {
        guard let digest = job.integrity.datasetDigest else { return }
        try database.run(
            """
            UPDATE download_jobs SET dataset_digest = NULL, former_digest = ? WHERE id = ?
            """, [.text(digest), SQLValue(job.id)])
        try note(digest, is: nil, of: job.id, by: principal, at: now, in: database)
    }

    /// Adds the change of a job's digest to the history.
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
    /// The checksums that the digest covers, of the files as they are now.
    static func list(of job: Job, in database: Database) throws -> ChecksumList {
        ChecksumList(
            of: job, sums: try FileTable.sums(of: job.id, in: database),
            gaps: job.progress.gapsAccepted == 0
                ? []
                : try FileTable.names(of: job.id, where: FileTable.isAcceptedGap, in: database))
    }

    /// The digest of a completed job; `nil` if it has no files.
    static func digest(of list: ChecksumList) -> String? {
        list.sums.isEmpty ? nil : sha256(list.text)
    }

    /// The SHA-256 of the text in UTF-8.
    static func sha256(_ text: String) -> String {
        Hexadecimal.text(SHA256.hash(data: Array(text.utf8)))
    }
}
