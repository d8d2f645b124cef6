// Databases of versions that this one does not know are left as they are.

import Glibc
import Jobs
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct EarlierVersionTests {
    let folder = TemporaryFolder()
    var path: String { folder.path("downloads.db") }

    /// What the file holds, and its version.
    private func content() throws -> [String] {
        let database = try Database(path: path, access: .plain)
        return try database.rows("SELECT name || sql FROM sqlite_schema ORDER BY name") {
            $0.text(0)
        } + ["\(try database.number("PRAGMA user_version"))"]
            + database.rows("SELECT status FROM download_jobs") { $0.text(0) }
    }

    /// Backups have no write-ahead log, and WAL mode is part of the file.
    @Test(
        arguments: [
            (version: 1, says: "never published"), (13, "never published"), (19, "never published"),
            (Schema.firstVersion + Schema.migrations.count, "newer version"),
            (1_000, "newer version"), (-1, "never published"),
        ], ["WAL", "DELETE"])
    func `a database of an unknown version is refused and left as it is`(
        _ mark: (version: Int, says: String), mode: String
    ) throws {
        let database = try Database(path: path, access: .readWrite)
        try database.execute(
            """
            CREATE TABLE download_jobs (id INTEGER PRIMARY KEY, status TEXT);
            INSERT INTO download_jobs VALUES (1, 'pending');
            PRAGMA user_version = \(mark.version);
            PRAGMA journal_mode = \(mode);
            """)
        database.close()
        let before = try #require(readFile(path))
        for open in [
            { try SQLiteJobStore(path: path, readers: 1).close() },
            { try SQLiteJobStore(reading: path).close() },
        ] {
            let error = #expect(throws: JobError.self) { try open() }
            guard case .unknownVersion(let reason) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(reason.contains(mark.says), "\(reason)")
            #expect(reason.contains(path))
            #expect(readFile(path) == before)
            #expect(folder.names() == ["downloads.db"])
        }
    }

    @Test func `the newest schema is opened again without a change`() throws {
        try SQLiteJobStore(path: path, readers: 1).close()
        let before = try content()
        try SQLiteJobStore(path: path, readers: 1).close()
        #expect(try content() == before)
        #expect(before.contains("\(Schema.firstVersion + Schema.migrations.count - 1)"))
    }
}
