// Values that outlive a restart: facts by name, and limits that an administrator has set.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func value(for name: String) async throws -> String? {
        try read { database in
            try database.first("SELECT value FROM facts WHERE name = ?", [.text(name)]) {
                $0.text(0)
            }
        }
    }

    package func set(_ value: String?, for name: String) async throws {
        try await write { database in
            try FactTable.set(value, as: name, in: database)
        }
    }
}

/// The writing end of `facts`.
enum FactTable {
    /// Remembers a fact; `nil` forgets it.
    static func set(_ value: String?, as name: String, in database: Database) throws {
        guard let value else {
            return try database.run("DELETE FROM facts WHERE name = ?", [.text(name)])
        }
        try database.run(
            """
            INSERT INTO facts (name, value) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """, [.text(name), .text(value)])
    }
}

extension SQLiteJobStore {
    package func limitSettings() async throws -> [ServiceLimit: LimitSetting] {
        try read { try LimitTable.settings(in: $0) }
    }

    package func set(
        _ values: [ServiceLimit: Int?], by principal: Principal, detail: String, at now: Timestamp
    ) async throws -> [ServiceLimit: LimitSetting] {
        precondition(!values.isEmpty, "no change is no event")
        return try await write { database in
            for (limit, value) in values {
                try database.run(
                    """
                    INSERT OR REPLACE INTO limits (name, value, changed_at, changed_by, revision)
                    SELECT ?, ?, ?, ?, coalesce(max(revision), 0) + 1 FROM limits
                    """,
                    [
                        .text(limit.rawValue), SQLValue(value), .text(now.databaseText),
                        .text(principal.name),
                    ])
            }
            try EventTable.add(
                .limitsChanged, to: nil, by: principal, at: now, detail: detail, in: database)
            return try LimitTable.settings(in: database).filter { values.keys.contains($0.key) }
        }
    }
}

private enum LimitTable {
    /// All but those of another version, which this one does not know.
    static func settings(in database: Database) throws -> [ServiceLimit: LimitSetting] {
        let rows = try database.rows(
            "SELECT name, value, changed_at, changed_by, revision FROM limits"
        ) { row in
            (
                ServiceLimit(rawValue: row.text(0)),
                LimitSetting(
                    value: row.integerIfAny(1).map { Int($0) }, changedBy: row.text(3),
                    changedAt: JobTable.moment(row.text(2)) ?? Timestamp(microseconds: 0),
                    revision: row.integer(4))
            )
        }
        let known = rows.compactMap { limit, setting in limit.map { ($0, setting) } }
        return Dictionary(uniqueKeysWithValues: known)
    }
}
