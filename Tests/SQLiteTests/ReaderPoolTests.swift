// Readers next to the writer.

import Dispatch
import SQLite
import TestSupport
import Testing

@Suite struct ReaderPoolTests {
    let folder = TemporaryFolder()

    private func makePool(_ count: Int) async throws -> (WriterQueue, ReaderPool) {
        let path = folder.path("a.db")
        let writer = try WriterQueue(path: path) { try $0.execute("CREATE TABLE t (v)") }
        return (writer, try ReaderPool(path: path, count: count))
    }

    @Test func `a reader sees committed rows`() async throws {
        let (writer, readers) = try await makePool(2)
        for number in 1...10 {
            try await writer.write { try $0.run("INSERT INTO t VALUES (1)") }
            #expect(try readers.read { try $0.number("SELECT count(*) FROM t") } == number)
        }
    }

    @Test func `readers do not wait for the writer`() async throws {
        let (writer, readers) = try await makePool(1)
        let gate = DispatchSemaphore(value: 0)
        async let write: Void = writer.write { database in
            try database.run("INSERT INTO t VALUES (1)")
            gate.wait()
        }
        #expect(await eventually { writer.statistics.isBusy })
        #expect(try readers.read { try $0.number("SELECT count(*) FROM t") } == 0)
        gate.signal()
        try await write
        #expect(try readers.read { try $0.number("SELECT count(*) FROM t") } == 1)
    }

    @Test func `more readers than connections all get their result`() async throws {
        let (_, readers) = try await makePool(2)
        let sum = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 0..<200 {
                group.addTask { try readers.read { try $0.number("SELECT ?", [SQLValue(number)]) } }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 19_900)
    }

    @Test func `a connection is free again after its reader fails`() async throws {
        let (_, readers) = try await makePool(1)
        for _ in 0..<3 {
            #expect(throws: SQLiteError.self) { try readers.read { try $0.run("SELEKT") } }
        }
        #expect(try readers.read { try $0.number("SELECT 1") } == 1)
    }

    @Test func `a closed pool refuses reads`() async throws {
        let (writer, readers) = try await makePool(2)
        readers.close()
        writer.close()
        let error = #expect(throws: SQLiteError.self) {
            try readers.read { try $0.number("SELECT 1") }
        }
        #expect(error?.reason == .closed)
    }
}
