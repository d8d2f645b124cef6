// Copies of a database that is being written.

import Glibc
import SQLite
import TestSupport
import Testing

@Suite struct OnlineBackupTests {
    let folder = TemporaryFolder()

    @Test func `a copy made during writes is one consistent state`() async throws {
        let path = folder.path("a.db")
        let writer = try WriterQueue(path: path) {
            try $0.execute("CREATE TABLE t (v); CREATE TABLE u (v)")
        }
        // Each write changes both tables: a consistent copy holds as many rows of one as of
        // the other.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1_000 {
                group.addTask {
                    try await writer.write { database in
                        for table in ["t", "u"] {
                            try database.run(
                                "INSERT INTO \(table) VALUES (?)", [SQLValue(number)])
                        }
                    }
                }
            }
            for number in 0..<3 {
                group.addTask {
                    try OnlineBackup.copy(path, to: folder.path("copy\(number).db"))
                }
            }
            try await group.waitForAll()
        }
        for number in 0..<3 {
            let copy = try Database(path: folder.path("copy\(number).db"), access: .readOnly)
            #expect(try copy.problems(thorough: true).isEmpty)
            #expect(
                try copy.number("SELECT count(*) FROM t")
                    == copy.number("SELECT count(*) FROM u"))
        }
        writer.close()
        #expect(folder.names() == ["a.db", "copy0.db", "copy1.db", "copy2.db"])
    }

    @Test func `its owner and group may read it within umask, and it is one file`()
        throws
    {
        try makeDatabase("a.db")
        try OnlineBackup.copy(folder.path("a.db"), to: folder.path("b.db"))
        // The mode within umask: reading umask would change it for the whole process.
        close(open(folder.path("mode"), O_CREAT | O_EXCL | O_WRONLY, 0o640))
        #expect(mode("mode") & ~0o640 == 0)
        #expect(mode("b.db") == mode("mode"))
        unlink(folder.path("mode"))
        #expect(folder.names() == ["a.db", "b.db"])
        let copy = try Database(path: folder.path("b.db"), access: .readOnly)
        #expect(try copy.number("SELECT v FROM t") == 1)
    }

    @Test func `an existing file is never touched`() throws {
        try makeDatabase("a.db")
        try makeDatabase("b.db", value: 2)
        let error = #expect(throws: SQLiteError.self) {
            try OnlineBackup.copy(folder.path("a.db"), to: folder.path("b.db"))
        }
        #expect(error?.reason == .cannotOpen)
        let kept = try Database(path: folder.path("b.db"), access: .readOnly)
        #expect(try kept.number("SELECT v FROM t") == 2)
    }

    @Test func `a copy that fails leaves no file`() throws {
        #expect(throws: SQLiteError.self) {
            try OnlineBackup.copy(folder.path("none.db"), to: folder.path("b.db"))
        }
        #expect(throws: SQLiteError.self) {
            try OnlineBackup.copy(folder.path("none.db"), to: folder.path("no/folder/b.db"))
        }
        #expect(folder.names().isEmpty)
    }

    private func mode(_ name: String) -> mode_t {
        var status = stat()
        #expect(stat(folder.path(name), &status) == 0)
        return status.st_mode & 0o777
    }

    private func makeDatabase(_ name: String, value: Int = 1) throws {
        let database = try Database(path: folder.path(name), access: .readWrite)
        try database.execute("CREATE TABLE t (v); INSERT INTO t VALUES (\(value))")
        database.close()
    }
}
