// The files of a job: claimed, ended, counted. A file and its job's counters change in one
// transaction. It must not know what fetches them.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    /// How many failed files a tally names: what fits into a message that somebody reads.
    private static let namedFailuresMax = 5

    package func claimFiles(
        of id: JobID, limit: Int, at now: Timestamp
    ) async throws -> [FileRecord] {
        precondition(limit >= 0, "nothing negative can be claimed")
        let files = try await write { database in
            try database.rows(
                """
                UPDATE job_files SET state = 'running'
                WHERE job_id = ?1 AND position IN (
                    SELECT position FROM job_files
                    WHERE job_id = ?1 AND state = 'pending'
                        AND (not_before IS NULL OR not_before <= ?2)
                        AND EXISTS (
                            SELECT 1 FROM download_jobs WHERE id = ?1 AND status = 'running')
                    ORDER BY position LIMIT ?3)
                RETURNING \(FileTable.columns)
                """, [.integer(id.rawValue), .integer(now.microseconds), SQLValue(limit)]
            ) { try FileTable.record(in: $0) }
        }
        // RETURNING promises no order (sqlite.org/lang_returning.html).
        return files.sorted { $0.position < $1.position }
    }

    /// The epoch stands for "at once".
    package func nextDue(of id: JobID) async throws -> Timestamp? {
        try read { database in
            try database.first(
                """
                SELECT min(coalesce(not_before, 0)) FROM job_files
                WHERE job_id = ? AND state = 'pending'
                """, [.integer(id.rawValue)]
            ) { $0.integerIfAny(0).map(Timestamp.init(microseconds:)) } ?? nil
        }
    }

    package func record(
        _ ending: FileEnding, of id: JobID, position: Int, during span: AttemptSpan
    ) async throws {
        try await write { database in
            let former = try database.first(
                """
                SELECT attempts, expected_sha256 IS NOT NULL FROM job_files
                WHERE job_id = ? AND position = ? AND state = 'running'
                """, [.integer(id.rawValue), SQLValue(position)]
            ) { (attempts: Int($0.integer(0)), isVerified: $0.integer(1) != 0) }
            guard let former else { return }
            try end(id, position, with: ending, in: database)
            if let attempt = FileAttempt(span, ending: ending) {
                try AttemptTable.keep(attempt, of: id, position, in: database)
            }
            switch ending {
            case .published(let proof):
                let wasSaved = proof.origin != .upstream && !former.isVerified
                try count(
                    id, done: 1, bytes: proof.bytes, saved: wasSaved ? proof.bytes : 0,
                    repaired: former.isVerified && proof.origin != .disk ? 1 : 0, in: database)
            case .unavailable: try count(id, done: 1, in: database)
            case .failed: try count(id, failed: 1, in: database)
            case .retry, .released: break
            }
        }
    }

    package func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure
    ) async throws {
        precondition(state.isFinal, "files end in a final state")
        precondition(state != .ok && state != .empty, "only a proof makes a file good")
        try await write { database in
            try database.run(
                """
                UPDATE job_files SET state = ?, code = ?, detail = ?, http_status = ?,
                    not_before = NULL
                WHERE job_id = ?5 AND state IN ('pending', 'running')
                    AND EXISTS (SELECT 1 FROM download_jobs WHERE id = ?5 AND status = 'running')
                """, [.text(state.rawValue)] + failure.values + [.integer(id.rawValue)])
            let ended = database.changes
            guard ended > 0 else { return }
            try count(
                id, done: state.isGood ? ended : 0, failed: state.isGood ? 0 : ended, in: database)
        }
    }

    package func tally(of id: JobID) async throws -> FileTally {
        try read { database in
            try database.snapshot {
                let counts = try database.rows(
                    "SELECT state, count(*) FROM job_files WHERE job_id = ? GROUP BY state",
                    [.integer(id.rawValue)]
                ) { (FileState(rawValue: $0.text(0)), Int($0.integer(1))) }
                let failures = try database.rows(
                    """
                    SELECT \(FileTable.columns) FROM job_files \(FileTable.stateIndex)
                    WHERE job_id = ? AND state = 'failed' ORDER BY position LIMIT ?
                    """, [.integer(id.rawValue), SQLValue(SQLiteJobStore.namedFailuresMax)]
                ) { try FileTable.record(in: $0) }
                let known = counts.compactMap { state, count in state.map { ($0, count) } }
                return FileTally(
                    counts: Dictionary(uniqueKeysWithValues: known), failures: failures)
            }
        }
    }
}

/// Ends an attempt at a running file.
private func end(
    _ id: JobID, _ position: Int, with ending: FileEnding, in database: Database
) throws {
    let key: [SQLValue] = [.integer(id.rawValue), SQLValue(position)]
    switch ending {
    case .published(let proof):
        try database.run(
            """
            UPDATE job_files SET state = ?, attempts = attempts + 1, bytes = ?, rows = ?,
                first_timestamp = ?, last_timestamp = ?, sha256 = ?, origin = ?,
                not_before = NULL, code = NULL, detail = NULL, http_status = NULL,
                expected_sha256 = NULL
            WHERE job_id = ? AND position = ? AND state = 'running'
            """,
            [
                .text(proof.state.rawValue), .integer(proof.bytes), .integer(proof.rows),
                SQLValue(proof.firstTimestamp?.microseconds),
                SQLValue(proof.lastTimestamp?.microseconds), .text(proof.sha256),
                .text(proof.origin.rawValue),
            ] + key)
    case .unavailable(let failure):
        try endWithoutFile(.unavailable, nil, failure, key, in: database)
    case .failed(let failure):
        try endWithoutFile(.failed, nil, failure, key, in: database)
    case .retry(let moment, let failure):
        try endWithoutFile(.pending, moment, failure, key, in: database)
    case .released(let moment):
        try database.run(
            """
            UPDATE job_files SET state = 'pending', not_before = coalesce(?, not_before)
            WHERE job_id = ? AND position = ? AND state = 'running'
            """, [SQLValue(moment?.microseconds)] + key)
    }
}

private func endWithoutFile(
    _ state: FileState, _ notBefore: Timestamp?, _ failure: FileFailure, _ key: [SQLValue],
    in database: Database
) throws {
    try database.run(
        """
        UPDATE job_files SET state = ?, attempts = attempts + 1, not_before = ?, code = ?,
            detail = ?, http_status = ?
        WHERE job_id = ? AND position = ? AND state = 'running'
        """, [.text(state.rawValue), SQLValue(notBefore?.microseconds)] + failure.values + key)
}

private func count(
    _ id: JobID, done: Int = 0, failed: Int = 0, bytes: Int64 = 0, saved: Int64 = 0,
    repaired: Int = 0, in database: Database
) throws {
    try database.run(
        """
        UPDATE download_jobs SET files_done = files_done + ?, files_failed = files_failed + ?,
            bytes_done = bytes_done + ?, bytes_saved = bytes_saved + ?,
            files_repaired = files_repaired + ?
        WHERE id = ?
        """,
        [
            SQLValue(done), SQLValue(failed), .integer(bytes), .integer(saved),
            SQLValue(repaired), .integer(id.rawValue),
        ])
}
