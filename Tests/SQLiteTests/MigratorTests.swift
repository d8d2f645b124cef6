// Numbered migrations, applied once and whole.

import SQLite
import TestSupport
import Testing

@Suite struct MigratorTests {
    private struct Refusal: Error {}

    let folder = TemporaryFolder()

    private static let first = Migration("make t") { try $0.execute("CREATE TABLE t (v)") }
    private static let second = Migration("fill t") {
        try $0.execute("INSERT INTO t VALUES (1)")
    }

    private func open() throws -> Database {
        try Database(path: folder.path("a.db"), access: .readWrite)
    }

    @Test func `applies missing migrations once`() throws {
        let database = try open()
        #expect(try Migrator([Self.first]).run(on: database) == ["make t"])
        let both = Migrator([Self.first, Self.second])
        #expect(try both.run(on: database) == ["fill t"])
        #expect(try both.run(on: database).isEmpty)
        #expect(try database.number("PRAGMA user_version") == 2)
        #expect(try database.number("SELECT count(*) FROM t") == 1)
        #expect(try database.number("PRAGMA foreign_keys") == 1)
    }

    @Test func `refuses a database that is ahead of the program`() throws {
        let database = try open()
        try Migrator([Self.first, Self.second]).run(on: database)
        let error = #expect(throws: SQLiteError.self) {
            try Migrator([Self.first]).run(on: database)
        }
        #expect(error?.reason == .newerSchema)
        #expect(error?.message == "the schema is version 2, this program knows up to 1")
    }

    @Test func `a migration that fails leaves no changes, and earlier ones stay`() throws {
        let database = try open()
        let broken = Migration("break") { database in
            try database.execute("CREATE TABLE half (v)")
            throw Refusal()
        }
        #expect(throws: Refusal.self) { try Migrator([Self.first, broken]).run(on: database) }
        #expect(try database.number("PRAGMA user_version") == 1)
        #expect(
            try database.number("SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == 0)
        #expect(try database.number("PRAGMA foreign_keys") == 1)
    }

    @Test func `a table can be rebuilt without losing rows that refer to it`() throws {
        let database = try open()
        let tables = Migration("make tables") {
            try $0.execute(
                """
                CREATE TABLE p (id INTEGER PRIMARY KEY);
                CREATE TABLE c (p REFERENCES p (id) ON DELETE CASCADE);
                INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)
                """)
        }
        let rebuild = Migration("rebuild p") {
            try $0.execute(
                """
                CREATE TABLE n (id INTEGER PRIMARY KEY, more TEXT);
                INSERT INTO n SELECT id, 'x' FROM p;
                DROP TABLE p;
                ALTER TABLE n RENAME TO p
                """)
        }
        try Migrator([tables, rebuild]).run(on: database)
        #expect(try database.number("SELECT count(*) FROM c") == 1)
        let orphaning = Migration("drop p's rows") { try $0.execute("DELETE FROM p") }
        let error = #expect(throws: SQLiteError.self) {
            try Migrator([tables, rebuild, orphaning]).run(on: database)
        }
        #expect(error?.reason == .constraint)
        #expect(try database.number("SELECT count(*) FROM p") == 1)
    }

    @Test func `versions before the first are refused, and counting goes on from it`() throws {
        let database = try open()
        let both = Migrator([Self.first, Self.second], from: 20)
        try Migrator([Self.first], from: 20).run(on: database)
        #expect(try database.number("PRAGMA user_version") == 20)
        #expect(try both.run(on: database) == ["fill t"])
        #expect(try database.number("PRAGMA user_version") == 21)
        for (version, reason) in [
            (19, SQLiteError.Reason.unknownSchema), (1, .unknownSchema), (22, .newerSchema),
        ] {
            try database.execute("PRAGMA user_version = \(version)")
            let error = #expect(throws: SQLiteError.self) { try both.run(on: database) }
            #expect(error?.reason == reason)
        }
    }
}
