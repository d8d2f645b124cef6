// Looking at jobs. It must not know what runs them.

package import Jobs
import SQLite

extension SQLiteJobStore {
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
private enum JobFilterText {
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
