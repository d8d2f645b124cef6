// Databases of earlier versions: their counts, their digests, and a table that people print.

import Datasets
import Jobs
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct EarlierVersionTests {
    let folder = TemporaryFolder()
    var path: String { folder.path("downloads.db") }

    /// The digest of a job with one file whose SHA-256 is all `0a`, as version 2.0 made it.
    private static let plain =
        "\(FileChecksum.sample().sha256)  \(PlannedFile.sample().file.name)\n"
    private static let plainDigest = DatasetDigest.sha256(plain)

    /// A database of the version before, with an ended job.
    private func make(_ job: String, files: [String]) throws {
        let database = try Database(path: path, access: .readWrite)
        try Migrator(Array(Schema.migrations.prefix(10))).run(on: database)
        try database.execute(
            """
            INSERT INTO download_jobs (id, exchange, data_types, symbols, start_date, end_date,
                output_path, created_at, started_at, completed_at, created_by, planned, status,
                files_total, files_done, files_failed, dataset_digest, request_digest)
            VALUES (1, 'binance', '["trades"]', '["BTCUSDT"]', '2024-01-01', '2024-01-05',
                './datasets', '2025-01-01 00:00:00.000000', '2025-01-01 00:00:00.000000',
                '2025-01-01 00:00:05.000000', 'ann', 1, \(job), zeroblob(32))
            """)
        for (position, file) in files.enumerated() {
            try database.execute(
                """
                INSERT INTO job_files (job_id, position, exchange, data_type, day, symbol, state,
                    sha256, bytes, rows, code, detail)
                VALUES (1, \(position), 'binance', 'trades', '2024-01-0\(position + 1)', 'BTCUSDT',
                    \(file))
                """)
        }
        database.close()
    }

    private static let sum = "'\(FileChecksum.sample().sha256)'"

    @Test func `files are counted by their ends`() async throws {
        try make(
            "'cancelled', 5, 3, 2, NULL",
            files: [
                "'ok', \(Self.sum), 9, 1, NULL, NULL", "'empty', \(Self.sum), 9, 0, NULL, NULL",
                "'unavailable', NULL, NULL, NULL, 'delisted', 'x'",
                "'failed', NULL, NULL, NULL, 'x', 'x'",
                "'cancelled', NULL, NULL, NULL, 'cancelled', 'x'",
            ])
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        #expect(
            try await store.job(JobID(1))?.progress
                == JobProgress(
                    filesTotal: 5, filesDone: 3, filesEmpty: 1, filesUnavailable: 1, filesFailed: 1,
                    filesCancelled: 1, isPlanned: true))
    }

    @Test func `a digest stays as long as the files are the same`() async throws {
        try make(
            "'completed', 1, 1, 0, '\(Self.plainDigest)'",
            files: ["'ok', \(Self.sum), 9, 1, NULL, NULL"])
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        #expect(try await store.checksums(of: JobID(1)).text == Self.plain)
        _ = try await store.beginVerification(of: JobID(1))
        _ = try await store.claimJob(at: .noon)
        _ = try await store.claimFiles(of: JobID(1), limit: 1, at: .noon)
        var proof = FileChecksum.sample()
        proof.origin = .disk
        try await store.record(.published(proof), of: JobID(1), position: 0)
        let ended = try await store.finish(
            JobID(1), as: .completed, errorMessage: nil, at: .noon)
        #expect(ended?.integrity.datasetDigest == Self.plainDigest)
        #expect(ended?.integrity.formerDigest == nil)
        #expect(try await store.checksums(of: JobID(1)).text == Self.plain)
    }

    @Test func `the digest of nothing is none`() async throws {
        let nothing = DatasetDigest.sha256("")
        try make(
            "'completed', 1, 1, 0, '\(nothing)'",
            files: ["'unavailable', NULL, NULL, NULL, 'delisted', 'x'"])
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        #expect(try await store.job(JobID(1))?.integrity.datasetDigest == nil)
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

    @Test func `the table of jobs holds nothing that cannot be printed`() async throws {
        try make("'failed', 1, 0, 1, NULL", files: ["'failed', NULL, NULL, NULL, 'x', 'x'"])
        let store = try SQLiteJobStore(path: path, readers: 1)
        _ = try await store.insert(.sample(), at: .noon)
        // The digest of an earlier version is found as before.
        let again = try await store.submit(Submission.sample(.sample()), at: .noon)
        guard case .duplicate = again else {
            Issue.record("\(again)")
            return
        }
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
                "SELECT count(*) FROM download_jobs WHERE length(request_digest) = 64") == 2)
        #expect(try database.problems(thorough: true) == [])
    }
}
