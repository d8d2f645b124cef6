// What only the SQLite store must do: opening, closing, backing up, and the rows as others see
// them.

import Datasets
import Glibc
import Jobs
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct SQLiteJobStoreTests {
    let folder = TemporaryFolder()
    var path: String { folder.path("downloads.db") }

    private func open() throws -> SQLiteJobStore {
        try SQLiteJobStore(path: path, readers: 2)
    }

    private func refusal(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch JobError.storeFailed(let text), JobError.unknownVersion(let text) {
            return text
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    @Test func `everything is there after closing and opening again`() async throws {
        let first = try open()
        _ = try await first.insert(.sample(days: 2, notes: ["note"]), at: .noon)
        let job = try #require(try await first.claimJob(at: .noon))
        try await first.expand(job.id, into: PlannedFile.samples(2), notes: [])
        _ = try await first.claimFiles(of: job.id, limit: 1, at: .noon)
        try await first.record(.published(.sample()), of: job.id, position: 0)
        try await first.set("value", for: "name")
        let before = try await first.job(job.id)
        let files = try await first.files(of: job.id, in: nil, limit: 9, offset: 0)
        first.close()
        #expect(folder.names() == ["downloads.db"])

        let second = try open()
        #expect(try await second.job(job.id) == before)
        #expect(try await second.files(of: job.id, in: nil, limit: 9, offset: 0) == files)
        #expect(try await second.nextNotification()?.job == job)
        #expect(try await second.value(for: "name") == "value")
    }

    @Test func `numbers that another program has written are clamped`() async throws {
        let store = try open()
        for _ in 0..<3 { _ = try await store.insert(.sample(days: 2), at: .noon) }
        let job = try #require(try await store.claimJob(at: .noon))
        try await store.expand(job.id, into: PlannedFile.samples(2), notes: [])
        store.close()
        let database = try Database(path: path, access: .readWrite)
        let most = Int64.max
        try database.run(
            """
            UPDATE download_jobs SET files_total = \(most), files_done = \(most), \
            bytes_done = \(most), bytes_saved = \(most), crashes = \(most)
            """)
        try database.run("UPDATE job_files SET attempts = \(most), not_before = \(most)")
        let again = try open()
        let jobs = try await again.jobs(matching: JobFilter(), limit: 9, from: .offset(0)).jobs
        #expect(jobs.reduce(0) { $0 + $1.progress.filesTotal + $1.progress.filesDone } == 6 << 53)
        #expect(jobs.reduce(0) { $0 + $1.progress.bytesDone } == 3 << 53)
        let files = try await again.files(of: job.id, in: nil, limit: 1, offset: 0)
        let file = try #require(files.first)
        #expect(file.attempts == 1 << 53)
        #expect(file.notBefore.map { ($0 + .seconds(1)).iso8601.isEmpty } == false)
    }

    @Test func `a closed store is stopping`() async throws {
        let store = try open()
        store.close()
        store.close()
        await #expect(throws: JobError.stopping) { try await store.probe() }
        await #expect(throws: JobError.stopping) { try await store.insert(.sample(), at: .noon) }
    }

    @Test func `an id is not given twice, even when its job is gone`() async throws {
        let store = try open()
        for _ in 0..<2 { _ = try await store.insert(.sample(), at: .noon) }
        let other = try Database(path: path, access: .plain)
        try other.run("DELETE FROM download_jobs WHERE id = 2")
        #expect(try await store.insert(.sample(), at: .noon).id == JobID(3))
    }

    @Test func `a row reads like the predecessor's`() async throws {
        let store = try open()
        _ = try await store.insert(
            .sample(dataTypes: [.trades, .quotes], symbols: ["BTCUSDT", "ETHUSDT"], days: 2),
            at: Timestamp("2025-11-13T10:20:30.123456Z")!)
        let other = try Database(path: path, access: .readOnly)
        let row = try other.first("SELECT * FROM download_jobs ORDER BY id DESC LIMIT 5") { row in
            (0..<13).map { row.textIfAny($0) }
        }
        #expect(
            row == [
                "1", "pending", "binance", #"["trades", "quotes"]"#, #"["BTCUSDT", "ETHUSDT"]"#,
                "2024-01-01", "2024-01-02", "./datasets/btc", "2025-11-13 10:20:30.123456", nil,
                nil, nil, "intern",
            ])
    }

    @Test func `a backup holds what has been committed, and replaces nothing`() async throws {
        let store = try open()
        let job = try await store.insert(.sample(), at: .noon)
        try SQLiteJobStore.backUp(path, to: folder.path("backup.db"))
        _ = try await store.insert(.sample(), at: .noon)
        let text = await refusal { try SQLiteJobStore.backUp(path, to: folder.path("backup.db")) }
        #expect(text?.contains("there is a file already") == true)

        let copy = try SQLiteJobStore(path: folder.path("backup.db"), readers: 1)
        let page = try await copy.jobs(matching: JobFilter(), limit: 9, from: .offset(0))
        #expect(page == JobPage(jobs: [job], total: 1))
    }

    @Test func `a hundred thousand files are one plan`() async throws {
        let store = try open()
        _ = try await store.insert(.sample(), at: .noon)
        let job = try #require(try await store.claimJob(at: .noon))
        let plan = [PlannedFile](repeating: .sample(), count: 100_000)
        try await store.expand(job.id, into: plan, notes: [])
        #expect(try await store.job(job.id)?.progress.filesTotal == 100_000)
        #expect(try await store.fileStateCounts(of: job.id).counts == [.pending: 100_000])
        let claimed = try await store.claimFiles(of: job.id, limit: 16, at: .noon)
        #expect(claimed.map(\.position) == Array(0..<16))
        try await store.endRemainingFiles(of: job.id, as: .failed, because: .refused)
        #expect(try await store.job(job.id)?.progress.filesFailed == 100_000)
    }

    // MARK: Refused at start

    @Test func `a file that is no database is refused, with advice`() async throws {
        try write([UInt8](repeating: UInt8(ascii: "x"), count: 9_000), at: 0)
        let text = await refusal { _ = try open() }
        #expect(text?.contains("\(path) is not a SQLite database. Point DATABASE_URL") == true)
    }

    @Test func `a damaged database is refused, with advice`() async throws {
        let store = try open()
        for number in 0..<200 {
            _ = try await store.insert(.sample(user: "user \(number)"), at: .noon)
        }
        store.close()
        let pages = try Database(path: path, access: .plain).number("PRAGMA page_count")
        for page in 8..<Int(pages) {
            try write([UInt8](repeating: 7, count: 2_000), at: page * 4_096)
        }
        let text = await refusal { _ = try open() }
        #expect(text?.contains("is damaged. Stop the service, then run make restore-db") == true)
    }

    @Test func `a missing folder is refused, with advice`() async throws {
        let text = await refusal {
            _ = try SQLiteJobStore(path: folder.path("no/downloads.db"), readers: 1)
        }
        #expect(text?.contains("Make sure that its folder exists") == true)
    }

    @Test func `the database of a newer version is refused, and stays as it is`() async throws {
        try open().close()
        let other = try Database(path: path, access: .plain)
        try other.execute("PRAGMA user_version = 1000")
        let text = await refusal { _ = try open() }
        #expect(text?.contains("written by a newer version of this service") == true)
        #expect(text?.contains("version 1000") == true)
        #expect(try other.number("PRAGMA user_version") == 1_000)
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws {
        let stream = try #require(fopen(path, offset == 0 ? "we" : "r+e"))
        fseek(stream, offset, SEEK_SET)
        fwrite(bytes, 1, bytes.count, stream)
        fclose(stream)
    }

    @Test func `a job with bytes where text belongs ends, and is told of`() async throws {
        let store = try open()
        let job = try await store.insert(.sample(), at: .noon)
        let database = try Database(path: path, access: .readWrite)
        try database.run("UPDATE download_jobs SET output_path = CAST(output_path AS BLOB)")
        _ = try await store.finish(job.id, as: .cancelled, errorMessage: "x", at: .noon)
        let notification = try #require(try await store.nextNotification())
        #expect(notification.job.outputPath == job.outputPath)
    }

    @Test func `a day of one user's notifications is one message, recorded in steps`() async throws
    {
        let store = try open()
        for user in ["mallory", "zoe"] {
            let job = try await store.insert(.sample(user: user), at: .noon)
            _ = try await store.finish(job.id, as: .cancelled, errorMessage: "x", at: .noon)
        }
        let database = try Database(path: path, access: .readWrite)
        let columns = "kind, queued_at, job_id, status, created_by, verification, job"
        try database.run(
            """
            WITH RECURSIVE numbers (n) AS (
                SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < 28940)
            INSERT INTO notifications (\(columns))
                SELECT \(columns) FROM notifications, numbers WHERE created_by = 'mallory'
            """)
        let first = try #require(try await store.nextNotification())
        #expect(first.merged?.count == 28_940 && first.merged?.jobs == 1)
        let other = try #require(try await store.nextNotification(after: "mallory"))
        #expect(other.job.createdBy == "zoe" && other.merged == nil)
        try await store.record(
            .delivered(at: .noon), of: first.id, through: try #require(first.merged?.last))
        #expect(try await store.nextNotification()?.id == other.id)
        #expect(
            try database.number("SELECT count(*) FROM notifications WHERE delivered_at IS NOT NULL")
                == 28_940)
    }
}
