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

    @Test(arguments: [
        (version: 1, says: "never published"), (13, "never published"), (19, "never published"),
        (Schema.firstVersion + Schema.migrations.count, "newer version"), (1_000, "newer version"),
    ])
    func `a database of an unknown version is refused and left as it is`(
        version: Int, says: String
    ) throws {
        let database = try Database(path: path, access: .readWrite)
        try database.execute(
            """
            CREATE TABLE download_jobs (id INTEGER PRIMARY KEY, status TEXT);
            INSERT INTO download_jobs VALUES (1, 'pending');
            PRAGMA user_version = \(version);
            """)
        database.close()
        let before = try content()
        for open in [
            { try SQLiteJobStore(path: path, readers: 1).close() },
            { try SQLiteJobStore(reading: path).close() },
        ] {
            let error = #expect(throws: JobError.self) { try open() }
            guard case .unknownVersion(let reason) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(reason.contains(says), "\(reason)")
            #expect(reason.contains(path))
        }
        #expect(try content() == before)
    }

    @Test func `the newest schema is opened again without a change`() throws {
        try SQLiteJobStore(path: path, readers: 1).close()
        let before = try content()
        try SQLiteJobStore(path: path, readers: 1).close()
        #expect(try content() == before)
        #expect(before.contains("\(Schema.firstVersion + Schema.migrations.count - 1)"))
    }
}
