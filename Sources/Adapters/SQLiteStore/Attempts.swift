// The rows of `file_attempts`.

import Datasets
import Jobs
import SQLite

/// Reads and writes `file_attempts`, which has the last attempts at a file but the one that
/// published it: that stands in the row of the file, until another attempt counts.
enum AttemptTable {
    /// Adds an attempt behind those that are there.
    static func keep(
        _ attempt: FileAttempt, of id: JobID, _ position: Int, in database: Database
    ) throws {
        try database.run(
            """
            INSERT INTO file_attempts (job_id, position, number, began_at, ended_at, http_status,
                code, detail)
            SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7
            FROM file_attempts WHERE job_id = ?1 AND position = ?2
            """,
            [
                .integer(id.rawValue), SQLValue(position),
                .integer(attempt.span.began.microseconds),
                .integer(attempt.span.ended.microseconds), SQLValue(attempt.httpStatus),
                SQLValue(attempt.code), SQLValue(attempt.detail),
            ])
        try forgetOld(of: id, position, in: database)
    }

    /// Keeps the attempt that published a running file beside the others, before another one takes
    /// its place in the row of the file.
    static func keepPublishing(of id: JobID, _ position: Int, in database: Database) throws {
        try database.run(
            """
            INSERT INTO file_attempts (job_id, position, number, began_at, ended_at, http_status)
            SELECT job_id, position, 1 + coalesce((
                SELECT max(number) FROM file_attempts
                WHERE job_id = file.job_id AND position = file.position), 0),
                began_at, ended_at, \(answered)
            FROM job_files AS file
            WHERE job_id = ? AND position = ? AND state = 'running' AND ended_at IS NOT NULL
            """, [.integer(id.rawValue), SQLValue(position)])
        if database.changes > 0 { try forgetOld(of: id, position, in: database) }
    }

    /// Numbers follow each other, so that the last one counts all attempts there ever were.
    private static func forgetOld(
        of id: JobID, _ position: Int, in database: Database
    ) throws {
        try database.run(
            """
            DELETE FROM file_attempts WHERE job_id = ?1 AND position = ?2 AND number <= ?3 + (
                SELECT max(number) FROM file_attempts WHERE job_id = ?1 AND position = ?2)
            """, [.integer(id.rawValue), SQLValue(position), SQLValue(-FileReport.attemptsMax)])
    }

    /// What the upstream answered when it published the file of a row.
    private static let answered = "iif(origin = 'upstream', 200, NULL)"

    /// The last attempts at some of a job's files, by position, oldest first, and how many there
    /// were.
    static func attempts(
        of id: JobID, _ positions: [Int], in database: Database
    ) throws -> [Int: (last: [FileAttempt], total: Int)] {
        let rows = try database.rows(
            """
            SELECT position, began_at, ended_at, http_status, code, detail, number
            FROM file_attempts
            WHERE job_id = ?1 AND position IN (SELECT value FROM json_each(?2))
            UNION ALL
            SELECT position, began_at, ended_at, \(answered), NULL, NULL, NULL
            FROM job_files
            WHERE job_id = ?1 AND position IN (SELECT value FROM json_each(?2))
                AND ended_at IS NOT NULL
            ORDER BY position, number NULLS LAST
            """, [.integer(id.rawValue), .text("\(positions)")]
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
