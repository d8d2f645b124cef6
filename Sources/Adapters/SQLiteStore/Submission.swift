// Submissions: one transaction decides whether a request becomes a job.

import Bytes
import Crypto
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
            try IdempotencyKeyTable.outcome(
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
    private let digest: String
    private let values: [SQLValue]
    private let now: Timestamp

    private var user: String { submission.request.createdBy }

    init(_ submission: Submission, at now: Timestamp) {
        let request = submission.request
        self.submission = submission
        self.now = now
        let identity = request.fingerprint
        digest = RequestDigest.text(of: identity)
        values = [
            .text(request.exchange),
            .text(StringList.text(of: request.dataTypes.map(\.name))),
            .text(StringList.text(of: request.symbols)),
            .text(identity.startDate),
            .text(identity.endDate),
            .text(request.outputPath),
            .text(now.databaseText),
            .text(request.createdBy),
            .text(StringList.text(of: request.notes)),
            SQLValue(request.fileCount),
            SQLValue(submission.priority.rawValue),
            .integer(submission.isPinned ? 1 : 0),
            .text(digest),
        ]
    }

    /// Decides what becomes of the submission, and keeps that.
    func settle(in database: Database) throws -> SubmissionOutcome {
        if let idempotency = submission.idempotency {
            let earlier = try IdempotencyKeyTable.outcome(
                of: idempotency.key, fingerprint: idempotency.fingerprint, by: user, at: now,
                in: database)
            if let earlier { return earlier }
        }
        if !submission.isForced, let job = try equalJob(in: database) {
            try keepKey(of: job, isDuplicate: true, in: database)
            return .duplicate(of: job)
        }
        let (usage, day) = try usage(in: database)
        if let excess = excess(over: usage) { return .overLimit(excess) }
        if day != now.day.description { try beginDay(in: database) }
        let job = try insert(in: database)
        try EventTable.add(
            .submitted, to: job.id, by: submission.principal, at: now, in: database)
        try keepKey(of: job, isDuplicate: false, in: database)
        return .accepted(job)
    }

    /// The active job with an equal request; one that is paused only where there is no other.
    private func equalJob(in database: Database) throws -> Job? {
        // Two questions, the second of them seldom, because sorting costs more than looking.
        let first = try equalJob(SubmittedRow.anyEqual, in: database)
        guard let first, first.control.isPaused else { return first }
        return try equalJob(SubmittedRow.workingEqual, in: database) ?? first
    }

    private static let anyEqual = equalJob(where: "TRUE")
    private static let workingEqual = equalJob(where: "paused = 0")

    private static func equalJob(where condition: String) -> String {
        """
        SELECT \(JobTable.columns) FROM download_jobs
            INDEXED BY download_jobs_active_by_request
        WHERE request_digest = ? AND status IN ('pending', 'running') AND created_by = ?
            AND verifying = 0 AND \(condition)
        ORDER BY id LIMIT 1
        """
    }

    private func equalJob(_ statement: String, in database: Database) throws -> Job? {
        try database.first(statement, [.text(digest), .text(user)]) { try JobTable.job(in: $0) }
    }

    /// What the user has, and the day that the files are counted for; `nil` where nobody knows the
    /// user.
    private func usage(in database: Database) throws -> (QuotaUsage, day: String?) {
        try database.first(
            "SELECT active_jobs, files, day FROM user_usage WHERE user = ?", [.text(user)]
        ) { row in
            let day = row.text(2)
            let isToday = day == now.day.description
            return (
                QuotaUsage(
                    activeJobs: Int(row.integer(0)), filesToday: isToday ? Int(row.integer(1)) : 0),
                day
            )
        } ?? (QuotaUsage(), nil)
    }

    private func excess(over usage: QuotaUsage) -> QuotaExceeded? {
        guard !submission.principal.isAdmin else { return nil }
        return submission.limits.excess(of: submission.request.fileCount, over: usage)
    }

    /// Has the user's files counted from nothing, for today.
    private func beginDay(in database: Database) throws {
        try database.run(
            """
            INSERT INTO user_usage (user, active_jobs, day, files) VALUES (?, 0, ?, 0)
            ON CONFLICT (user) DO UPDATE SET day = excluded.day, files = 0
            """, [.text(user), .text(now.day.description)])
    }

    /// - Throws: with the whole transaction rolled back: see ``Schema/plainInsertion``.
    private func insert(in database: Database) throws -> Job {
        try database.run(SubmittedRow.insertion, values)
        return submission.job(JobID(database.lastInsertedRow), at: now)
    }

    private func keepKey(of job: Job, isDuplicate: Bool, in database: Database) throws {
        guard let idempotency = submission.idempotency else { return }
        try IdempotencyKeyTable.forget(at: now, in: database)
        try IdempotencyKeyTable.keep(
            StoredSubmission(submission.request, to: job, isDuplicate: isDuplicate),
            for: idempotency, of: user, at: now, in: database)
    }
}

/// The digest of what a request asks for.
enum RequestDigest {
    /// 64 hexadecimal digits: people print the table that it stands in.
    static func text(of identity: RequestFingerprint) -> String {
        Hexadecimal.text(bytes(of: identity))
    }

    /// SHA-256; each part goes in with its length, so that no two lists of parts look the same.
    static func bytes(of identity: RequestFingerprint) -> [UInt8] {
        let parts = identity.parts
        let room = parts.reduce(0) { room, part in
            room + OutputSpan<UInt8>.decimalDigitsMax + 1 + part.utf8.count
        }
        let content = [UInt8](capacity: room) { content in
            for part in parts {
                content.append(decimal: part.utf8.count)
                content.append(UInt8(ascii: ":"))
                content.append(text: part)
            }
        }
        return Array(SHA256.hash(data: content))
    }

    /// Gives the active jobs of an older schema theirs, as that schema has them. Its columns are
    /// those of that schema.
    static func fill(in database: Database) throws {
        let jobs = try database.rows(
            """
            SELECT id, exchange, data_types, symbols, start_date, end_date, output_path
            FROM download_jobs WHERE status IN ('pending', 'running')
            """
        ) { row in
            (
                id: row.integer(0),
                fingerprint: RequestFingerprint(
                    exchange: row.text(1), symbols: StringList.elements(of: row.text(3)),
                    dataTypes: StringList.elements(of: row.text(2)), startDate: row.text(4),
                    endDate: row.text(5), outputPath: row.text(6))
            )
        }
        for job in jobs {
            try database.run(
                "UPDATE download_jobs SET request_digest = ? WHERE id = ?",
                [.blob(bytes(of: job.fingerprint)), .integer(job.id)])
        }
    }
}
