// One connection: its settings, values in and out, errors.

import Dispatch
import Glibc
import SQLite
import TestSupport
import Testing

@Suite struct DatabaseTests {
    let folder = TemporaryFolder()

    private func open() throws -> Database {
        try Database(path: folder.path("a.db"), access: .readWrite)
    }

    @Test func `a writing connection keeps every commit through a power cut`() throws {
        let database = try open()
        #expect(try database.first("PRAGMA journal_mode") { $0.text(0) } == "wal")
        #expect(try database.number("PRAGMA synchronous") == 2)
        #expect(try database.number("PRAGMA foreign_keys") == 1)
        #expect(try database.number("PRAGMA busy_timeout") == 5_000)
    }

    @Test(arguments: [
        SQLValue.null, .integer(.min), .integer(.max), .integer(0), .text(""),
        .text("Ωmega 😀 \u{0} end"), .text(String(repeating: "x", count: 100_000)), .blob([]),
        .blob([0, 255, 10]),
    ])
    func `a stored value is read back unchanged`(value: SQLValue) throws {
        let database = try open()
        try database.execute("CREATE TABLE t (v)")
        try database.run("INSERT INTO t VALUES (?)", [value])
        let found = try database.first("SELECT v, typeof(v) FROM t") { row -> SQLValue in
            switch row.text(1) {
            case "null": .null
            case "integer": .integer(row.integer(0))
            case "text": .text(row.text(0))
            default: .blob(row.blob(0))
            }
        }
        #expect(found == value)
    }

    @Test func `distinguishes NULL from empty values`() throws {
        let database = try open()
        let columns = try database.first("SELECT NULL, '', 0") { row in
            [row.textIfAny(0), row.textIfAny(1), row.integerIfAny(0).map { String($0) }]
        }
        #expect(columns == [nil, "", nil])
        #expect(SQLValue(nil as Int?) == .null)
        #expect(SQLValue(nil as String?) == .null)
        #expect(SQLValue(3 as Int64?) == 3)
    }

    @Test func `a statement is prepared once and forgets its values`() throws {
        let database = try open()
        try database.execute("CREATE TABLE t (v)")
        for number in 0..<100 {
            try database.run("INSERT INTO t VALUES (?)", [SQLValue(number)])
        }
        #expect(try database.number("SELECT sum(v) FROM t") == 4_950)
        #expect(
            try database.rows("SELECT v FROM t WHERE v > ?", [97]) { $0.integer(0) } == [98, 99])
        #expect(try database.rows("SELECT v FROM t WHERE v > ?", [98]) { $0.integer(0) } == [99])
    }

    @Test func `the same text can be used within its own rows`() throws {
        let database = try open()
        try database.execute("CREATE TABLE t (v); INSERT INTO t VALUES (1), (2), (3)")
        let pairs = try database.rows("SELECT v FROM t") { row in
            let others = try database.rows("SELECT v FROM t") { $0.integer(0) }
            return others.map { row.integer(0) * 10 + $0 }
        }
        #expect(pairs.flatMap { $0 } == [11, 12, 13, 21, 22, 23, 31, 32, 33])
    }

    @Test func `a statement that returns its changes is run whole if one row is read`() throws {
        let database = try open()
        try database.execute("CREATE TABLE t (v); INSERT INTO t VALUES (1), (2), (3)")
        let first = try database.first("UPDATE t SET v = v + 10 RETURNING v") { $0.integer(0) }
        #expect(first == 11)
        #expect(database.changes == 3)
        #expect(try database.number("SELECT sum(v) FROM t") == 36)
    }

    @Test func `a statement is reset when reading its rows throws`() throws {
        struct Stop: Error {}
        let database = try open()
        try database.execute("CREATE TABLE t (v); INSERT INTO t VALUES (1), (2)")
        #expect(throws: Stop.self) {
            _ = try database.rows("SELECT v FROM t") { _ in throw Stop() }
        }
        // A statement that is not reset would keep the table from being dropped.
        try database.execute("DROP TABLE t")
    }

    @Test func `an error names the statement and never a value`() throws {
        let database = try open()
        try database.execute("CREATE TABLE t (v UNIQUE)")
        try database.run("INSERT INTO t VALUES (?)", ["geheim"])
        let error = #expect(throws: SQLiteError.self) {
            try database.run("INSERT INTO t VALUES (?)", ["geheim"])
        }
        #expect(error?.reason == .constraint)
        #expect(error?.operation == "INSERT INTO t VALUES (?)")
        #expect(error?.description.contains("UNIQUE constraint failed: t.v") == true)
        #expect(error?.description.contains("geheim") == false)
    }

    @Test func `malformed SQL is an error, not a crash`() throws {
        let database = try open()
        #expect(throws: SQLiteError.self) { try database.run("SELEKT 1") }
        #expect(throws: SQLiteError.self) { try database.run("") }
        #expect(throws: SQLiteError.self) { try database.execute("SELECT * FROM nothing") }
    }

    @Test func `a file that is no database is refused when it is opened`() throws {
        let path = folder.path("note.txt")
        try write(String(repeating: "This is a letter to my grandmother. ", count: 100), to: path)
        let error = #expect(throws: SQLiteError.self) {
            _ = try Database(path: path, access: .readWrite)
        }
        #expect(error?.reason == .notADatabase)
    }

    @Test func `a missing folder is an error of its own`() throws {
        let error = #expect(throws: SQLiteError.self) {
            _ = try Database(path: folder.path("no/such/folder/a.db"), access: .readWrite)
        }
        #expect(error?.reason == .cannotOpen)
    }

    @Test func `a reading connection cannot write and does not create`() throws {
        let writing = try open()
        try writing.execute("CREATE TABLE t (v)")
        let reading = try Database(path: folder.path("a.db"), access: .readOnly)
        let error = #expect(throws: SQLiteError.self) {
            try reading.run("INSERT INTO t VALUES (1)")
        }
        #expect(error?.reason == .readOnly)
        #expect(throws: SQLiteError.self) {
            _ = try Database(path: folder.path("b.db"), access: .readOnly)
        }
        #expect(!folder.names().contains("b.db"))
    }

    @Test func `a closed connection refuses statements`() throws {
        let database = try open()
        try database.run("SELECT 1")
        database.close()
        database.close()
        let error = #expect(throws: SQLiteError.self) { try database.run("SELECT 1") }
        #expect(error?.reason == .closed)
        #expect(!database.isInTransaction)
    }

    @Test func `finds damage`() throws {
        var database = try open()
        try database.execute(
            """
            CREATE TABLE t (v);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
            INSERT INTO t SELECT hex(randomblob(100)) FROM n
            """)
        #expect(try database.problems(thorough: true).isEmpty)
        database.close()
        try overwrite(folder.path("a.db"), at: 5 * 4096, with: [UInt8](repeating: 7, count: 4096))
        database = try open()
        #expect(try database.problems(thorough: false).isEmpty == false)
    }

    private func write(_ text: String, to path: String) throws {
        let stream = try #require(fopen(path, "we"))
        fputs(text, stream)
        fclose(stream)
    }

    private func overwrite(_ path: String, at offset: Int, with bytes: [UInt8]) throws {
        let stream = try #require(fopen(path, "r+e"))
        fseek(stream, offset, SEEK_SET)
        fwrite(bytes, 1, bytes.count, stream)
        fclose(stream)
    }
}
