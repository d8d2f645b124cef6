// The files of a job: claimed, ended, counted. A file and its job's counters change in one
// transaction. It must not know what fetches them.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func claimFiles(
        of id: JobID, limit: Int, at now: Timestamp
    ) async throws -> [FileRecord] {
        precondition(limit >= 0, "nothing negative can be claimed")
        return try await write { database in
            var files = try database.rows(
                """
                SELECT \(FileTable.columns) FROM job_files \(FileTable.stateIndex)
                WHERE job_id = ?1 AND state = 'pending'
                    AND (not_before IS NULL OR not_before <= ?2)
                    AND EXISTS (
                        SELECT 1 FROM download_jobs WHERE id = ?1 AND status = 'running')
                ORDER BY position LIMIT ?3
                """, [.integer(id.rawValue), .integer(now.microseconds), SQLValue(limit)]
            ) { try FileTable.record(in: $0) }
            // Row by row: for rows found and returned by one statement SQLite prepares two tables.
            for index in files.indices {
                files[index].state = .running
                try database.run(
                    "UPDATE job_files SET state = 'running' WHERE job_id = ? AND position = ?",
                    [.integer(id.rawValue), SQLValue(files[index].position)])
            }
            return files
        }
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
            var counts = FileCounts()
            counts[state] = ended
            try counts.add(to: id, in: database)
        }
    }

    package func tally(of id: JobID) async throws -> FileStateCounts {
        try read { database in
            try database.snapshot { try FileTable.tally(of: id, in: database) }
        }
    }
}

extension FileTable {
    /// How many failed files a tally names: what fits into a short message.
    private static let namedFailuresMax = 5

    /// How the files of a job stand.
    static func tally(of id: JobID, in database: Database) throws -> FileStateCounts {
        let counts = try database.rows(
            "SELECT state, count(*) FROM job_files WHERE job_id = ? GROUP BY state",
            [.integer(id.rawValue)]
        ) { (FileState(rawValue: $0.text(0)), Int($0.integer(1))) }
        let failures = try database.rows(
            """
            SELECT \(columns) FROM job_files \(stateIndex)
            WHERE job_id = ? AND state = 'failed' ORDER BY position LIMIT ?
            """, [.integer(id.rawValue), SQLValue(namedFailuresMax)]
        ) { try record(in: $0) }
        let known = counts.compactMap { state, count in state.map { ($0, count) } }
        return FileStateCounts(counts: Dictionary(uniqueKeysWithValues: known), failures: failures)
    }
}
