// The submissions that are kept under `Idempotency-Key`.

import Datasets
import Jobs
import SQLite

/// Reads and writes `idempotency_keys`.
enum IdempotencyKeyTable {
    /// Old keys that each new one removes: more than there come, so that the table shrinks to what
    /// is in use.
    private static let removedAtOnce = 2

    /// What a key has led to, `nil` where it is new or forgotten.
    static func outcome(
        of key: String, fingerprint: [UInt8], by user: String, at now: Timestamp,
        in database: Database
    ) throws -> SubmissionOutcome? {
        try database.first(
            """
            SELECT fingerprint, job_id, status, paused, duplicate, files, notes
            FROM idempotency_keys
            WHERE user = ? AND key = ? AND kept_at > ?
            """, [.text(user), .text(key), .integer(try horizon(at: now, in: database))]
        ) { row in
            guard row.blob(0) == fingerprint else { return .keyReused }
            return .replayed(
                StoredSubmission(
                    job: JobID(row.integer(1)), state: JobState(rawValue: row.text(2)) ?? .pending,
                    isPaused: row.integer(3) != 0, isDuplicate: row.integer(4) != 0,
                    files: JobTable.count(row.integer(5)), notes: JobTable.count(row.integer(6))))
        }
    }

    /// Keeps what came of a submission under its key, in place of one whose time is over.
    static func keep(
        _ kept: StoredSubmission, for idempotency: Idempotency, of user: String, at now: Timestamp,
        in database: Database
    ) throws {
        try database.run(
            """
            INSERT OR REPLACE INTO idempotency_keys
                (user, key, fingerprint, job_id, status, paused, duplicate, files, notes, kept_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(user), .text(idempotency.key), .blob(idempotency.fingerprint),
                .integer(kept.job.rawValue), .text(kept.state.rawValue),
                .integer(kept.isPaused ? 1 : 0), .integer(kept.isDuplicate ? 1 : 0),
                SQLValue(kept.files), SQLValue(kept.notes), .integer(now.microseconds),
            ])
    }

    /// Removes some of the oldest keys, where their time is over or there are too many.
    ///
    /// - Parameter keysMax: ids follow each other, so that they count the keys.
    static func forget(
        at now: Timestamp, keysMax: Int = Idempotency.keysMax, in database: Database
    ) throws {
        let bounds = [SQLValue.integer(try horizon(at: now, in: database)), SQLValue(keysMax)]
        // A list of rows to remove is prepared even where nothing is: nearly always.
        let isDue = try database.first(
            "SELECT \(goes) FROM idempotency_keys ORDER BY id LIMIT 1", bounds
        ) { $0.integer(0) != 0 }
        guard isDue == true else { return }
        try database.run(
            """
            DELETE FROM idempotency_keys
            WHERE id IN (SELECT id FROM idempotency_keys ORDER BY id LIMIT \(removedAtOnce))
                AND \(goes)
            """, bounds)
    }

    private static let goes =
        "(kept_at <= ?1 OR id <= (SELECT max(id) FROM idempotency_keys) - ?2)"

    /// From one round of retention to the next it is an hour. A clock that is further ahead of the
    /// last one may have jumped, and removes nothing until the next one has looked.
    private static let roundInterval = Duration.seconds(7_200)

    /// What was kept at this moment or before is forgotten.
    private static func horizon(at now: Timestamp, in database: Database) throws -> Int64 {
        let last = try database.first(
            "SELECT value FROM facts WHERE name = ?", [.text(RetentionRound.key)]
        ) { Timestamp($0.text(0)) }
        let trusted = last.flatMap { $0 }.map { min(now, $0 + roundInterval) } ?? now
        return (trusted + (.zero - Idempotency.lifetime)).microseconds
    }
}
