// Dated copies of a database, and the way back.

import Datasets
import Glibc
import Jobs
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct DatabaseBackupsTests {
    let folder = TemporaryFolder()
    private var path: String { folder.path("downloads.db") }
    private var backups: DatabaseBackups {
        DatabaseBackups(of: path, in: folder.path("backups"))
    }

    private func jobCount() throws -> Int64 {
        let database = try Database(path: path, access: .readOnly)
        defer { database.close() }
        return try database.number("SELECT count(*) FROM download_jobs")
    }

    @Test func `backups are made beside the writer, the newest are kept, parts are swept`()
        async throws
    {
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        #expect(try await backups.newest(at: .noon) == nil)
        for number in 0..<5 {
            _ = try await store.insert(.sample(), at: .noon)
            let moment = Timestamp.noon(plusSeconds: 86_400 * number)
            let name = try await backups.backUp(at: moment, keeping: 3)
            #expect(
                name.hasSuffix("backups/downloads-202511\(13 + number)T120000Z-\(number + 1).db"))
            #expect(try await backups.newest(at: .noon) == moment)
            writeFile([1], to: folder.path("backups/downloads-20250101T000000Z.db.part"))
            writeFile([1], to: folder.path("backups/mine.db"))
        }
        _ = try await backups.backUp(at: .noon(plusSeconds: 432_000), keeping: 3)
        #expect(
            folder.names(in: "backups") == [
                "downloads-20251116T120000Z-4.db", "downloads-20251117T120000Z-5.db",
                "downloads-20251118T120000Z-6.db", "mine.db",
            ])
    }

    @Test func `a backup that cannot be made says why and removes nothing`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        writeFile([1], to: folder.path("backups"))
        let error = await #expect(throws: JobError.self) {
            try await backups.backUp(at: .noon, keeping: 1)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("cannot be opened or created"))
    }

    @Test func `the newest backup comes back, and the broken database is kept whole`()
        async throws
    {
        let store = try SQLiteJobStore(path: path, readers: 1)
        _ = try await store.insert(.sample(), at: .noon)
        _ = try await store.claimJob(at: .noon)
        _ = try backups.backUpNow(at: .noon)
        _ = try await store.insert(.sample(), at: .noon)
        store.close()
        writeFile(Array("no database".utf8), to: path)
        writeFile([9], to: path + "-wal")
        let restored = try backups.restore(nil, at: .noon(plusSeconds: 60))
        #expect(restored.backup.hasSuffix("downloads-20251113T120000Z-1.db"))
        #expect(restored.damaged.isEmpty)
        #expect(restored.aside == path + ".broken-20251113T120100Z")
        #expect(readFile(restored.aside ?? "") == Array("no database".utf8))
        #expect(readFile((restored.aside ?? "") + "-wal") == [9])
        #expect(try jobCount() == 1)
        #expect(folder.names(in: "backups").count == 1, "the backup stays")
        // Jobs that ran when the copy was made did not crash.
        let next = try SQLiteJobStore(path: path, readers: 1)
        #expect(try await next.value(for: ProcessEnd.cleanKey) != nil)
        next.close()
        #expect(
            folder.names() == [
                "backups", "downloads.db", "downloads.db.broken-20251113T120100Z",
                "downloads.db.broken-20251113T120100Z-wal",
            ])
    }

    @Test func `damaged backups are passed over, and named ones refused`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        _ = try await store.insert(.sample(), at: .noon)
        let good = try backups.backUpNow(at: .noon)
        let bad = try backups.backUpNow(at: .noon(plusSeconds: 60))
        store.close()
        var bytes = try #require(readFile(bad))
        for index in 4_096..<bytes.count { bytes[index] ^= 0x5A }
        writeFile(bytes, to: bad)
        #expect(throws: JobError.self) { try backups.restore(bad, at: .noon) }
        #expect(throws: JobError.self) {
            try backups.restore(folder.path("none.db"), at: .noon)
        }
        let before = try #require(readFile(path))
        writeFile(Array("text".utf8), to: folder.path("text.db"))
        #expect(throws: JobError.self) {
            try backups.restore(folder.path("text.db"), at: .noon)
        }
        #expect(readFile(path) == before, "a refused restore touches nothing")
        let restored = try backups.restore(nil, at: .noon)
        #expect(restored.backup == good)
        #expect(restored.damaged.count == 1)
        #expect(try jobCount() == 1)
    }

    @Test func `a database of another program is no backup`() throws {
        let other = try Database(path: folder.path("other.db"), access: .readWrite)
        try other.execute("CREATE TABLE t (v)")
        other.close()
        #expect(throws: JobError.self) {
            try backups.restore(folder.path("other.db"), at: .noon)
        }
        #expect(folder.names() == ["other.db"])
    }

    @Test func `without any backup it says where it looked`() {
        let error = #expect(throws: JobError.self) { try backups.restore(nil, at: .noon) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("There is no backup in"))
    }

    @Test func `backups are ordered by their count, not by the clock`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        let future = Timestamp("2036-01-01T00:00:00Z")!
        _ = try await store.insert(.sample(), at: .noon)
        _ = try await backups.backUp(at: future, keeping: 1)
        #expect(try await backups.newest(at: .noon) == future)
        for _ in 0..<3 {
            _ = try await store.insert(.sample(), at: .noon)
            _ = try await backups.backUp(at: .noon, keeping: 1)
            // The good one stays, and the one of the future goes.
            #expect(folder.names(in: "backups").count == 1)
            #expect(try await backups.newest(at: .noon) == .noon)
        }
        _ = try await backups.backUp(at: future, keeping: 9)
        _ = try await store.insert(.sample(), at: .noon)
        let last = try await backups.backUp(at: .noon, keeping: 9)
        store.close()
        #expect(try backups.restore(nil, at: .noon).backup == last)
        #expect(try jobCount() == 5)
        // A database that was brought back, or is a new one, counts on from what the folder has.
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        try SQLiteJobStore(path: path, readers: 1).close()
        #expect(try backups.backUpNow(at: .noon).hasSuffix("-7.db"))
    }

    @Test func `backups of earlier versions are older, those of the future the oldest`()
        async throws
    {
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        let made = try backups.backUpNow(at: .noon)
        let bytes = try #require(readFile(made))
        for stamp in ["20360101T000000Z", "20251112T000000Z", "20251111T000000Z"] {
            writeFile(bytes, to: folder.path("backups/downloads-\(stamp).db"))
        }
        _ = try await backups.backUp(at: .noon(plusSeconds: 1), keeping: 3)
        #expect(
            folder.names(in: "backups") == [
                "downloads-20251112T000000Z.db", "downloads-20251113T120000Z-1.db",
                "downloads-20251113T120001Z-2.db",
            ])
    }
}
