// Imports the table that the predecessor left in the same file. Rows are copied unchanged, unless
// their state would be illegal here.

import Jobs
import SQLite

/// The predecessor's jobs, on their way into our table.
enum LegacyImport {
    private static let oldTable = "download_jobs_predecessor"

    /// The predecessor's columns, each with the value that stands in where a row has none.
    private static let columns: [(name: String, substitute: String)] = [
        ("id", "NULL"), ("status", "''"), ("exchange", "''"), ("data_types", "'[\"trades\"]'"),
        ("symbols", "'[]'"), ("start_date", "''"), ("end_date", "''"),
        ("output_path", "'./datasets'"), ("created_at", "'1970-01-01 00:00:00.000000'"),
        ("started_at", "NULL"), ("completed_at", "NULL"), ("error_message", "NULL"),
        ("created_by", "'unknown'"),
    ]

    /// Gives the predecessor's table, where there is one, another name.
    static func setAside(in database: Database) throws {
        guard try exists("download_jobs", in: database) else { return }
        try database.execute("ALTER TABLE download_jobs RENAME TO \(oldTable)")
    }

    /// Copies the predecessor's rows into our table.
    ///
    /// Its own table goes, unless it holds anything that ours does not hold to the letter: a row
    /// whose state was illegal, or a column that the predecessor did not have.
    static func adopt(in database: Database) throws {
        guard try exists(oldTable, in: database) else { return }
        let present = try columnNames(of: oldTable, in: database)
        try database.execute(copying(present))
        let known = Set(columns.map(\.name))
        let hasMore = present.contains { !known.contains($0) }
        if try !hasMore && changedRows(present, in: database) == 0 {
            try database.execute("DROP TABLE \(oldTable)")
        }
        try spellUsersAlike(in: database)
        try RequestDigest.fill(in: database)
        try database.execute(followUp)
    }

    /// The team was told that a running job started, by the predecessor; and all jobs have their
    /// full time of retention from now on.
    private static let followUp = """
        UPDATE download_jobs SET announced = 1 WHERE status = 'running';
        INSERT INTO facts (name, value)
            SELECT 'retention_spares_up_to', max(id) FROM download_jobs HAVING count(*) > 0;
        INSERT INTO facts (name, value)
            SELECT 'retention_since', strftime('%Y-%m-%d %H:%M:%f000', 'now')
            WHERE EXISTS (SELECT 1 FROM download_jobs);
        """

    /// Rewrites names in another spelling than ``UserName/canonical(_:)``. Triggers count the jobs
    /// anew, but not whose active ones they are.
    private static func spellUsersAlike(in database: Database) throws {
        let names = try database.rows("SELECT DISTINCT created_by FROM job_counts") { $0.text(0) }
        // Not `!=`, for which the spellings are equal.
        for name in names where !name.utf8.elementsEqual(UserName.canonical(name).utf8) {
            let values = [SQLValue.text(UserName.canonical(name)), .text(name)]
            try database.run(
                "UPDATE download_jobs SET created_by = ? WHERE created_by = ?", values)
            try database.run(
                """
                INSERT INTO user_usage (user, active_jobs, day, files)
                    SELECT ?, active_jobs, day, files FROM user_usage WHERE user = ?
                ON CONFLICT (user) DO UPDATE SET
                    active_jobs = user_usage.active_jobs + excluded.active_jobs
                """, values)
            try database.run("DELETE FROM user_usage WHERE user = ?", [values[1]])
            try database.run(
                "DELETE FROM job_counts WHERE created_by = ? AND jobs = 0", [values[1]])
        }
    }

    /// Copies the rows and makes their states legal:
    /// - an unknown status is `failed`, and the error message says what it was;
    /// - what has ended has ended at some time, the latest that is known;
    /// - what has not ended has no such time: it runs, so that no accepted job is lost;
    /// - what is running has been started.
    private static func copying(_ present: Set<String>) -> String {
        let given = columns.map { column in
            present.contains(column.name)
                ? "coalesce(\(column.name), \(column.substitute)) AS \(column.name)"
                : "\(column.substitute) AS \(column.name)"
        }
        return """
            INSERT INTO download_jobs (\(columns.map(\.name).joined(separator: ", ")))
            WITH given AS (SELECT \(given.joined(separator: ", ")) FROM \(oldTable)),
                named AS (SELECT *, lower(trim(status)) AS name FROM given),
                mapped AS (
                    SELECT *, CASE
                        WHEN name IN ('pending', 'running', 'completed', 'cancelled') THEN name
                        ELSE 'failed' END AS state
                    FROM named)
            SELECT id, state, exchange, data_types, symbols, start_date, end_date, output_path,
                created_at,
                CASE WHEN state = 'running' THEN coalesce(started_at, created_at)
                    ELSE started_at END,
                CASE WHEN state IN ('pending', 'running') THEN NULL
                    ELSE coalesce(completed_at, started_at, created_at) END,
                CASE WHEN state = 'failed' AND name <> 'failed'
                    THEN coalesce(error_message || ' ', '') || 'The former service left this job '
                        || 'with the unknown status "' || status
                        || '". Submit it again if it is still wanted.'
                    ELSE error_message END,
                created_by
            FROM mapped ORDER BY id
            """
    }

    private static func changedRows(_ present: Set<String>, in database: Database) throws -> Int64 {
        let differs = columns.map(\.name).filter(present.contains)
            .map { "ours.\($0) IS NOT theirs.\($0)" }
        return try database.number(
            """
            SELECT count(*) FROM \(oldTable) AS theirs
            LEFT JOIN download_jobs AS ours ON ours.id = theirs.id
            WHERE \(differs.joined(separator: " OR "))
            """)
    }

    private static func exists(_ table: String, in database: Database) throws -> Bool {
        try database.number(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?",
            [.text(table)]) > 0
    }

    private static func columnNames(of table: String, in database: Database) throws -> Set<String> {
        Set(
            try database.rows("SELECT name FROM pragma_table_info(?)", [.text(table)]) {
                $0.text(0)
            })
    }
}
