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
        // The index by name holds what leads to a page of all files, however far behind it is.
        let index = states == nil ? "INDEXED BY job_files_by_name" : selection.index
        return try read { database in
            try database.rows(
                """
                SELECT \(FileTable.columns) FROM job_files WHERE job_id = ?1 AND position IN (
                    SELECT position FROM job_files \(index)
                    WHERE job_id = ?1 \(selection.condition)
                    ORDER BY \(FileTable.nameOrder) LIMIT ?2 OFFSET ?3)
                ORDER BY \(FileTable.nameOrder)
                """, [.integer(id.rawValue), SQLValue(limit), SQLValue(offset)]
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
        return records.map { record in
            let known = attempts[record.position]
            return FileReport(
                record: record, attempts: known?.last ?? [], attemptsTotal: known?.total)
        }
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

    package func checksums(of id: JobID) async throws -> ChecksumList {
        try read { database in
            try database.snapshot {
                let job = try JobTable.job(id, in: database)
                var list = try DatasetDigest.list(of: job, in: database)
                list.isPlain = DatasetDigest.isPlain(job.evidence.datasetDigest, of: list)
                return list
            }
        }
    }
}
