// Submitting jobs and looking at them. It must not know what runs them.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func insert(_ request: DownloadRequest, at now: Timestamp) async throws -> Job {
        let values: [SQLValue] = [
            .text(request.exchange),
            .text(StringList.text(of: request.dataTypes.map(\.name))),
            .text(StringList.text(of: request.symbols)),
            .text(request.days.lowerBound.description),
            .text(request.days.upperBound.description),
            .text(request.outputPath),
            .text(now.databaseText),
            .text(request.createdBy),
            .text(StringList.text(of: request.notes)),
            SQLValue(request.fileCount),
        ]
        return try await write { database in
            let job = try database.first(
                """
                INSERT INTO download_jobs (status, exchange, data_types, symbols, start_date,
                    end_date, output_path, created_at, created_by, notes, files_total)
                VALUES ('pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                RETURNING \(JobTable.columns)
                """, values
            ) { try JobTable.job(in: $0) }
            guard let job else { throw StoreFailure.damage("an inserted job is not returned") }
            return job
        }
    }

    package func job(_ id: JobID) async throws -> Job? {
        if let remembered = cache.job(id) { return remembered.job }
        let writes = cache.writes
        let job = try read { database in
            try database.first(
                "SELECT \(JobTable.columns) FROM download_jobs WHERE id = ?",
                [.integer(id.rawValue)]
            ) { try JobTable.job(in: $0) }
        }
        if let job { cache.keep(job, readAfter: writes) }
        return job
    }

    package func jobInMemory(_ id: JobID) -> RememberedJob? {
        cache.job(id)
    }
}
