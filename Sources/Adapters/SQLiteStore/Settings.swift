// Values that outlive a restart: facts by name, and limits that an administrator has set.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func value(for name: String) async throws -> String? {
        try read { try FactTable.value(of: name, in: $0) }
    }

    package func set(_ value: String?, for name: String) async throws {
        try await write { try FactTable.set(value, as: name, in: $0) }
    }

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

/// Reads and writes `facts`.
enum FactTable {
    static func value(of name: String, in database: Database) throws -> String? {
        try database.first("SELECT value FROM facts WHERE name = ?", [.text(name)]) { $0.text(0) }
    }

    /// Sets a fact; `nil` removes it.
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

/// Reads `limits`.
private enum LimitTable {
    /// The settings, without limits that only another version knows.
    static func settings(in database: Database) throws -> [ServiceLimit: LimitSetting] {
        let rows = try database.rows(
            "SELECT name, value, changed_at, changed_by, revision FROM limits"
        ) { row in
            (
                ServiceLimit(rawValue: row.text(0)),
                LimitSetting(
                    value: row.integerIfAny(1).map { Int($0) }, changedBy: row.text(3),
                    changedAt: row.moment(2) ?? .epoch, revision: row.integer(4))
            )
        }
        let known = rows.compactMap { limit, setting in limit.map { ($0, setting) } }
        return Dictionary(uniqueKeysWithValues: known)
    }
}
