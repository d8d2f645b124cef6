// Illegal states, written past the program: the schema refuses them.

import Datasets
import Jobs
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct SchemaTests {
    let folder = TemporaryFolder()

    @Test(arguments: [
        // Job 1 is running with two planned files, the second of them running; job 2 is pending.
        "UPDATE download_jobs SET status = 'paused'",
        "UPDATE download_jobs SET status = 'failed' WHERE id = 1",
        "UPDATE download_jobs SET completed_at = '2025-11-13 12:00:00.000000' WHERE id = 1",
        "UPDATE download_jobs SET status = 'running' WHERE id = 2",
        "UPDATE download_jobs SET started_at = NULL WHERE id = 1",
        "UPDATE download_jobs SET created_by = NULL",
        "UPDATE download_jobs SET files_done = 3 WHERE id = 1",
        "UPDATE download_jobs SET files_failed = -1 WHERE id = 1",
        "UPDATE download_jobs SET status = 'completed', completed_at = created_at WHERE id = 1",
        "UPDATE job_files SET state = 'done'",
        "UPDATE job_files SET state = 'ok'",
        "UPDATE job_files SET sha256 = hex(zeroblob(32)), bytes = 1, rows = 1",
        "UPDATE job_files SET state = 'ok', sha256 = hex(zeroblob(32)), bytes = 1, rows = 0",
        "UPDATE job_files SET state = 'empty', sha256 = hex(zeroblob(32)), bytes = 1, rows = 1",
        "UPDATE job_files SET state = 'ok', sha256 = 'abc', bytes = 1, rows = 1",
        "UPDATE job_files SET state = 'ok', sha256 = hex(zeroblob(32)), rows = 1",
        "UPDATE job_files SET state = 'failed'",
        "UPDATE job_files SET state = 'failed', code = 'x'",
        "UPDATE job_files SET attempts = -1",
        "UPDATE job_files SET job_id = 99",
        "UPDATE job_files SET position = 0",
        "UPDATE notifications SET kind = 'paused'",
        "UPDATE notifications SET kind = 'failed'",
        "UPDATE notifications SET delivered_at = queued_at",
        "UPDATE notifications SET attempts = 1, refused_at = queued_at",
        """
        UPDATE notifications SET attempts = 1, delivered_at = queued_at, refused_at = queued_at,
            last_error = 'x'
        """,
        "INSERT INTO facts (name, value) VALUES ('x', NULL)",
        "UPDATE download_jobs SET request_digest = x'00'",
        "INSERT INTO idempotency_keys VALUES (1, 'u', '', zeroblob(32), 1, 'x', 0, 0, 1, 0, 1)",
        "INSERT INTO idempotency_keys VALUES (1, 'u', 'k', zeroblob(31), 1, 'x', 0, 0, 1, 0, 1)",
    ])
    func `an illegal state is refused`(statement: String) async throws {
        let path = folder.path("downloads.db")
        let store = try SQLiteJobStore(path: path, readers: 1)
        for _ in 0..<2 { _ = try await store.insert(.sample(days: 2), at: .noon) }
        let job = try #require(try await store.claimJob(at: .noon))
        try await store.expand(job.id, into: PlannedFile.samples(2), notes: [])
        let database = try Database(path: path, access: .readWrite)
        let error = #expect(throws: SQLiteError.self) { try database.run(statement) }
        #expect(error?.reason == .constraint, "\(String(describing: error))")
    }

    @Test(arguments: [
        ("SELECT * FROM download_jobs WHERE status = 'x' ORDER BY id DESC", "by_status"),
        (
            "SELECT id FROM download_jobs WHERE created_by = 'x' AND status = 'y' "
                + "ORDER BY id DESC", "COVERING INDEX download_jobs_by_user_status"
        ),
        (
            "SELECT id FROM download_jobs WHERE exchange = 'x' AND status = 'y' AND id < 9 "
                + "ORDER BY id DESC", "COVERING INDEX download_jobs_by_exchange_status"
        ),
        (
            "SELECT position FROM job_files WHERE job_id = 1 AND state = 'pending' "
                + "AND (not_before IS NULL OR not_before <= 5) ORDER BY position", "files_by_state"
        ),
        (
            "SELECT min(coalesce(not_before, 0)) FROM job_files "
                + "WHERE job_id = 1 AND state = 'pending'", "COVERING INDEX job_files_by_state"
        ),
        (
            "SELECT state, count(*) FROM job_files WHERE job_id = 1 GROUP BY state",
            "COVERING INDEX job_files_by_state"
        ),
        (
            "SELECT * FROM job_files INDEXED BY job_files_by_state "
                + "WHERE job_id = 1 AND state IN ('failed') ORDER BY position",
            "files_by_state"
        ),
        (
            "UPDATE job_files INDEXED BY job_files_running SET state = 'pending' "
                + "WHERE state = 'running'", "files_running"
        ),
        (
            "SELECT * FROM download_jobs INDEXED BY download_jobs_active_by_request WHERE "
                + "request_digest = x'00' AND status IN ('pending', 'running') "
                + "AND created_by = 'x' AND verifying = 0",
            "download_jobs_active_by_request (request_digest=?)"
        ),
        ("SELECT job_id FROM idempotency_keys WHERE user = 'x' AND key = 'y'", "user=? AND key=?"),
        (
            "SELECT created_by FROM notifications WHERE delivered_at IS NULL "
                + "AND refused_at IS NULL AND created_by > 'x' ORDER BY created_by LIMIT 1",
            "notifications_waiting (created_by>?)"
        ),
        (
            "SELECT id FROM notifications WHERE delivered_at IS NULL AND refused_at IS NULL "
                + "AND created_by = 'x' AND kind = 'failed' AND verification = 0 "
                + "ORDER BY id LIMIT 1",
            "notifications_waiting (created_by=? AND kind=? AND verification=?)"
        ),
    ])
    func `a question that is asked often has its index`(query: String, index: String) throws {
        let path = folder.path("downloads.db")
        try SQLiteJobStore(path: path, readers: 1).close()
        let database = try Database(path: path, access: .readWrite)
        let plan = try database.rows("EXPLAIN QUERY PLAN \(query)") { $0.text(3) }
        #expect(plan.contains { $0.contains(index) }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    /// An index of its own for each row, or each list in a constraint, costs more than the row.
    @Test(arguments: [
        "INSERT INTO download_jobs (status) VALUES ('pending')",
        "UPDATE download_jobs SET status = 'running', started_at = created_at WHERE id = 1",
        "UPDATE download_jobs SET files_done = 1, bytes_done = 1 WHERE id = 1",
        "INSERT INTO job_files (job_id, position, state) VALUES (1, 1, 'pending')",
        "UPDATE job_files SET state = code, origin = code WHERE job_id = 1 AND position = 2",
        "INSERT INTO notifications (kind, status) VALUES ('started', 'running')",
        "INSERT INTO job_events (job_id, kind, at, actor) VALUES (1, 'submitted', '', '')",
    ])
    func `a row is written without an index made for it`(statement: String) throws {
        let path = folder.path("downloads.db")
        try SQLiteJobStore(path: path, readers: 1).close()
        let database = try Database(path: path, access: .readWrite)
        let steps = try database.rows("EXPLAIN \(statement)") { $0.text(1) }
        #expect(steps.contains("MakeRecord"), "\(steps)")
        #expect(!steps.contains("OpenEphemeral"), "\(steps)")
    }

    /// What may fail half-way has SQLite copy every page before it changes it.
    @Test func `a job is kept without a function and fails by rolling back`() throws {
        let path = folder.path("downloads.db")
        try SQLiteJobStore(path: path, readers: 1).close()
        let database = try Database(path: path, access: .readWrite)
        let values = Array(repeating: SQLValue.null, count: 13)
        let steps = try database.rows("EXPLAIN \(SubmittedRow.insertion)", values) {
            (code: $0.text(1), result: $0.integer(2), onError: $0.integer(3))
        }
        #expect(steps.contains { $0.code == "Program" })
        #expect(!steps.contains { ["Function", "PureFunc"].contains($0.code) })
        let failures = steps.filter { $0.code.hasPrefix("Halt") && $0.result != 0 }
        #expect(failures.count > 20)
        // OE_Rollback.
        #expect(failures.allSatisfy { $0.onError == 1 }, "\(failures)")
    }

    @Test func `digests have their lengths where they are set later`() async throws {
        let path = folder.path("downloads.db")
        let store = try SQLiteJobStore(path: path, readers: 1)
        _ = try await store.insert(.sample(days: 2), at: .noon)
        let database = try Database(path: path, access: .readWrite)
        for change in ["dataset_digest = 'abc'", "request_digest = hex(zeroblob(31))"] {
            #expect(throws: SQLiteError.self) {
                try database.run("UPDATE download_jobs SET \(change)")
            }
        }
        try database.run("UPDATE download_jobs SET dataset_digest = hex(zeroblob(32))")
        try database.run("UPDATE download_jobs SET request_digest = NULL, dataset_digest = NULL")
    }

    @Test func `no list of more than two values is written as one`() throws {
        try SQLiteJobStore(path: folder.path("downloads.db"), readers: 1).close()
        let database = try Database(path: folder.path("downloads.db"), access: .readOnly)
        let texts = try database.rows("SELECT sql FROM sqlite_schema WHERE type = 'table'") {
            $0.text(0)
        }
        let lists = texts.joined().matches(of: /IN\s*\(\s*'[^)]*'\s*\)/).map { String($0.output) }
        // Two values are no list to SQLite.
        #expect(!lists.isEmpty)
        #expect(lists.allSatisfy { $0.count { $0 == "," } < 2 }, "\(lists)")
    }

    @Test func `the table of jobs holds nothing that cannot be printed`() async throws {
        let path = folder.path("downloads.db")
        let store = try SQLiteJobStore(path: path, readers: 1)
        _ = try await store.insert(.sample(), at: .noon)
        store.close()
        let database = try Database(path: path, access: .readOnly)
        let columns = try database.rows("SELECT name, type FROM pragma_table_info('download_jobs')")
        {
            (name: $0.text(0), type: $0.text(1))
        }
        #expect(!columns.contains { $0.type == "BLOB" })
        let types = columns.map { "typeof(\($0.name)) = 'blob'" }.joined(separator: " OR ")
        #expect(try database.number("SELECT count(*) FROM download_jobs WHERE \(types)") == 0)
        #expect(
            try database.number(
                "SELECT count(*) FROM download_jobs WHERE length(request_digest) = 64") == 1)
    }

    @Test func `a job that wrote nothing has no digest`() async throws {
        let test = try StoreUnderTest(StoreKind.all[0])
        let job = try await test.runningJob(files: 1)
        _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
        try await test.store.record(.unavailable(.notListed), of: job.id, position: 0)
        let ended = try await test.store.finish(
            job.id, as: .completed, errorMessage: nil, at: .noon)
        #expect(ended?.state == .completed)
        #expect(ended?.integrity.datasetDigest == nil)
    }
}
