// The submissions that are kept under `Idempotency-Key`.

import Datasets
import Jobs
import SQLite

/// Reads and writes `idempotency_keys`.
enum IdempotencyKeyTable {
    /// Old keys that each new key removes: more than one, so that the table shrinks to the keys in
    /// use.
    private static let removedAtOnce = 2

    /// The outcome of the earlier submission with this key, `nil` for a new or expired key.
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
                    files: row.count(5), notes: row.count(6)))
        }
    }

    /// Saves the outcome of a submission under its key, in place of an expired one.
    static func save(
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
                SQLValue(kept.job), .text(kept.state.rawValue), SQLValue(kept.isPaused),
                SQLValue(kept.isDuplicate), SQLValue(kept.files), SQLValue(kept.notes),
                .integer(now.microseconds),
            ])
    }

    /// Removes some of the oldest keys that have expired or exceed `keysMax`. Ids are consecutive,
    /// so that they count the keys.
    static func removeOldest(
        at now: Timestamp, keysMax: Int = Idempotency.keysMax, in database: Database
    ) throws {
        let bounds = [SQLValue.integer(try horizon(at: now, in: database)), SQLValue(keysMax)]
        // SQLite prepares a list of rows for `DELETE` even if there is nothing to remove.
        let isDue = try database.first(
            "SELECT \(isOld) FROM idempotency_keys ORDER BY id LIMIT 1", bounds
        ) { $0.integer(0) != 0 }
        guard isDue == true else { return }
        try database.run(
            """
            DELETE FROM idempotency_keys
            WHERE id IN (SELECT id FROM idempotency_keys ORDER BY id LIMIT \(removedAtOnce))
                AND \(isOld)
            """, bounds)
    }

    private static let isOld =
        "(kept_at <= ?1 OR id <= (SELECT max(id) FROM idempotency_keys) - ?2)"

    /// Twice the hour between rounds of retention. A clock that is further ahead of the last round
    /// may have jumped, and removes nothing before the next round.
    private static let roundInterval = Duration.seconds(7_200)

    /// Keys saved at this moment or before have expired.
    private static func horizon(at now: Timestamp, in database: Database) throws -> Int64 {
        let last = try FactTable.value(of: RetentionRound.key, in: database)
            .flatMap { Timestamp($0) }
        let trusted = last.map { min(now, $0 + roundInterval) } ?? now
        return (trusted + (.zero - Idempotency.lifetime)).microseconds
    }
}
