// What a job's owner may see of its files: page by page, with their attempts and sums.

import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func files(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileRecord] {
        precondition(limit >= 0, "a page has no negative length")
        precondition(offset >= 0, "no page begins before the first")
        let selection = FileTable.selection(of: states)
        // Positions have no gaps: a page of all files is found by them, however far behind it is.
        let (start, skipped) = states == nil ? (offset, 0) : (0, offset)
        return try read { database in
            try database.rows(
                """
                SELECT \(FileTable.columns) FROM job_files \(selection.index)
                WHERE job_id = ? AND position >= ? \(selection.condition)
                ORDER BY position LIMIT ? OFFSET ?
                """,
                [.integer(id.rawValue), SQLValue(start), SQLValue(limit), SQLValue(skipped)]
            ) { try FileTable.record(in: $0) }
        }
    }

    package func reports(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileReport] {
        let records = try await files(of: id, in: states, limit: limit, offset: offset)
        // A file that is tried meanwhile may show its attempt and not yet the state.
        let attempts = try read {
            try AttemptTable.attempts(of: id, records.map(\.position), in: $0)
        }
        return records.map { FileReport(record: $0, attempts: attempts[$0.position] ?? []) }
    }

    package func fileCount(of id: JobID, in states: Set<FileState>?) async throws -> Int {
        let selection = FileTable.selection(of: states)
        return try read { database in
            Int(
                try database.number(
                    """
                    SELECT count(*) FROM job_files \(selection.index)
                    WHERE job_id = ? \(selection.condition)
                    """, [.integer(id.rawValue)]))
        }
    }

    package func sums(of id: JobID) async throws -> [FileSum] {
        try read { try FileTable.sums(of: id, in: $0) }
    }
}
