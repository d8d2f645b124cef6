// The writer: groups, isolation within a group, order, and its end.

import Dispatch
import SQLite
import Synchronization
import TestSupport
import Testing

@Suite struct WriterQueueTests {
    private struct Refusal: Error {}

    let folder = TemporaryFolder()

    private func makeWriter(_ preparation: String = "CREATE TABLE t (v)") throws -> WriterQueue {
        try WriterQueue(path: folder.path("a.db")) { try $0.execute(preparation) }
    }

    private func values() throws -> [Int64] {
        try Database(path: folder.path("a.db"), access: .readOnly)
            .rows("SELECT v FROM t ORDER BY v") { $0.integer(0) }
    }

    /// Runs the writes as one group: they queue up while the writer is busy.
    private func runAsGroup<Result: Sendable>(
        _ writes: [@Sendable (Database) throws -> Result], on writer: WriterQueue
    ) async throws -> [Swift.Result<Result, any Error>] {
        let gate = DispatchSemaphore(value: 0)
        return try await withThrowingTaskGroup(
            of: (Int, Swift.Result<Result, any Error>?).self
        ) { group in
            group.addTask {
                try await writer.write { _ in gate.wait() }
                return (-1, nil)
            }
            #expect(await eventually { writer.statistics.isBusyWithNothingWaiting })
            for (index, write) in writes.enumerated() {
                group.addTask {
                    do {
                        return (index, .success(try await writer.write(write)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
                #expect(await eventually { writer.statistics.waiting == index + 1 })
            }
            gate.signal()
            var results: [Int: Swift.Result<Result, any Error>] = [:]
            for try await (index, result) in group { results[index] = result }
            return writes.indices.compactMap { results[$0] }
        }
    }

    @Test func `a write returns its result after the commit`() async throws {
        let writer = try makeWriter()
        let count = try await writer.write { database in
            try database.run("INSERT INTO t VALUES (7)")
            return database.changes
        }
        #expect(count == 1)
        #expect(try values() == [7])
        writer.close()
    }

    @Test func `queued writes are committed together, in order`() async throws {
        let writer = try makeWriter("CREATE TABLE t (v); CREATE TABLE o (i INTEGER PRIMARY KEY, v)")
        let results = try await runAsGroup(
            (0..<100).map { number in
                { database in
                    try database.run("INSERT INTO t VALUES (?)", [SQLValue(number)])
                    try database.run("INSERT INTO o (v) VALUES (?)", [SQLValue(number)])
                }
            }, on: writer)
        #expect(results.count == 100)
        #expect(writer.statistics.commits == 2)
        #expect(writer.statistics.writes == 101)
        writer.close()
        #expect(try values() == Array(0..<100))
        let order = try Database(path: folder.path("a.db"), access: .readOnly)
            .rows("SELECT v FROM o ORDER BY i") { $0.integer(0) }
        #expect(order == Array(0..<100))
    }

    @Test func `a failed write does not affect the others`() async throws {
        let writer = try makeWriter()
        let results = try await runAsGroup(
            (0..<10).map { number in
                { database in
                    try database.run("INSERT INTO t VALUES (?)", [SQLValue(number)])
                    if number == 4 { throw Refusal() }
                    return number
                }
            }, on: writer)
        #expect(results.map { try? $0.get() } == [0, 1, 2, 3, nil, 5, 6, 7, 8, 9])
        #expect(throws: Refusal.self) { try results[4].get() }
        #expect(writer.statistics.commits == 2)
        writer.close()
        #expect(try values() == [0, 1, 2, 3, 5, 6, 7, 8, 9])
    }

    @Test func `a write that makes SQLite roll back the transaction fails alone`() async throws {
        let writer = try makeWriter("CREATE TABLE t (v UNIQUE)")
        let results = try await runAsGroup(
            [1, 2, 1, 3].map { number in
                { database in
                    try database.run("INSERT OR ROLLBACK INTO t VALUES (?)", [SQLValue(number)])
                    return number
                }
            }, on: writer)
        #expect(results.map { try? $0.get() } == [1, 2, nil, 3])
        writer.close()
        #expect(try values() == [1, 2, 3])
    }

    @Test func `if the commit fails, every write fails and no change is kept`() async throws {
        let writer = try makeWriter(
            """
            CREATE TABLE p (id INTEGER PRIMARY KEY);
            CREATE TABLE t (v REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)
            """)
        let results = try await runAsGroup(
            [nil, nil, 5, nil].map { (number: Int?) in
                { database in try database.run("INSERT INTO t VALUES (?)", [SQLValue(number)]) }
            }, on: writer)
        for result in results {
            let error = #expect(throws: SQLiteError.self) { try result.get() }
            #expect(error?.reason == .constraint)
        }
        try await writer.write { try $0.run("INSERT INTO t VALUES (NULL)") }
        writer.close()
        #expect(try values().count == 1)
    }

    @Test func `a full disk refuses writes that need space, and the others succeed`() async throws {
        let writer = try makeWriter(
            """
            CREATE TABLE t (v); INSERT INTO t VALUES (1);
            CREATE TABLE blobs (b); PRAGMA max_page_count = 20
            """)
        let writes: [@Sendable (Database) throws -> Void] = [
            { try $0.run("UPDATE t SET v = v + 1") },
            { try $0.run("INSERT INTO blobs VALUES (zeroblob(1000000))") },
            { try $0.run("UPDATE t SET v = v + 1") },
        ]
        let results = try await runAsGroup(writes, on: writer)
        let error = #expect(throws: SQLiteError.self) { try results[1].get() }
        #expect(error?.reason == .diskFull)
        #expect((try? results[0].get()) != nil)
        #expect((try? results[2].get()) != nil)
        writer.close()
        #expect(try values() == [3])
    }

    @Test func `many concurrent writes need few commits, and all are kept`() async throws {
        let writer = try makeWriter()
        await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask {
                    try await writer.write {
                        try $0.run("INSERT INTO t VALUES (?)", [SQLValue(number)])
                    }
                }
            }
        }
        #expect(writer.statistics.writes == 500)
        #expect(writer.statistics.commits <= 500)
        writer.close()
        #expect(try values() == Array(0..<500))
    }

    @Test func `closing commits accepted writes and refuses later ones`() async throws {
        let writer = try makeWriter()
        let gate = DispatchSemaphore(value: 0)
        async let first: Void = writer.write { database in
            gate.wait()
            try database.run("INSERT INTO t VALUES (1)")
        }
        #expect(await eventually { writer.statistics.isBusyWithNothingWaiting })
        async let second: Void = writer.write { try $0.run("INSERT INTO t VALUES (2)") }
        #expect(await eventually { writer.statistics.waiting == 1 })
        gate.signal()
        writer.close()
        try await first
        try await second
        let error = await #expect(throws: SQLiteError.self) { try await writer.write { _ in } }
        #expect(error?.reason == .closed)
        writer.close()
        // The last connection to close copies the write-ahead log into the file.
        #expect(folder.names() == ["a.db"])
        #expect(try values() == [1, 2])
    }

    @Test func `a preparation that fails leaves no writer`() throws {
        #expect(throws: Refusal.self) {
            _ = try WriterQueue(path: folder.path("a.db")) { _ in throw Refusal() }
        }
    }
}

extension WriterQueue.Statistics {
    fileprivate var isBusyWithNothingWaiting: Bool { isBusy && waiting == 0 }
}
