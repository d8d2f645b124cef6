// The rows of `file_attempts`.

import Datasets
import Jobs
import SQLite

/// Reads and writes `file_attempts`: the last attempts at a file. The attempt that published the
/// file is in the row of the file instead, until another attempt counts.
enum AttemptTable {
    /// Appends an attempt.
    static func save(
        _ attempt: FileAttempt, of id: JobID, _ position: Int, in database: Database
    ) throws {
        try database.run(
            """
            INSERT INTO file_attempts (job_id, position, number, began_at, ended_at, http_status,
                code, detail)
            SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7
            FROM file_attempts WHERE job_id = ?1 AND position = ?2
            """,
            FileTable.key(of: id, position) + [
                .integer(attempt.span.began.microseconds),
                .integer(attempt.span.ended.microseconds), SQLValue(attempt.httpStatus),
                SQLValue(attempt.code), SQLValue(attempt.detail),
            ])
        try removeOld(of: id, position, in: database)
    }

    /// Appends the attempt that published a running file, before another attempt replaces it in the
    /// row of the file.
    static func savePublishing(of id: JobID, _ position: Int, in database: Database) throws {
        try database.run(
            """
            INSERT INTO file_attempts (job_id, position, number, began_at, ended_at, http_status)
            SELECT job_id, position, 1 + coalesce((
                SELECT max(number) FROM file_attempts
                WHERE job_id = file.job_id AND position = file.position), 0),
                began_at, ended_at, \(httpStatus)
            FROM job_files AS file
            WHERE \(FileTable.isFile) AND state = 'running' AND ended_at IS NOT NULL
            """, FileTable.key(of: id, position))
        if database.changes > 0 { try removeOld(of: id, position, in: database) }
    }

    /// Numbers are consecutive, so that the last one counts all attempts, removed or not.
    private static func removeOld(of id: JobID, _ position: Int, in database: Database) throws {
        try database.run(
            """
            DELETE FROM file_attempts WHERE job_id = ?1 AND position = ?2 AND number <= ?3 + (
                SELECT max(number) FROM file_attempts WHERE job_id = ?1 AND position = ?2)
            """, FileTable.key(of: id, position) + [SQLValue(-FileReport.attemptsMax)])
    }

    /// The upstream's status for the attempt that published the file of a row.
    private static let httpStatus = "iif(origin = 'upstream', 200, NULL)"

    /// The last attempts at some of a job's files, by position, oldest first, and their total.
    static func attempts(
        of id: JobID, _ positions: [Int], in database: Database
    ) throws -> [Int: (last: [FileAttempt], total: Int)] {
        let rows = try database.rows(
            """
            SELECT position, began_at, ended_at, http_status, code, detail, number
            FROM file_attempts
            WHERE job_id = ?1 AND position IN (SELECT value FROM json_each(?2))
            UNION ALL
            SELECT position, began_at, ended_at, \(httpStatus), NULL, NULL, NULL
            FROM job_files
            WHERE job_id = ?1 AND position IN (SELECT value FROM json_each(?2))
                AND ended_at IS NOT NULL
            ORDER BY position, number NULLS LAST
            """, [SQLValue(id), .text("\(positions)")]
        ) { row in
            (
                position: Int(row.integer(0)),
                attempt: FileAttempt(
                    AttemptSpan(
                        from: Timestamp(microseconds: row.integer(1)),
                        to: Timestamp(microseconds: row.integer(2))),
                    httpStatus: row.integerIfAny(3).map { Int($0) }, code: row.textIfAny(4),
                    detail: row.textIfAny(5)), number: row.integerIfAny(6)
            )
        }
        return Dictionary(grouping: rows, by: \.position).mapValues { rows in
            let numbered = rows.compactMap(\.number)
            return (
                last: rows.map(\.attempt).suffix(FileReport.attemptsMax),
                total: Int(numbered.last ?? 0) + rows.count - numbered.count
            )
        }
    }
}
