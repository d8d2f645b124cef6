// The attempts at planned files, one row each. It must not know how attempts are made.

import Datasets
import Jobs
import SQLite

/// Reads and writes `file_attempts`.
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
    }

    /// The attempts at some of a job's files, by position, oldest first.
    static func attempts(
        of id: JobID, _ positions: [Int], in database: Database
    ) throws -> [Int: [FileAttempt]] {
        let rows = try database.rows(
            """
            SELECT position, began_at, ended_at, http_status, code, detail FROM file_attempts
            WHERE job_id = ? AND position IN (SELECT value FROM json_each(?))
            ORDER BY position, number
            """, [.integer(id.rawValue), .text("\(positions)")]
        ) { row in
            (
                Int(row.integer(0)),
                FileAttempt(
                    AttemptSpan(
                        from: Timestamp(microseconds: row.integer(1)),
                        to: Timestamp(microseconds: row.integer(2))),
                    httpStatus: row.integerIfAny(3).map { Int($0) }, code: row.textIfAny(4),
                    detail: row.textIfAny(5))
            )
        }
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    }
}
