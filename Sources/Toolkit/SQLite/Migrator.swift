// Numbered changes of a schema, each applied once.

/// One step from a version of the schema to the next.
package struct Migration: Sendable {
    /// Its effect in words, for the log and for errors.
    package let name: String
    let apply: @Sendable (Database) throws -> Void

    package init(_ name: String, apply: @escaping @Sendable (Database) throws -> Void) {
        self.name = name
        self.apply = apply
    }
}

/// Brings a database to the newest schema. The version is kept in `PRAGMA user_version`, which
/// changes in the transaction of its migration.
package struct Migrator: Sendable {
    private let migrations: [Migration]

    /// - Parameter migrations: all of them; the first leads from version 0 to 1.
    package init(_ migrations: [Migration]) {
        self.migrations = migrations
    }

    /// Applies the migrations that the database lacks.
    ///
    /// - Returns: the names of the applied ones.
    /// - Throws: ``SQLiteError`` with reason `newerSchema` if the database is ahead of the
    ///   program; what a migration throws, after its changes have been rolled back.
    @discardableResult
    package func run(on database: Database) throws -> [String] {
        let found = try database.number("PRAGMA user_version")
        guard found <= migrations.count else {
            throw SQLiteError.newerSchema(found: found, known: Int64(migrations.count))
        }
        guard found < migrations.count else { return [] }
        // Rebuilding a table would otherwise delete what refers to it; the pragma has no effect
        // within a transaction (sqlite.org/lang_altertable.html, section 7).
        try database.execute("PRAGMA foreign_keys = OFF")
        defer { try? database.execute("PRAGMA foreign_keys = ON") }
        let missing = migrations.enumerated().dropFirst(Int(found))
        for (index, migration) in missing {
            try database.transaction {
                try migration.apply(database)
                try checkReferences(of: database, after: migration)
                try database.execute("PRAGMA user_version = \(index + 1)")
            }
        }
        return missing.map(\.element.name)
    }

    private func checkReferences(of database: Database, after migration: Migration) throws {
        let broken = try database.rows("PRAGMA foreign_key_check") { $0.text(0) }
        guard let table = broken.first else { return }
        throw SQLiteError(
            code: SQLiteError.foreignKeyCode,
            message: "\(broken.count) rows of \(table) refer to nothing",
            operation: "migrate: \(migration.name)")
    }
}
