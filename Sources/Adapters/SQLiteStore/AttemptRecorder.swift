// How attempts at files end, as rows: many in one transaction, each job's counters changed once. It
// must not know who waits for them.

import Datasets
import Jobs
import SQLite

/// An attempt at a running file that has ended.
struct AttemptRecord: Sendable {
    let ending: AttemptResult
    let job: JobID
    let position: Int
    let span: AttemptSpan

    /// The file's key, as two columns.
    fileprivate var key: [SQLValue] { [.integer(job.rawValue), SQLValue(position)] }
}

/// Records attempts that have ended.
enum AttemptRecorder {
    /// Records them all. Whatever ended before, or is not there, stays as it is.
    static func keep(_ attempts: [AttemptRecord], in database: Database) throws {
        var counts: [JobID: FileCounts] = [:]
        // Nearly all attempts publish: their statement is taken out of the cache once for all.
        try database.withStatement(publishingNew) { statement in
            for attempt in attempts {
                try end(
                    attempt, adding: &counts[attempt.job, default: FileCounts()],
                    publishingBy: statement, in: database)
            }
        }
        for (job, counts) in counts { try counts.add(to: job, in: database) }
    }

    private static func end(
        _ attempt: AttemptRecord, adding counts: inout FileCounts,
        publishingBy statement: Statement, in database: Database
    ) throws {
        switch attempt.ending {
        case .published(let proof):
            // The row of the file tells all there is to tell of this attempt.
            guard let wasVerified = try publish(attempt, proof, by: statement, in: database)
            else { return }
            counts[proof.state] += 1
            counts.bytes += proof.bytes
            if !wasVerified, proof.origin != .upstream { counts.saved += proof.bytes }
        case .unavailable(let failure):
            let hasEnded = try end(attempt, as: .unavailable, nil, failure, in: database)
            counts[.unavailable] += hasEnded ? 1 : 0
        case .failed(let failure):
            let hasEnded = try end(attempt, as: .failed, nil, failure, in: database)
            counts[.failed] += hasEnded ? 1 : 0
        case .retry(let moment, let failure):
            let hasEnded = try end(attempt, as: .pending, moment, failure, in: database)
            counts.attempts += hasEnded ? 1 : 0
        case .released(let moment):
            try database.run(
                """
                UPDATE job_files SET state = 'pending', not_before = coalesce(?, not_before)
                WHERE job_id = ? AND position = ? AND state = 'running'
                """, [SQLValue(moment?.microseconds)] + attempt.key)
        }
    }

    private static let publishing = """
        UPDATE job_files SET state = ?, attempts = attempts + 1, bytes = ?, rows = ?,
            first_timestamp = ?, last_timestamp = ?, sha256 = ?, origin = ?, began_at = ?,
            ended_at = ?, not_before = NULL, code = NULL, detail = NULL, http_status = NULL,
            expected_sha256 = NULL
        WHERE job_id = ? AND position = ? AND state = 'running'
        """
    /// Of a file that is not being verified: nearly every one.
    private static let publishingNew = publishing + " AND expected_sha256 IS NULL"

    /// That a file is as it was changes nothing about where it came from, and when.
    private static let confirming = """
        UPDATE job_files SET state = ?1, attempts = attempts + 1, bytes = ?2, rows = ?3,
            first_timestamp = ?4, last_timestamp = ?5, sha256 = ?6, origin = coalesce(origin, ?7),
            not_before = NULL, code = NULL, detail = NULL, http_status = NULL,
            expected_sha256 = NULL
        WHERE job_id = ?8 AND position = ?9 AND state = 'running'
        """

    /// Keeps how a file was found that was to be verified, and other bytes of it that were seen.
    private static let finding = """
        UPDATE job_files SET finding = coalesce(finding, ?1),
            changed = iif(?2 <> expected_sha256, 1, changed),
            former_sha256 = iif(?2 <> expected_sha256, expected_sha256, former_sha256),
            revision_sha256 = iif(?2 <> expected_sha256, ?2, revision_sha256),
            revision_seen_at = iif(?2 <> expected_sha256, ?3, revision_seen_at)
        WHERE job_id = ?4 AND position = ?5 AND state = 'running'
            AND expected_sha256 IS NOT NULL
        """

    private static func note(
        _ finding: FileFinding?, _ sha256: String?, of attempt: AttemptRecord,
        in database: Database
    ) throws {
        guard finding != nil || sha256 != nil else { return }
        try database.run(
            AttemptRecorder.finding,
            [
                SQLValue(finding?.rawValue), SQLValue(sha256),
                .integer(attempt.span.ended.microseconds),
            ] + attempt.key)
    }

    /// - Returns: whether the file was being verified; `nil` where it was not running.
    private static func publish(
        _ attempt: AttemptRecord, _ proof: FileChecksum, by statement: Statement,
        in database: Database
    ) throws -> Bool? {
        let values: [SQLValue] =
            [
                .text(proof.state.rawValue), .integer(proof.bytes), .integer(proof.rows),
                SQLValue(proof.firstTimestamp?.microseconds),
                SQLValue(proof.lastTimestamp?.microseconds), .text(proof.sha256),
                .text(proof.origin.rawValue), .integer(attempt.span.began.microseconds),
                .integer(attempt.span.ended.microseconds),
            ] + attempt.key
        // `RETURNING` would tell all at once, but prepares a table for what it returns.
        try statement.run(values)
        if database.changes > 0 { return false }
        let isAsItWas = proof.origin == .disk && proof.finding == nil
        try note(proof.finding, proof.sha256, of: attempt, in: database)
        if !isAsItWas {
            try AttemptTable.keepPublishing(of: attempt.job, attempt.position, in: database)
        }
        // The seventh value is the last but those of the span and the key.
        try database.run(
            isAsItWas ? confirming : publishing,
            isAsItWas ? Array(values.prefix(7)) + attempt.key : values)
        return database.changes > 0 ? true : nil
    }

    /// - Returns: whether the file was running.
    private static func end(
        _ attempt: AttemptRecord, as state: FileState, _ notBefore: Timestamp?,
        _ failure: FileFailure, in database: Database
    ) throws -> Bool {
        try note(failure.finding, failure.revisionSHA256, of: attempt, in: database)
        try AttemptTable.keepPublishing(of: attempt.job, attempt.position, in: database)
        try database.run(
            """
            UPDATE job_files SET state = ?, attempts = attempts + 1, not_before = ?, code = ?,
                detail = ?, http_status = ?, began_at = NULL, ended_at = NULL
            WHERE job_id = ? AND position = ? AND state = 'running'
            """,
            [.text(state.rawValue), SQLValue(notBefore?.microseconds)] + failure.values
                + attempt.key)
        guard database.changes > 0 else { return false }
        if let kept = FileAttempt(attempt.span, ending: attempt.ending) {
            try AttemptTable.keep(kept, of: attempt.job, attempt.position, in: database)
        }
        return true
    }
}
