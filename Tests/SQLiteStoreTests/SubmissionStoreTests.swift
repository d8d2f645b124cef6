// What SQLite keeps of submissions: whole or not at all, and no more than is of use.

import Datasets
import Jobs
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct SubmissionStoreTests {
    let folder = TemporaryFolder()
    private var path: String { folder.path("downloads.db") }

    private func number(_ sql: String) throws -> Int64 {
        try Database(path: path, access: .readOnly).number(sql)
    }

    @Test func `a job, its event and the answer to its key are one transaction`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        _ = try await store.submit(.sample(key: "a"), at: .noon)
        let database = try Database(path: path, access: .readWrite)
        let event = try database.first(
            "SELECT job_id || ' ' || kind || ' ' || actor || ' ' || address FROM job_events"
        ) { $0.text(0) }
        #expect(event == "1 submitted intern 10.0.0.7")
        // If one step fails, no step leaves anything behind.
        for table in ["job_events", "idempotency_keys", "user_usage"] {
            try database.execute(
                """
                CREATE TRIGGER refuse BEFORE \(table == "user_usage" ? "UPDATE" : "INSERT") ON \(table)
                BEGIN SELECT RAISE (ABORT, 'no'); END
                """)
            await #expect(throws: JobError.self) {
                try await store.submit(.sample(.sample(days: 2), key: "b"), at: .noon)
            }
            try database.execute("DROP TRIGGER refuse")
        }
        #expect(try number("SELECT count(*) FROM download_jobs") == 1)
        #expect(try number("SELECT count(*) FROM job_events") == 1)
        #expect(try number("SELECT count(*) FROM idempotency_keys") == 1)
        #expect(try number("SELECT active_jobs * 1000 + files FROM user_usage") == 1_001)
        #expect(
            try await store.submit(.sample(.sample(days: 2), key: "b"), at: .noon).text
                == "accepted 2")
    }

    @Test func `what is answered without a job leaves no event`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        _ = try await store.submit(.sample(key: "a"), at: .noon)
        for key in ["a", "b", nil] { _ = try await store.submit(.sample(key: key), at: .noon) }
        let limits = UserQuota(queuedJobsMax: 1, filesPerDayMax: 0)
        _ = try await store.submit(.sample(.sample(days: 2), limits: limits), at: .noon)
        #expect(try number("SELECT count(*) FROM job_events") == 1)
        #expect(try number("SELECT count(*) FROM download_jobs") == 1)
    }

    @Test func `keys outlive the process`() async throws {
        let first = try SQLiteJobStore(path: path, readers: 1)
        _ = try await first.submit(.sample(key: "a", force: true), at: .noon)
        first.close()
        let second = try SQLiteJobStore(path: path, readers: 1)
        #expect(
            try await second.submit(.sample(key: "a", force: true), at: .noon).text
                == "replayed 1: pending")
    }

    @Test func `old keys go as new ones come`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        for number in 0..<10 {
            _ = try await store.submit(.sample(key: "k\(number)"), at: .noon)
        }
        #expect(try number("SELECT count(*) FROM idempotency_keys") == 10)
        for number in 0..<5 {
            let now = Timestamp.noon(plusSeconds: 86_400 + number)
            _ = try await store.submit(.sample(key: "n\(number)"), at: now)
        }
        let count = "SELECT count(*) FROM idempotency_keys WHERE key LIKE "
        #expect(try number(count + "'k%'") == 0)
        #expect(try number(count + "'n%'") == 5)
    }

    @Test func `too many keys push out the oldest`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        for number in 0..<3 {
            _ = try await store.submit(.sample(key: "k\(number)"), at: .noon)
        }
        let database = try Database(path: path, access: .readWrite)
        // As if nearly so many had come in between.
        try database.run(
            "UPDATE idempotency_keys SET id = ? WHERE key = 'k2'",
            [SQLValue(Idempotency.keysMax + 1)])
        _ = try await store.submit(.sample(key: "k3"), at: .noon)
        #expect(
            try database.rows("SELECT key FROM idempotency_keys") { $0.text(0) }
                == ["k1", "k2", "k3"])
    }

    @Test func `jobs that were there before are found, and count`() async throws {
        let old = try Database(path: path, access: .readWrite)
        try old.execute(
            """
            CREATE TABLE download_jobs (
                id INTEGER NOT NULL PRIMARY KEY, status VARCHAR(20) NOT NULL,
                exchange VARCHAR(50) NOT NULL, data_types JSON NOT NULL, symbols JSON NOT NULL,
                start_date VARCHAR(20) NOT NULL, end_date VARCHAR(20) NOT NULL,
                output_path VARCHAR(500) NOT NULL, created_at DATETIME NOT NULL,
                started_at DATETIME, completed_at DATETIME, error_message TEXT,
                created_by VARCHAR(100) NOT NULL);
            INSERT INTO download_jobs (status, exchange, data_types, symbols, start_date, end_date,
                output_path, created_at, created_by)
            VALUES
                ('completed', 'binance', '["trades"]', '["BTCUSDT"]', '2024-01-01', '2024-01-02',
                    './datasets/btc', '2025-11-13 10:20:30.123456', 'intern'),
                ('pending', 'binance', '["trades"]', '["BTCUSDT"]', '2024-01-01', '2024-01-01',
                    './datasets/btc', '2025-11-13 10:20:30.123456', 'intern');
            """)
        old.close()
        let store = try SQLiteJobStore(path: path, readers: 1)
        #expect(try await store.submit(.sample(), at: .noon).text == "duplicate 2")
        let limits = UserQuota(queuedJobsMax: 1, filesPerDayMax: 0)
        #expect(
            try await store.submit(.sample(.sample(days: 2), limits: limits), at: .noon).text
                == "\(QuotaExceeded.queuedJobs(1, max: 1))")
    }

    @Test func `the count of a user's jobs is right after anything`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        var random = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            let id = JobID(.random(in: 1...30, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                let user = ["ann", "bob"].randomElement(using: &random) ?? ""
                _ = try await store.insert(.sample(user: user), at: .noon)
            case 2: _ = try await store.claimJob(at: .noon)
            case 3: _ = try await store.finish(id, as: .failed, errorMessage: "x", at: .noon)
            default:
                // What retrying, resuming and retention do to a row.
                let database = try Database(path: path, access: .readWrite)
                try database.run(
                    """
                    UPDATE download_jobs SET status = 'pending', completed_at = NULL WHERE id = ?
                    """, [.integer(id.rawValue + 1)])
                try database.run("DELETE FROM download_jobs WHERE id = ?", [.integer(id.rawValue)])
            }
        }
        let wrong = try number(
            """
            SELECT count(*) FROM user_usage WHERE active_jobs <> (
                SELECT count(*) FROM download_jobs
                WHERE created_by = user AND status IN ('pending', 'running') AND verifying = 0)
            """)
        #expect(wrong == 0)
        #expect(try number("SELECT count(*) FROM user_usage") == 2)
    }
}
