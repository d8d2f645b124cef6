// The predecessor's database opens in place, with all its rows.

import Datasets
import Glibc
import Jobs
import SQLite
import SQLiteStore
import TestSupport
import Testing

@Suite struct PredecessorTests {
    let folder = TemporaryFolder()
    var path: String { folder.path("downloads.db") }

    /// The predecessor's thirteen columns, in its order.
    private static let columns = [
        "id", "status", "exchange", "data_types", "symbols", "start_date", "end_date",
        "output_path", "created_at", "started_at", "completed_at", "error_message", "created_by",
    ]

    private static let table = """
        CREATE TABLE download_jobs (
            id INTEGER NOT NULL PRIMARY KEY, status VARCHAR(20) NOT NULL,
            exchange VARCHAR(50) NOT NULL, data_types JSON NOT NULL, symbols JSON NOT NULL,
            start_date VARCHAR(20) NOT NULL, end_date VARCHAR(20) NOT NULL,
            output_path VARCHAR(500) NOT NULL, created_at DATETIME NOT NULL, started_at DATETIME,
            completed_at DATETIME, error_message TEXT, created_by VARCHAR(100) NOT NULL)
        """

    private static let rows = """
        INSERT INTO download_jobs VALUES
        (2, 'completed', 'deribit', '["trades", "quotes"]', '["BTC-PERPETUAL"]', '2024-02-01',
            '2024-02-03', './datasets', '2025-11-13 10:20:30.123456',
            '2025-11-13 10:20:31.000001', '2025-11-13 10:25:00.500000', NULL, 'alice'),
        (3, 'failed', 'binance', '["trades"]', '["\\u00fcx", "ETH-USDT"]', '2024-01-01',
            '2024-01-02', '/data/x', '2025-11-14 09:00:00.000000', '2025-11-14 09:00:01.000000',
            '2025-11-14 09:00:07.000000', 'Invalid symbol' || char(10) || 'x', 'intern'),
        (5, 'running', 'bitmex', '["trades"]', '["XBTUSD"]', '2024-03-01', '2024-03-01',
            './datasets', '2025-11-15 08:00:00', '2025-11-15 08:00:01.000000', NULL, NULL, 'bob'),
        (8, 'pending', 'bitmex', 'trades', 'null', '2024-03-01', 'soon', './datasets',
            '2025-11-15 09:00:00.000000', NULL, NULL, NULL, 'bob'),
        (9, 'cancelled', 'bitmex', '[]', '[]', '', '', '', '2025-11-15 09:00:00.000000', NULL,
            '2025-11-15 09:00:01.000000', '', '')
        """

    private func make(_ script: String) throws {
        let database = try Database(path: path, access: .readWrite)
        try database.execute("PRAGMA journal_mode = DELETE; \(script)")
        database.close()
    }

    /// Opens and closes the store once, then looks into the file.
    private func adopted() throws -> Database {
        try SQLiteJobStore(path: path, readers: 1).close()
        return try Database(path: path, access: .readOnly)
    }

    /// Every row as SQL literals, types included.
    private func dump(_ database: Database, _ columns: [String] = columns) throws -> [[String]] {
        let quoted = columns.map { "quote(\($0))" }.joined(separator: ", ")
        return try database.rows("SELECT \(quoted) FROM download_jobs ORDER BY id") { row in
            columns.indices.map { row.text(Int32($0)) }
        }
    }

    private func tables(_ database: Database) throws -> Set<String> {
        Set(try database.rows("SELECT name FROM sqlite_schema") { $0.text(0) })
    }

    private func opened() throws -> SQLiteJobStore { try SQLiteJobStore(path: path, readers: 1) }

    @Test func `rows are kept to the letter, and the old table goes`() throws {
        try make("\(Self.table); \(Self.rows)")
        let before = try dump(Database(path: path, access: .plain))
        let after = try adopted()
        #expect(try dump(after) == before)
        #expect(!(try tables(after).contains("download_jobs_predecessor")))
        let names = try after.rows("SELECT name FROM pragma_table_info('download_jobs')") {
            $0.text(0)
        }
        #expect(Array(names.prefix(13)) == Self.columns)
    }

    @Test func `opening it again changes nothing`() throws {
        try make("\(Self.table); \(Self.rows)")
        let once = try adopted()
        let schema = "SELECT name || sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
        let before = try (dump(once, Self.columns + ["files_total"]), tables(once))
        let definitions = try once.rows(schema) { $0.text(0) }
        once.close()
        let twice = try adopted()
        #expect(try dump(twice, Self.columns + ["files_total"]) == before.0)
        #expect(try tables(twice) == before.1)
        #expect(try twice.rows(schema) { $0.text(0) } == definitions)
    }

    @Test func `its jobs are shown, go on, and are followed by ours`() async throws {
        try make("\(Self.table); \(Self.rows)")
        let store = try opened()
        let page = try await store.jobs(matching: JobFilter(), limit: 50, from: .offset(0))
        #expect(page.total == 5)
        #expect(page.jobs.map(\.id.rawValue) == [9, 8, 5, 3, 2])
        #expect(page.jobs[3].symbols == ["üx", "ETH-USDT"])
        #expect(page.jobs[4].completedAt == Timestamp("2025-11-13T10:25:00.5Z"))
        #expect(page.jobs[1].dataTypes == ["trades"])
        #expect(page.jobs[1].symbols.isEmpty)
        #expect(try await store.nextNotification() == nil)

        let running = try await store.recover()
        #expect(running.map(\.id) == [JobID(5)])
        #expect(running[0].createdAt == Timestamp("2025-11-15T08:00:00Z"))
        #expect(running[0].progress == JobProgress())
        try await store.expand(JobID(5), into: PlannedFile.samples(2), notes: [])
        #expect(try await store.claimFiles(of: JobID(5), limit: 9, at: .noon).count == 2)

        #expect(try await store.claimJob(at: .noon)?.id == JobID(8))
        #expect(try await store.claimJob(at: .noon) == nil)
        #expect(try await store.insert(.sample(), at: .noon).id == JobID(10))
    }

    @Test(arguments: [
        // What stood there, and what stands here: status, started_at, completed_at, error_message.
        ("'RUNNING', '2025-01-02', NULL, NULL", "running|2025-01-02||"),
        ("' Pending ', NULL, NULL, NULL", "pending|||"),
        ("'running', NULL, NULL, NULL", "running|2025-01-01||"),
        ("'running', '2025-01-02', '2025-01-03', 'x'", "running|2025-01-02||x"),
        ("'pending', NULL, '2025-01-03', NULL", "pending|||"),
        ("'completed', '2025-01-02', NULL, NULL", "completed|2025-01-02|2025-01-02|"),
        ("'failed', NULL, NULL, 'x'", "failed||2025-01-01|x"),
        (
            "'paused', NULL, NULL, 'It rests.'",
            "failed||2025-01-01|It rests. The former service left this job with the unknown status "
                + "\"paused\". Submit it again if it is still wanted."
        ),
        (
            "'', NULL, '2025-01-03', NULL",
            "failed||2025-01-03|The former service left this job with the unknown status \"\". "
                + "Submit it again if it is still wanted."
        ),
    ])
    func `an odd state becomes a legal one, and the old row is kept beside it`(
        there: String, here: String
    ) throws {
        try make(
            """
            \(Self.table);
            INSERT INTO download_jobs (id, status, started_at, completed_at, error_message,
                exchange, data_types, symbols, start_date, end_date, output_path, created_at,
                created_by)
            VALUES (1, \(there), 'e', '[]', '[]', '', '', '', '2025-01-01', 'u')
            """)
        let before = try dump(Database(path: path, access: .plain))
        let database = try adopted()
        let row = try database.first(
            "SELECT status, started_at, completed_at, error_message FROM download_jobs"
        ) { row in (0..<4).map { row.text($0) }.joined(separator: "|") }
        #expect(row == here)
        let old = Self.columns.map { "quote(\($0))" }.joined(separator: ", ")
        let kept = try database.rows("SELECT \(old) FROM download_jobs_predecessor") { row in
            Self.columns.indices.map { row.text(Int32($0)) }
        }
        #expect(kept == before)
    }

    @Test func `missing columns and NULLs are filled in`() async throws {
        try make(
            """
            CREATE TABLE download_jobs (id INTEGER PRIMARY KEY, status TEXT, exchange TEXT,
                symbols TEXT, start_date TEXT, end_date TEXT);
            INSERT INTO download_jobs VALUES (4, 'pending', 'binance', '["A"]', '2024-01-01',
                '2024-01-02'), (6, NULL, NULL, NULL, NULL, NULL)
            """)
        let store = try opened()
        let pending = try #require(try await store.job(JobID(4)))
        #expect(
            pending
                == Job(
                    id: JobID(4), state: .pending, exchange: "binance", dataTypes: ["trades"],
                    symbols: ["A"], startDate: "2024-01-01", endDate: "2024-01-02",
                    outputPath: "./datasets", createdAt: Timestamp(microseconds: 0),
                    createdBy: "unknown"))
        #expect(try await store.job(JobID(6))?.state == .failed)
        #expect(try await store.claimJob(at: .noon)?.id == JobID(4))
    }

    @Test func `an unknown column is kept with the old table`() throws {
        try make(
            "\(Self.table); \(Self.rows); ALTER TABLE download_jobs ADD COLUMN ticket TEXT;"
                + "UPDATE download_jobs SET ticket = 'T-' || id")
        let database = try adopted()
        #expect(
            try database.rows("SELECT ticket FROM download_jobs_predecessor ORDER BY id") {
                $0.text(0)
            } == ["T-2", "T-3", "T-5", "T-8", "T-9"])
        #expect(try dump(database).count == 5)
    }

    @Test func `a takeover that fails leaves the file as it was`() throws {
        try make("\(Self.table); \(Self.rows); CREATE TABLE facts (mine TEXT)")
        #expect(throws: JobError.self) { _ = try opened() }
        let database = try Database(path: path, access: .plain)
        #expect(try dump(database).count == 5)
        #expect(try tables(database) == ["download_jobs", "facts"])
    }

    // MARK: The recorded one

    private static let recorded = ProjectFolder.shared("samples/predecessor-downloads.db")
    private static var isRecordedThere: Bool { FileCopy.exists(recorded) }

    @Test(.enabled(if: isRecordedThere, "the recorded database is not here"))
    func `the recorded database opens in place, and its pending job runs`() async throws {
        try FileCopy.copy(Self.recorded, to: path)
        let before = try dump(Database(path: path, access: .plain))
        #expect(before.count == 4)
        let after = try adopted()
        #expect(try dump(after) == before)
        let store = try opened()
        #expect(try await store.recover().isEmpty)
        let claimed = try #require(try await store.claimJob(at: .noon))
        #expect(claimed.id == JobID(4))
        #expect(claimed.symbols == ["XBTUSD"])
        #expect(try await store.job(JobID(1))?.errorMessage?.hasPrefix("Cannot connect") == true)
    }
}

enum FileCopy {
    static func exists(_ path: String) -> Bool { access(path, R_OK) == 0 }

    static func copy(_ source: String, to target: String) throws {
        let input = try #require(fopen(source, "re"))
        defer { fclose(input) }
        let output = try #require(fopen(target, "we"))
        defer { fclose(output) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&bytes, 1, bytes.count, input)
            if count == 0 { return }
            fwrite(bytes, 1, count, output)
        }
    }
}
