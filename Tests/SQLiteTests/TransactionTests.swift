// Transactions, savepoints and snapshots of one connection.

import SQLite
import TestSupport
import Testing

@Suite struct TransactionTests {
    private struct Refusal: Error {}

    let folder = TemporaryFolder()

    private func open() throws -> Database {
        let database = try Database(path: folder.path("a.db"), access: .readWrite)
        try database.execute("CREATE TABLE IF NOT EXISTS t (v)")
        return database
    }

    private func values(_ database: Database) throws -> [Int64] {
        try database.rows("SELECT v FROM t ORDER BY v") { $0.integer(0) }
    }

    @Test func `a transaction is applied whole or not at all`() throws {
        let database = try open()
        let result = try database.transaction {
            try database.run("INSERT INTO t VALUES (1)")
            return "done"
        }
        #expect(result == "done")
        #expect(throws: Refusal.self) {
            try database.transaction {
                try database.run("INSERT INTO t VALUES (2)")
                throw Refusal()
            }
        }
        #expect(!database.isInTransaction)
        #expect(try values(database) == [1])
    }

    @Test func `a savepoint rolls back only its own changes`() throws {
        let database = try open()
        try database.transaction {
            try database.run("INSERT INTO t VALUES (1)")
            #expect(throws: Refusal.self) {
                try database.savepoint {
                    try database.run("INSERT INTO t VALUES (2)")
                    try database.savepoint { try database.run("INSERT INTO t VALUES (3)") }
                    throw Refusal()
                }
            }
            try database.savepoint { try database.run("INSERT INTO t VALUES (4)") }
        }
        #expect(try values(database) == [1, 4])
    }

    @Test func `a transaction takes the write lock when it begins`() throws {
        let first = try open()
        let second = try open()
        try second.execute("PRAGMA busy_timeout = 0")
        try first.transaction {
            let error = #expect(throws: SQLiteError.self) { try second.transaction {} }
            #expect(error?.reason == .busy)
        }
        try second.transaction { try second.run("INSERT INTO t VALUES (1)") }
    }

    @Test func `a snapshot does not change during a read`() throws {
        let writing = try open()
        let reading = try Database(path: folder.path("a.db"), access: .readOnly)
        try reading.snapshot {
            #expect(try values(reading).isEmpty)
            try writing.run("INSERT INTO t VALUES (1)")
            #expect(try values(reading).isEmpty)
        }
        #expect(try values(reading) == [1])
    }

    @Test func `a rollback by SQLite itself is handled`() throws {
        let database = try open()
        try database.execute("CREATE UNIQUE INDEX once ON t (v)")
        #expect(throws: SQLiteError.self) {
            try database.transaction {
                try database.run("INSERT INTO t VALUES (1)")
                try database.savepoint { try database.run("INSERT OR ROLLBACK INTO t VALUES (1)") }
            }
        }
        #expect(!database.isInTransaction)
        #expect(try values(database).isEmpty)
    }
}
