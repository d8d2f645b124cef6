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
            try EventTable.add(
                .submitted, to: job.id, by: Principal(name: request.createdBy), at: now,
                in: database)
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

    package func jobs(
        matching filter: JobFilter, limit: Int, offset: Int
    ) async throws -> JobPage {
        precondition(limit >= 0, "a page has no negative length")
        precondition(offset >= 0, "no page begins before the first")
        let (condition, values) = JobFilterText.condition(for: filter)
        return try read { database in
            // One view of the data: the count must fit the page.
            try database.snapshot {
                let jobs = try database.rows(
                    """
                    SELECT \(JobTable.columns) FROM download_jobs \(condition)
                    ORDER BY id DESC LIMIT ? OFFSET ?
                    """, values + [SQLValue(limit), SQLValue(offset)]
                ) { try JobTable.job(in: $0) }
                let total = try database.number(
                    "SELECT count(*) FROM download_jobs \(condition)", values)
                return JobPage(jobs: jobs, total: Int(total))
            }
        }
    }
}

/// A filter as SQL: at most eight texts, so that each is prepared once and finds its index.
enum JobFilterText {
    static func condition(for filter: JobFilter) -> (text: String, values: [SQLValue]) {
        let parts: [(column: String, value: String?)] = [
            ("status", filter.state?.rawValue), ("created_by", filter.user),
            ("exchange", filter.exchange),
        ]
        let given = parts.compactMap { part in part.value.map { (part.column, $0) } }
        guard !given.isEmpty else { return ("", []) }
        let text = given.map { "\($0.0) = ?" }.joined(separator: " AND ")
        return ("WHERE \(text)", given.map { .text($0.1) })
    }
}
