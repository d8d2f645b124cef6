// Jobs on their way into the store. It must not know what runs them.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func submit(
        _ submission: Submission, at now: Timestamp
    ) async throws -> SubmissionOutcome {
        // Made on the caller's thread: the writer is the one that everybody waits for.
        let row = SubmittedRow(submission, at: now)
        return try await write { try row.settle(in: $0) }
    }

    package func outcome(
        of key: String, fingerprint: [UInt8], by user: String, at now: Timestamp
    ) async throws -> SubmissionOutcome? {
        try read { database in
            try KeyTable.outcome(
                of: key, fingerprint: fingerprint, by: user, at: now, in: database)
        }
    }
}

/// A submission as the values of a row.
struct SubmittedRow: Sendable {
    static let insertion = """
        INSERT OR ROLLBACK INTO download_jobs (status, exchange, data_types, symbols, start_date,
            end_date, output_path, created_at, created_by, notes, files_total, priority,
            pinned, request_digest)
        VALUES ('pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    private let submission: Submission
    private let digest: [UInt8]
    private let values: [SQLValue]
    private let now: Timestamp

    private var user: String { submission.request.createdBy }

    init(_ submission: Submission, at now: Timestamp) {
        let request = submission.request
        self.submission = submission
        self.now = now
        digest = RequestDigest.bytes(of: request.identity)
        values = [
            .text(request.exchange),
            .text(StringList.text(of: request.dataTypes.map(\.name))),
            .text(StringList.text(of: request.symbols)),
            .text(request.days.lowerBound.description),
            .text(request.days.upperBound.description),
            .text(request.outputPath),
            .text(now.databaseText),
            .text(request.createdBy),
            .text(StringList.text(of: request.notes)),
            SQLValue(request.fileCount),
            SQLValue(submission.priority.rawValue),
            .integer(submission.isPinned ? 1 : 0),
            .blob(digest),
        ]
    }

    /// Decides what becomes of the submission, and keeps that.
    func settle(in database: Database) throws -> SubmissionOutcome {
        if let idempotency = submission.idempotency {
            let earlier = try KeyTable.outcome(
                of: idempotency.key, fingerprint: idempotency.fingerprint, by: user, at: now,
                in: database)
            if let earlier { return earlier }
        }
        try KeyTable.forget(at: now, in: database)
        if !submission.isForced, let job = try equalJob(in: database) {
            try keepAnswer(about: job, isDuplicate: true, in: database)
            return .duplicate(of: job)
        }
        if let excess = try excess(in: database) { return .overLimit(excess) }
        try noteDay(in: database)
        let job = try insert(in: database)
        try EventTable.add(
            .submitted, to: job.id, by: submission.principal, at: now, in: database)
        try keepAnswer(about: job, isDuplicate: false, in: database)
        return .accepted(job)
    }

    /// The active job with an equal request; one that is paused only where there is no other.
    private func equalJob(in database: Database) throws -> Job? {
        // Two questions, the second of them seldom, because sorting costs more than looking.
        let first = try equalJob(where: "TRUE", in: database)
        guard let first, first.control.isPaused else { return first }
        return try equalJob(where: "paused = 0", in: database) ?? first
    }

    private func equalJob(where condition: String, in database: Database) throws -> Job? {
        try database.first(
            """
            SELECT \(JobTable.columns) FROM download_jobs
                INDEXED BY download_jobs_active_by_request
            WHERE request_digest = ? AND status IN ('pending', 'running') AND created_by = ?
                AND verifying = 0 AND \(condition)
            ORDER BY id LIMIT 1
            """, [.blob(digest), .text(user)]
        ) { try JobTable.job(in: $0) }
    }

    private func excess(in database: Database) throws -> LimitExcess? {
        let limits = submission.limits
        guard !submission.principal.isAdmin, limits != .none else { return nil }
        let usage = try database.first(
            "SELECT active_jobs, iif(day = ?, files, 0) FROM user_usage WHERE user = ?",
            [.text(now.day.description), .text(user)]
        ) { row in
            UserUsage(activeJobs: Int(row.integer(0)), filesToday: Int(row.integer(1)))
        }
        return limits.excess(of: submission.request.fileCount, over: usage ?? UserUsage())
    }

    /// Has the user's files of today counted from nothing where today is another day.
    private func noteDay(in database: Database) throws {
        try database.run(
            """
            INSERT INTO user_usage (user, active_jobs, day, files) VALUES (?, 0, ?, 0)
            ON CONFLICT (user) DO UPDATE SET day = excluded.day, files = 0
            WHERE day <> excluded.day
            """, [.text(user), .text(now.day.description)])
    }

    /// - Throws: with the whole transaction rolled back: see ``Schema/plainInsertion``.
    private func insert(in database: Database) throws -> Job {
        try database.run(SubmittedRow.insertion, values)
        return submission.job(JobID(database.lastInsertedRow), at: now)
    }

    private func keepAnswer(
        about job: Job, isDuplicate: Bool, in database: Database
    ) throws {
        guard let idempotency = submission.idempotency else { return }
        let answer = KeptAnswer(job: job.id, content: idempotency.answer(job, isDuplicate))
        try KeyTable.keep(answer, for: idempotency, of: user, at: now, in: database)
    }
}
