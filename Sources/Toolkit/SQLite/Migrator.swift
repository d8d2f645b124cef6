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
    private let firstVersion: Int

    /// - Parameters:
    ///   - migrations: all of them.
    ///   - firstVersion: the version that the first leads to, from 0, which every other program's
    ///     file has. Versions between are of programs that this one does not know.
    package init(_ migrations: [Migration], from firstVersion: Int = 1) {
        self.migrations = migrations
        self.firstVersion = firstVersion
    }

    /// Applies the migrations that the database lacks.
    ///
    /// - Returns: the names of the applied ones.
    /// - Throws: as ``check(_:)``; what a migration throws, after its changes have been rolled
    ///   back.
    @discardableResult
    package func run(on database: Database) throws -> [String] {
        let found = Int(try check(database))
        let applied = found == 0 ? 0 : found - firstVersion + 1
        guard applied < migrations.count else { return [] }
        // Rebuilding a table would otherwise delete what refers to it; the pragma has no effect
        // within a transaction (sqlite.org/lang_altertable.html, section 7).
        try database.execute("PRAGMA foreign_keys = OFF")
        defer { try? database.execute("PRAGMA foreign_keys = ON") }
        let missing = migrations.enumerated().dropFirst(applied)
        for (index, migration) in missing {
            try database.transaction {
                try migration.apply(database)
                try checkReferences(of: database, after: migration)
                try database.execute("PRAGMA user_version = \(firstVersion + index)")
            }
        }
        return missing.map(\.element.name)
    }

    /// Looks whether the database can be brought to the newest schema, and changes nothing.
    ///
    /// - Returns: its version; 0 where it has none.
    /// - Throws: ``SQLiteError`` with reason `newerSchema` if the database is ahead of the program,
    ///   and `unknownSchema` if it is of a version before the first.
    @discardableResult
    package func check(_ database: Database) throws -> Int64 {
        let found = try database.number("PRAGMA user_version")
        let newest = Int64(firstVersion + migrations.count - 1)
        guard found <= newest else {
            throw SQLiteError.newerSchema(found: found, known: newest)
        }
        guard found == 0 || found >= firstVersion else {
            throw SQLiteError.unknownSchema(found: found, first: Int64(firstVersion))
        }
        return found
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
