// What proves the data of a job: earlier copies, unusual sizes, verifications.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    /// Days before and after a file whose sizes are compared.
    private static let nearbyDays = 45

    package func copies(of file: DatasetFile, limit: Int) async throws -> [PublishedCopy] {
        try read { database in
            try database.rows(
                """
                SELECT output_path, sha256, max(job_id)
                FROM job_files INDEXED BY job_files_by_dataset
                JOIN download_jobs ON download_jobs.id = job_id
                WHERE \(FileTable.isDataset) AND state = 'ok'
                GROUP BY output_path ORDER BY max(job_id) DESC LIMIT ?
                """, file.values + [SQLValue(limit)]
            ) { PublishedCopy(folder: $0.text(0), sha256: $0.text(1)) }
        }
    }

    package func beginVerification(
        of id: JobID, by principal: Principal, acceptsRevision: Bool, at now: Timestamp
    ) async throws -> Job? {
        try await write { database in
            let state = try JobTable.job(id, in: database).state
            guard state == .completed || state == .failed else { return nil }
            // Files that failed after they had been published are verified, too.
            let wasPublished = """
                (state IN ('ok', 'empty') OR state = 'failed' AND expected_sha256 IS NOT NULL)
                """
            let states = try FileTable.states(of: id, where: wasPublished, in: database)
            guard !states.isEmpty else { return nil }
            // The origin and the times of the attempt stay, for files that prove unchanged.
            try database.run(
                """
                UPDATE job_files SET state = 'pending', attempts = 0, not_before = NULL,
                    expected_sha256 = coalesce(sha256, expected_sha256), sha256 = NULL,
                    bytes = NULL, rows = NULL, first_timestamp = NULL, last_timestamp = NULL,
                    \(FileTable.clearFailure), finding = NULL, changed = 0
                WHERE job_id = ? AND \(wasPublished)
                """, [SQLValue(id)])
            try EventTable.add(
                .verifying, to: id, by: principal, at: now,
                detail: TextFormat.counted(states.count, "file")
                    + (acceptsRevision ? ", taking what Tardis has now" : ""), in: database)
            return try database.first(
                """
                UPDATE download_jobs SET status = 'pending', verifying = 1, verifying_since = NULL,
                    former_completed_at = completed_at, completed_at = NULL, error_message = NULL,
                    \(FileCounts.changes), bytes_done = 0, accepts_revision = ?, queued_at = ?
                WHERE id = ? RETURNING \(JobTable.columns)
                """,
                FileCounts(states).values(-1) + [
                    SQLValue(acceptsRevision), .text(now.databaseText), SQLValue(id),
                ]
            ) { try JobTable.job(in: $0) }
        }
    }

    package func sizes(of id: JobID) async throws -> [FileSizes] {
        try readSnapshot { database in
            let files = try FileTable.files(
                "WHERE job_id = ? AND state = 'ok'", [SQLValue(id)], in: database)
            let groups = Dictionary(grouping: files) { record in
                Series(
                    exchange: record.file.exchange, dataType: record.file.dataType,
                    symbol: record.file.symbol)
            }
            return try groups.map { series, records in
                var own: [Int: FileSize] = [:]
                for record in records {
                    guard let checksum = record.checksum else { continue }
                    own[record.position] = FileSize(
                        day: record.file.day, rows: checksum.rows, bytes: checksum.bytes)
                }
                return FileSizes(
                    own: own,
                    others: try others(than: own.values.map(\.day), of: series, in: database))
            }
        }
    }

    package func setSizeWarnings(_ warnings: [Int: String], of id: JobID) async throws {
        try await write { database in
            try database.run(
                """
                UPDATE job_files SET suspicion = NULL WHERE job_id = ? AND suspicion IS NOT NULL
                """, [SQLValue(id)])
            for (position, warning) in warnings {
                try database.run(
                    "UPDATE job_files SET suspicion = ? WHERE \(FileTable.isFile)",
                    [.text(warning)] + FileTable.key(of: id, position))
            }
            try database.run(
                "UPDATE download_jobs SET files_suspicious = ? WHERE id = ?",
                [SQLValue(warnings.count), SQLValue(id)])
        }
    }

    /// A symbol and a data type of an exchange.
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
        // Several jobs may have the same day; one of them suffices.
        let byDay = rows.compactMap { $0 }.reduce(into: [Day: FileSize]()) { $0[$1.day] = $1 }
        return byDay.values.filter { !known.contains($0.day) }
    }
}
