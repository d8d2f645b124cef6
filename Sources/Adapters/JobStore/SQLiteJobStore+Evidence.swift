// What stands for a job's data: where its files were had before, whether their sizes are odd, the
// digest of their sums, and the way back to prove them again.

import Crypto
package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    /// Days around a file whose sizes are worth comparing.
    private static let nearbyDays = 45

    package func copies(of file: DatasetFile, limit: Int) async throws -> [PublishedCopy] {
        try read { database in
            try database.rows(
                """
                SELECT output_path, sha256, max(job_id) FROM job_files INDEXED BY job_files_by_dataset
                JOIN download_jobs ON download_jobs.id = job_id
                WHERE job_files.exchange = ? AND data_type = ? AND symbol = ? AND day = ?
                    AND state = 'ok'
                GROUP BY output_path ORDER BY max(job_id) DESC LIMIT ?
                """,
                [
                    .text(file.exchange), .text(file.dataType.name), .text(file.symbol),
                    .text(file.day.description), SQLValue(limit),
                ]
            ) { PublishedCopy(folder: $0.text(0), sha256: $0.text(1)) }
        }
    }

    package func beginVerification(
        of id: JobID, by principal: Principal, at now: Timestamp
    ) async throws -> Job? {
        try await write { database in
            let state = try JobTable.job(id, in: database).state
            guard state == .completed || state == .failed else { return nil }
            try AttemptTable.keepPublishing(of: id, in: database)
            try database.run(
                """
                UPDATE job_files SET state = 'pending', attempts = 0, not_before = NULL,
                    expected_sha256 = sha256, sha256 = NULL, bytes = NULL, rows = NULL,
                    first_timestamp = NULL, last_timestamp = NULL, origin = NULL, began_at = NULL,
                    ended_at = NULL
                WHERE job_id = ? AND state IN ('ok', 'empty')
                """, [.integer(id.rawValue)])
            let files = database.changes
            guard files > 0 else { return nil }
            try EventTable.add(
                .verifying, to: id, by: principal, at: now,
                detail: Wording.counted(files, "file"), in: database)
            return try database.first(
                """
                UPDATE download_jobs SET status = 'pending', verifying = 1, completed_at = NULL,
                    error_message = NULL, files_done = files_done - ?1, bytes_done = 0,
                    files_repaired = 0, dataset_digest = NULL, queued_at = ?3
                WHERE id = ?2 RETURNING \(JobTable.columns)
                """, [SQLValue(files), .integer(id.rawValue), .text(now.databaseText)]
            ) { try JobTable.job(in: $0) }
        }
    }

    package func sizes(of id: JobID) async throws -> [FileSizes] {
        try read { database in
            try database.snapshot {
                let own = try database.rows(
                    """
                    SELECT \(FileTable.columns) FROM job_files WHERE job_id = ? AND state = 'ok'
                    """, [.integer(id.rawValue)]
                ) { try FileTable.record(in: $0) }
                let groups = Dictionary(grouping: own) { record in
                    Series(
                        exchange: record.file.exchange, dataType: record.file.dataType,
                        symbol: record.file.symbol)
                }
                return try groups.map { series, records in
                    let sizes = records.compactMap { record in
                        record.proof.map { proof in
                            (
                                record.position,
                                FileSize(
                                    day: record.file.day, rows: proof.rows, bytes: proof.bytes)
                            )
                        }
                    }
                    let own = Dictionary(uniqueKeysWithValues: sizes)
                    return FileSizes(
                        own: own,
                        others: try others(than: own.values.map(\.day), of: series, in: database))
                }
            }
        }
    }

    package func mark(_ suspicions: [Int: String], of id: JobID) async throws {
        try await write { database in
            try database.run(
                "UPDATE job_files SET suspicion = NULL WHERE job_id = ? AND suspicion IS NOT NULL",
                [.integer(id.rawValue)])
            for (position, suspicion) in suspicions {
                try database.run(
                    "UPDATE job_files SET suspicion = ? WHERE job_id = ? AND position = ?",
                    [.text(suspicion), .integer(id.rawValue), SQLValue(position)])
            }
            try database.run(
                "UPDATE download_jobs SET files_suspicious = ? WHERE id = ?",
                [SQLValue(suspicions.count), .integer(id.rawValue)])
        }
    }

    /// What one symbol has of one kind.
    private struct Series: Hashable {
        var exchange: String
        var dataType: DataType
        var symbol: String
    }

    private func others(
        than days: [Day], of series: Series, in database: Database
    ) throws -> [FileSize] {
        guard let first = days.min(), let last = days.max() else { return [] }
        let known = Set(days)
        let span = SQLiteJobStore.nearbyDays
        let rows = try database.rows(
            """
            SELECT day, rows, bytes FROM job_files INDEXED BY job_files_by_dataset
            WHERE exchange = ? AND data_type = ? AND symbol = ? AND day BETWEEN ? AND ?
                AND state = 'ok'
            """,
            [
                .text(series.exchange), .text(series.dataType.name), .text(series.symbol),
                .text(first.advanced(by: -span).description),
                .text(last.advanced(by: span).description),
            ]
        ) { row in
            Day(row.text(0)).map { FileSize(day: $0, rows: row.integer(1), bytes: row.integer(2)) }
        }
        // Several jobs may have the same day: one of them is enough.
        let byDay = rows.compactMap { $0 }.reduce(into: [Day: FileSize]()) { $0[$1.day] = $1 }
        return byDay.values.filter { !known.contains($0.day) }
    }
}

/// The digest of a job's sums.
enum DatasetDigest {
    /// - Parameter sums: by name in the order of its bytes.
    static func digest(of sums: [FileSum]) -> String {
        var hash = SHA256()
        for sum in sums { hash.update(data: Array(sum.line.utf8)) }
        let digits = Array("0123456789abcdef".utf8)
        let text = hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
