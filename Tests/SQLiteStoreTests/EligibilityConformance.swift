// Who may be cancelled, paused, retried, changed and verified: the SQL that finds such jobs agrees
// with the domain's rule in every state that the schema allows.

import Datasets
import Jobs
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct EligibilityConformance {
    private let folder = TemporaryFolder()

    private func store() throws -> SQLiteJobStore {
        try SQLiteJobStore(path: folder.path("downloads.db"), readers: 1)
    }

    private static let actions: [JobAction] =
        [.cancel, .retry, .retryGaps, .pause, .resume]
        + [nil, Priority.normal, Priority(rawValue: 7)].flatMap { priority in
            [nil, false, true].map { .change(priority: priority, isPinned: $0) }
        }

    @Test func `jobs are found for an action exactly where the domain allows it`() async throws {
        let store = try store()
        defer { store.close() }
        try await store.write { try $0.execute(EligibilityConformance.everyJob) }
        let jobs = try await store.selection(
            for: .cancel, matching: JobFilter(), limit: 1_000
        ).jobs
        // Of every state, planned and not, with and without each kind of file.
        #expect(Set(jobs.map(\.state)) == Set(JobState.allCases))
        #expect(jobs.count == EligibilityConformance.legalJobs)
        for action in EligibilityConformance.actions {
            let selection = try await store.selection(
                for: action, matching: JobFilter(), limit: 1_000)
            let possible = selection.jobs.filter { action.eligibility(of: $0) == .act }
            #expect(selection.matched == jobs.count)
            #expect(selection.actionable == possible.count, "\(action)")
            #expect(Array(selection.jobs.prefix(possible.count)) == possible, "\(action)")
        }
    }

    @Test func `a job is verified exactly where it has ended and has published files`()
        async throws
    {
        let store = try store()
        defer { store.close() }
        var number: Int64 = 0
        for state in JobState.allCases {
            // A completed job with any other file is illegal.
            for file in FileState.allCases where state != .completed || file.isGood {
                for wasPublished in [false, true] {
                    number += 1
                    let (id, sum) = (JobID(number), String(repeating: "0a", count: 32))
                    try await store.write { database in
                        try EligibilityConformance.insert(state, with: file, into: database)
                        try EligibilityConformance.insert(
                            file, of: id, expecting: wasPublished ? sum : nil, into: database)
                    }
                    let hasEnded = state == .completed || state == .failed
                    let isPublished = file == .ok || file == .empty
                    let begun = try await store.beginVerification(
                        of: id, by: .service, acceptsRevision: false, at: .noon)
                    #expect(
                        (begun != nil)
                            == (hasEnded && (isPublished || file == .failed && wasPublished)),
                        "\(state) \(file) \(wasPublished)")
                    #expect(begun == nil || begun?.state == .pending)
                }
            }
        }
    }

    // MARK: - Rows

    /// For each planned, unplanned, urgent, normal, pinned and unpinned job: pending ones paused or
    /// not, and running, failed and cancelled ones, each with every subset of a failed file, a
    /// cancelled file and an accepted gap; completed ones have no failed and no cancelled file.
    private static let legalJobs = 2 * 2 * 2 * ((2 + 1 + 1 + 1) * 8 + 2)

    /// Inserts a job of every combination; the schema's constraints leave out the illegal ones.
    private static let everyJob = """
        WITH bit (b) AS (VALUES (0), (1)), state (status) AS (VALUES
            ('pending'), ('running'), ('completed'), ('failed'), ('cancelled'))
        INSERT OR IGNORE INTO download_jobs (status, paused, planned, files_failed,
            files_cancelled, gaps_accepted, priority, pinned, exchange, data_types, symbols,
            start_date, end_date, output_path, created_at, created_by, started_at,
            completed_at, files_total, files_done)
        SELECT status, paused.b, planned.b, failed.b, cancelled.b, gap.b, 5 + 2 * urgent.b,
            pinned.b, 'binance', '["trades"]', '["BTCUSDT"]', '2024-01-01', '2024-01-02',
            './datasets', \(noon), 'ann', \(noon),
            iif(status IN ('pending', 'running'), NULL, \(noon)), 2, iif(status = 'completed', 2, 0)
        FROM state, bit AS paused, bit AS planned, bit AS failed, bit AS cancelled, bit AS gap,
            bit AS urgent, bit AS pinned
        """

    private static let noon = "'2025-11-13 12:00:00.000000'"

    private static func insert(
        _ state: JobState, with file: FileState, into database: Database
    ) throws {
        let counts = [file.isGood, file == .failed, file == .cancelled].map { $0 ? "1" : "0" }
        let end = state.isFinal ? noon : "NULL"
        try database.execute(
            """
            INSERT INTO download_jobs (status, planned, exchange, data_types, symbols, start_date,
                end_date, output_path, created_at, created_by, started_at, completed_at,
                files_total, files_done, files_failed, files_cancelled)
            VALUES ('\(state.rawValue)', 1, 'binance', '["trades"]', '["BTCUSDT"]', '2024-01-01',
                '2024-01-01', './datasets', \(noon), 'ann', \(noon), \(end), 1,
                \(counts.joined(separator: ", ")))
            """)
    }

    /// - Parameter sum: of the file as it was published before.
    private static func insert(
        _ state: FileState, of id: JobID, expecting sum: String?, into database: Database
    ) throws {
        let isPublished = state == .ok || state == .empty
        try database.run(
            """
            INSERT INTO job_files (job_id, position, exchange, data_type, day, symbol, state,
                sha256, bytes, rows, code, detail, expected_sha256)
            VALUES (?, 0, 'binance', 'trades', '2024-01-01', 'BTCUSDT', ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                SQLValue(id), .text(state.rawValue),
                SQLValue(isPublished ? String(repeating: "ff", count: 32) : nil),
                SQLValue(isPublished ? 20 : nil),
                SQLValue(isPublished ? (state == .ok ? 7 : 0) : nil),
                SQLValue(state.isFinal && !isPublished ? "code" : nil),
                SQLValue(state.isFinal && !isPublished ? "why" : nil), SQLValue(sum),
            ])
    }
}
