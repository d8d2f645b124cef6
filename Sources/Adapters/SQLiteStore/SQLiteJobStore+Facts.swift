// Small facts that outlive a restart. It must not know what they are for.

import SQLite

extension SQLiteJobStore {
    package func fact(_ name: String) async throws -> String? {
        try read { database in
            try database.first("SELECT value FROM facts WHERE name = ?", [.text(name)]) {
                $0.text(0)
            }
        }
    }

    package func remember(_ value: String?, as name: String) async throws {
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
