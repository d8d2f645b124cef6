// A database that is removed, replaced or cut while a store has it open.

import Datasets
import Glibc
import Jobs
import SQLite
import Synchronization
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct DatabaseMovedTests {
    /// What happens to the file.
    enum Mishap: CaseIterable {
        case removed, removedWhole, logRemoved, logEmptied, logCut, movedAway, replaced, emptied,
            cut, overwritten
    }

    let folder = TemporaryFolder()
    private var path: String { folder.path("downloads.db") }

    private func bring(about mishap: Mishap) throws {
        switch mishap {
        case .removed: unlink(path)
        case .removedWhole: for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        case .logRemoved: unlink(path + "-wal")
        case .logEmptied: truncate(path + "-wal", 0)
        case .logCut: truncate(path + "-wal", 4_200)
        case .movedAway: rename(path, path + ".away")
        case .replaced:
            let other = folder.path("other.db")
            try SQLiteJobStore(path: other, readers: 1).close()
            rename(other, path)
        case .emptied: truncate(path, 0)
        case .cut: truncate(path, 8_192)
        case .overwritten:
            let descriptor = open(path, O_WRONLY)
            defer { close(descriptor) }
            let text = [UInt8](repeating: UInt8(ascii: "x"), count: 100)
            pwrite(descriptor, text, text.count, 0)
        }
    }

    @Test(arguments: Mishap.allCases)
    func `no write is acknowledged, and the listener is called once`(
        mishap: Mishap
    )
        async throws
    {
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        let told = Mutex<[String]>([])
        store.whenDatabaseMoves { reason in told.withLock { $0.append(reason) } }
        _ = try await store.insert(.sample(), at: .noon)
        try await store.withWriter { try $0.execute("PRAGMA wal_checkpoint(PASSIVE)") }
        _ = try await store.insert(.sample(), at: .noon)
        try await store.probe()
        try bring(about: mishap)
        for _ in 0..<2 {
            let error = await #expect(throws: JobError.self) {
                try await store.insert(.sample(), at: .noon)
            }
            guard case .databaseMoved = error else {
                Issue.record("\(mishap): \(String(describing: error))")
                return
            }
        }
        #expect(told.withLock { $0.count } == 1)
    }

    @Test(arguments: [Mishap.removed, .logRemoved, .logEmptied, .replaced, .emptied, .overwritten])
    func `it is noticed though nothing is written`(mishap: Mishap) async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        _ = try await store.insert(.sample(), at: .noon)
        try bring(about: mishap)
        await #expect(throws: JobError.self) { try await store.probe() }
    }

    @Test func `a log that was cut takes no job along that was folded in before`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        _ = try await store.insert(.sample(), at: .noon)
        try await store.withWriter { try $0.execute("PRAGMA wal_checkpoint(PASSIVE)") }
        _ = try await store.insert(.sample(), at: .noon)
        try bring(about: .logEmptied)
        await #expect(throws: JobError.self) { try await store.insert(.sample(), at: .noon) }
        store.close()
        let again = try SQLiteJobStore(path: path, readers: 1)
        defer { again.close() }
        #expect(try await again.job(JobID(1)) != nil)
        _ = try await again.insert(.sample(), at: .noon)
    }

    @Test func `a log that is only gone from its place is folded in at the end`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        _ = try await store.insert(.sample(), at: .noon)
        try bring(about: .logRemoved)
        await #expect(throws: JobError.self) { try await store.probe() }
        store.close()
        let again = try SQLiteJobStore(path: path, readers: 1)
        defer { again.close() }
        #expect(try await again.job(JobID(1)) != nil)
    }

    @Test func `what another database has put in the log's place is left there`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        _ = try await store.insert(.sample(), at: .noon)
        try bring(about: .removedWhole)
        let other = Array("another".utf8)
        writeFile(other, to: path + "-wal")
        await #expect(throws: JobError.self) { try await store.probe() }
        store.close()
        #expect(readFile(path + "-wal") == other)
    }

    @Test func `a log that another connection has folded in and emptied is no mishap`()
        async throws
    {
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        _ = try await store.insert(.sample(), at: .noon)
        let tool = try Database(path: path, access: .plain)
        try tool.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        try await store.probe()
        _ = try await store.insert(.sample(), at: .noon)
        tool.close()
        try await store.probe()
    }

    @Test func `a file that is put back is used again`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        let told = Mutex(0)
        store.whenDatabaseMoves { _ in told.withLock { $0 += 1 } }
        _ = try await store.insert(.sample(), at: .noon)
        for round in 1...2 {
            rename(path, path + ".away")
            await #expect(throws: JobError.self) { try await store.insert(.sample(), at: .noon) }
            rename(path + ".away", path)
            _ = try await store.insert(.sample(), at: .noon)
            try await store.probe()
            #expect(told.withLock { $0 } == round)
        }
    }

    @Test func `what is still open is saved as the newest backup, and comes back`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        let backups = DatabaseBackups(of: path, in: folder.path("backups"), whileOpenIn: store)
        _ = try await store.insert(.sample(), at: .noon)
        _ = try await backups.backUp(at: .noon(plusSeconds: 60), keeping: 1)
        _ = try await store.insert(.sample(), at: .noon)
        try bring(about: .removedWhole)
        // The file in its place is not backed up, and no backup is removed for it.
        await #expect(throws: JobError.self) {
            try await backups.backUp(at: .noon(plusSeconds: 120), keeping: 1)
        }
        let saved = try await backups.save(store, at: .noon)
        store.close()
        #expect(folder.names(in: "backups").count == 2)
        let restored = try DatabaseBackups(of: path, in: folder.path("backups"))
            .restore(nil, at: .noon(plusSeconds: 180))
        #expect(restored.backup == saved)
        let next = try SQLiteJobStore(path: path, readers: 1)
        #expect(try await next.jobs(matching: JobFilter(), limit: 9, from: .offset(0)).total == 2)
        next.close()
    }

    @Test(arguments: [Mishap.emptied, .cut, .overwritten], [false, true])
    func `a database that is not whole is not saved as a backup`(
        mishap: Mishap, hasLog: Bool
    ) async throws {
        // The file has grown since it was last looked at: there is no size to compare it with.
        guard hasLog || mishap != .cut else { return }
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        let backups = DatabaseBackups(of: path, in: folder.path("backups"), whileOpenIn: store)
        _ = try await store.insert(.sample(), at: .noon)
        try await store.withWriter { try $0.execute("PRAGMA wal_checkpoint(TRUNCATE)") }
        if hasLog { _ = try await store.insert(.sample(), at: .noon) }
        try bring(about: mishap)
        await #expect(throws: JobError.self) { try await backups.save(store, at: .noon) }
        #expect(folder.names(in: "backups") == [])
    }

    @Test func `a database that gives room back is not cut`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        try await store.write { database in
            try database.execute("CREATE TABLE big (v); INSERT INTO big VALUES (zeroblob(9000000))")
        }
        try await store.withWriter { try $0.execute("PRAGMA wal_checkpoint(TRUNCATE)") }
        _ = try await store.insert(.sample(), at: .noon)
        try await store.write { try $0.execute("DROP TABLE big") }
        while try await store.maintain() {}
        try await store.withWriter { try $0.execute("PRAGMA wal_checkpoint(TRUNCATE)") }
        _ = try await store.insert(.sample(), at: .noon)
        try await store.probe()
        #expect(try #require(readFile(path)).count < 9_000_000)
    }
}
