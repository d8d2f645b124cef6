// How jobs end. The change and its notification are one transaction.

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
            former.evidence.datasetDigest,
            former.evidence.datasetDigest ?? former.evidence.formerDigest
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
                SQLValue(digest != known ? known : old == nil ? nil : former.evidence.formerDigest),
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
