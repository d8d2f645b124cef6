// How attempts at files end, as rows: many in one transaction, each job's counters changed once. It
// must not know who waits for them.

import Datasets
import Jobs
import SQLite

/// An attempt at a running file that has ended.
struct EndedAttempt: Sendable {
    let ending: FileEnding
    let job: JobID
    let position: Int
    let span: AttemptSpan

    /// The file's key, as two columns.
    fileprivate var key: [SQLValue] { [.integer(job.rawValue), SQLValue(position)] }
}

/// Records attempts that have ended.
enum FileEndings {
    /// Records them all. Whatever ended before, or is not there, stays as it is.
    static func keep(_ attempts: [EndedAttempt], in database: Database) throws {
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
        _ attempt: EndedAttempt, adding counts: inout FileCounts,
        publishingBy statement: Statement, in database: Database
    ) throws {
        switch attempt.ending {
        case .published(let proof):
            // The row of the file tells all there is to tell of this attempt.
            guard let wasVerified = try publish(attempt, proof, by: statement, in: database)
            else { return }
            counts.done += 1
            counts.bytes += proof.bytes
            if wasVerified {
                counts.repaired += proof.origin == .disk ? 0 : 1
            } else {
                counts.saved += proof.origin == .upstream ? 0 : proof.bytes
            }
        case .unavailable(let failure):
            let hasEnded = try end(attempt, as: .unavailable, nil, failure, in: database)
            counts.done += hasEnded ? 1 : 0
        case .failed(let failure):
            let hasEnded = try end(attempt, as: .failed, nil, failure, in: database)
            counts.failed += hasEnded ? 1 : 0
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

    /// - Returns: whether the file was being verified; `nil` where it was not running.
    private static func publish(
        _ attempt: EndedAttempt, _ proof: FileProof, by statement: Statement,
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
        try database.run(publishing, values)
        return database.changes > 0 ? true : nil
    }

    /// - Returns: whether the file was running.
    private static func end(
        _ attempt: EndedAttempt, as state: FileState, _ notBefore: Timestamp?,
        _ failure: FileFailure, in database: Database
    ) throws -> Bool {
        try database.run(
            """
            UPDATE job_files SET state = ?, attempts = attempts + 1, not_before = ?, code = ?,
                detail = ?, http_status = ?
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
