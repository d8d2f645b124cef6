// Reads of jobs and files: one job, pages of jobs, pages of files.

import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func job(_ id: JobID) async throws -> Job? {
        if let cached = cache.job(id) { return cached }
        let writes = cache.writes
        let job = try read { try JobTable.find(id, in: $0) }
        if let job { cache.keep(job, readAfter: writes) }
        return job
    }

    package func symbols(of id: JobID) async throws -> [String] {
        try read { database in
            try database.first("SELECT symbols FROM download_jobs WHERE id = ?", [SQLValue(id)]) {
                StringList.elements(of: $0.text(0))
            } ?? []
        }
    }

    package func jobs(
        matching filter: JobFilter, limit: Int, from start: JobPageStart
    ) async throws -> JobPage {
        let (listing, offset) =
            switch start {
            case .offset(let offset): (JobListing(filter), offset)
            case .before(let job): (JobListing(filter, before: job), 0)
            }
        precondition(limit >= 0, "a page has no negative length")
        precondition(offset >= 0, "no page begins before the first")
        // One snapshot, so that the total fits the page.
        return try readSnapshot { database in
            let jobs = try database.rows(
                listing.query, listing.values + [SQLValue(limit + 1), SQLValue(offset)]
            ) { try JobTable.job(in: $0) }
            let total = try database.number(listing.count.query, listing.count.values)
            return JobPage(reading: jobs, limit: limit, total: Int(total))
        }
    }

    package func files(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileRecord] {
        precondition(limit >= 0, "a page has no negative length")
        precondition(offset >= 0, "no page begins before the first")
        let selection = FileTable.selection(of: states)
        // The index by name alone finds a page of all files, at any offset.
        let index = states == nil ? "INDEXED BY job_files_by_name" : selection.index
        return try read { database in
            try FileTable.files(
                """
                WHERE job_id = ?1 AND position IN (
                    SELECT position FROM job_files \(index)
                    WHERE job_id = ?1 \(selection.condition)
                    ORDER BY \(FileTable.nameOrder) LIMIT ?2 OFFSET ?3)
                ORDER BY \(FileTable.nameOrder)
                """, [SQLValue(id), SQLValue(limit), SQLValue(offset)], in: database)
        }
    }

    package func reports(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileReport] {
        let records = try await files(of: id, in: states, limit: limit, offset: offset)
        // An attempt that ends in between may appear before the state that it leads to.
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
                    """, [SQLValue(id)]))
        }
    }

    package func checksums(of id: JobID) async throws -> ChecksumList {
        try readSnapshot { database in
            try DatasetDigest.list(of: try JobTable.job(id, in: database), in: database)
        }
    }
}

/// A listing as SQL: one of at most sixteen statements, each with an index of its own.
struct JobListing {
    private let filter: JobFilter
    private let before: JobID?

    init(_ filter: JobFilter, before: JobID? = nil) {
        self.filter = filter
        self.before = before
    }

    /// Selects the jobs. Its last two values are the limit and the offset.
    var query: String {
        var conditions = given.enumerated().map { "\($1.column) = ?\($0 + 1)" }
        if before != nil { conditions.append("id < ?\(conditions.count + 1)") }
        let (limit, offset) = (values.count + 1, values.count + 2)
        guard filter.state == nil, !given.isEmpty else {
            return """
                SELECT \(JobTable.columns) FROM download_jobs \(JobListing.clause(of: conditions))
                ORDER BY id DESC LIMIT ?\(limit) OFFSET ?\(offset)
                """
        }
        // Few indexes suffice because each has the status before the id: jobs of any status are
        // those of each status, merged as they are read.
        let selections = JobState.allCases.map { state in
            let own = conditions + ["status = '\(state.rawValue)'"]
            return "SELECT id AS job FROM download_jobs \(JobListing.clause(of: own))"
        }
        return """
            SELECT \(JobTable.columns) FROM (
                \(selections.joined(separator: " UNION ALL "))
                ORDER BY job DESC LIMIT ?\(limit) OFFSET ?\(offset)
            ) JOIN download_jobs ON id = job ORDER BY id DESC
            """
    }

    /// The values of ``query`` without the last two.
    var values: [SQLValue] {
        given.map { .text($0.value) } + (before.map { [.integer($0.rawValue)] } ?? [])
    }

    /// Counts the jobs that match. The counts of all users together have a table of their own,
    /// which does not grow with the number of users.
    var count: (query: String, values: [SQLValue]) {
        let table = filter.user == nil ? "job_counts_by_exchange" : "job_counts"
        let conditions = JobListing.clause(of: given.map { "\($0.column) = ?" })
        return (
            "SELECT coalesce(sum(jobs), 0) FROM \(table) \(conditions)",
            given.map { .text($0.value) }
        )
    }

    /// The conditions of the filter alone, to be joined with others.
    var conditions: [String] { given.map { "\($0.column) = ?" } }

    private var given: [(column: String, value: String)] {
        let parts: [(column: String, value: String?)] = [
            ("status", filter.state?.rawValue), ("created_by", filter.user),
            ("exchange", filter.exchange),
        ]
        return parts.compactMap { part in part.value.map { (part.column, $0) } }
    }

    private static func clause(of conditions: [String]) -> String {
        conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    }
}
