// The report of changed rows: after the commit, and before the writers resume.

import Synchronization
import TestSupport
import Testing

@testable import SQLite

@Suite struct ChangeReportTests {
    private struct Refusal: Error {}

    private let folder = TemporaryFolder()
    private let reports = Reports()

    private final class Reports: Sendable {
        private let state = Mutex<[Set<Int64>]>([])

        var rows: [Set<Int64>] { state.withLock { $0 } }

        func add(_ rows: Set<Int64>) {
            state.withLock { $0.append(rows) }
        }
    }

    private func writer() throws -> WriterQueue {
        let reports = reports
        return try WriterQueue(
            path: folder.path("test.db"),
            reporting: ChangeReport(of: "items") { reports.add($0) }
        ) { database in
            try database.execute(
                """
                CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT);
                CREATE TABLE items_too (id INTEGER PRIMARY KEY, name TEXT);
                CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT);
                CREATE TRIGGER renamed AFTER INSERT ON item
                BEGIN UPDATE items SET name = new.name WHERE id = new.id; END;
                INSERT INTO items (id) VALUES (1), (2), (3), (4);
                """)
        }
    }

    @Test func `reports inserted, changed and removed rows of one table`() async throws {
        let writer = try writer()
        defer { writer.close() }
        try await writer.write { database in
            try database.execute(
                """
                INSERT INTO items (id) VALUES (9);
                UPDATE items SET name = 'x' WHERE id IN (1, 2);
                DELETE FROM items WHERE id = 3;
                INSERT INTO items_too (id) VALUES (7);
                """)
        }
        #expect(reports.rows == [[1, 2, 3, 9]])
        try await writer.write { try $0.execute("INSERT INTO item VALUES (4, 'by a trigger')") }
        #expect(reports.rows.last == [4])
        try await writer.write { try $0.execute("INSERT INTO items_too (id) VALUES (8)") }
        #expect(reports.rows.count == 2)
    }

    @Test func `reports no rows of a transaction that was rolled back`() async throws {
        let writer = try writer()
        defer { writer.close() }
        await #expect(throws: (any Error).self) {
            try await writer.write { database in
                try database.execute("UPDATE items SET name = 'x'")
                // Ends the whole transaction, as a full disk does.
                database.rollBack()
                throw Refusal()
            }
        }
        #expect(reports.rows == [])
        try await writer.write { try $0.execute("UPDATE items SET name = 'y' WHERE id = 2") }
        #expect(reports.rows == [[2]])
    }

    @Test func `measures the time of groups and the part of it for commits`() async throws {
        let writer = try writer()
        defer { writer.close() }
        #expect(writer.statistics.busy == .zero)
        try await writer.write { try $0.execute("UPDATE items SET name = 'x'") }
        let statistics = writer.statistics
        #expect(statistics.committing > .zero)
        #expect(statistics.busy >= statistics.committing)
    }
}
