// The constraints of the first tables in cheaper words.

import SQLite

extension Schema {
    /// Spells out the lists of more than two values in constraints: to look into such a list SQLite
    /// builds an index of it, each time anew for each row that is written, and that took longer
    /// than writing the row.
    ///
    /// In the text of the schema, as sqlite.org/lang_altertable.html §7 describes it for
    /// constraints: what stands in the rows stays, and a large database need not be copied.
    static func spellOutLists(in database: Database) throws {
        try reword(
            lists.map { Rewording(table: $0.table, from: $0.asWritten, to: $0.spelledOut) },
            in: database)
    }

    /// Gives up what ``plainInsertion`` does without.
    static func forgoDigestChecks(in database: Database) throws {
        let checks = ["length(dataset_digest) = 64", "length(request_digest) = 32"]
        try reword(
            checks.map { Rewording(table: "download_jobs", from: "CHECK (\($0))", to: "") },
            in: database)
    }

    /// Other words in the statement that made a table.
    struct Rewording {
        let table: String
        let from: String
        let to: String
    }

    static func reword(_ rewordings: [Rewording], in database: Database) throws {
        let version = try database.number("PRAGMA schema_version")
        try database.execute("PRAGMA writable_schema = ON")
        for rewording in rewordings {
            try database.run(
                """
                UPDATE sqlite_schema SET sql = replace(sql, ?, ?)
                WHERE type = 'table' AND name = ?
                """,
                [.text(rewording.from), .text(rewording.to), .text(rewording.table)])
        }
        try database.execute("PRAGMA schema_version = \(version + 1)")
        // Reads the schema anew, and protects it again.
        try database.execute("PRAGMA writable_schema = RESET")
    }

    /// A list as the statement has it that made the table.
    private struct ValueList {
        let table: String
        let column: String
        let values: [String]
        /// What stands between the column and the list.
        var link = " IN ("

        var asWritten: String {
            column + link + values.map { "'\($0)'" }.joined(separator: ", ") + ")"
        }

        var spelledOut: String {
            let any = values.map { "\(column) = '\($0)'" }.joined(separator: " OR ")
            return link.contains("NOT") ? "NOT (\(any))" : "(\(any))"
        }
    }

    private static let lists = [
        ValueList(
            table: "download_jobs", column: "status",
            values: ["pending", "running", "completed", "failed", "cancelled"]),
        ValueList(
            table: "download_jobs", column: "status", values: ["completed", "failed", "cancelled"]),
        ValueList(
            table: "job_files", column: "state",
            values: ["pending", "running", "ok", "empty", "unavailable", "failed", "cancelled"],
            link: " IN (\n        "),
        ValueList(
            table: "job_files", column: "state", values: ["unavailable", "failed", "cancelled"],
            link: " NOT IN ("),
        ValueList(table: "job_files", column: "origin", values: ["upstream", "disk", "link"]),
        ValueList(
            table: "notifications", column: "kind",
            values: ["started", "completed", "failed", "cancelled"]),
    ]
}
