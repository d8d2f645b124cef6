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
        // Built on the caller's thread: every write of the process waits for the writer.
        let row = SubmittedRow(submission, at: now)
        return try await write { try row.submit(in: $0) }
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
        let fingerprint = request.fingerprint
        digest = RequestDigest.text(of: fingerprint)
        values = [
            .text(request.exchange), .text(StringList.text(of: request.dataTypes.map(\.name))),
            .text(StringList.text(of: request.symbols)), .text(fingerprint.startDate),
            .text(fingerprint.endDate), .text(request.outputPath), .text(now.databaseText),
            .text(request.createdBy), .text(StringList.text(of: request.notes)),
            SQLValue(request.fileCount), SQLValue(submission.control.priority.rawValue),
            SQLValue(submission.control.isPinned), .text(digest),
        ]
    }

    /// Decides the outcome of the submission and saves it.
    func submit(in database: Database) throws -> SubmissionOutcome {
        if let idempotency = submission.idempotency {
            let earlier = try IdempotencyKeyTable.outcome(
                of: idempotency.key, fingerprint: idempotency.fingerprint, by: user, at: now,
                in: database)
            if let earlier { return earlier }
        }
        if !submission.isForced, let job = try equalJob(in: database) {
            try saveKey(of: job, isDuplicate: true, in: database)
            return .duplicate(of: job)
        }
        let (usage, day) = try usage(in: database)
        if !submission.principal.isAdmin,
            let excess = submission.limits.excess(of: submission.request.fileCount, over: usage)
        {
            return .overLimit(excess)
        }
        if day != now.day.description { try resetFileCount(in: database) }
        // A failure rolls back the whole transaction: see ``Schema/plainInsertion``.
        try database.run(SubmittedRow.insertion, values)
        let job = submission.job(JobID(database.lastInsertedRow), at: now)
        try EventTable.add(
            .submitted, to: job.id, by: submission.principal, at: now, in: database)
        try saveKey(of: job, isDuplicate: false, in: database)
        return .accepted(job)
    }

    /// The active job with an equal request; a paused one only if there is no other.
    private func equalJob(in database: Database) throws -> Job? {
        // A second query, seldom needed, costs less than sorting in the first.
        let first = try equalJob(SubmittedRow.anyEqual, in: database)
        guard let first, first.control.isPaused else { return first }
        return try equalJob(SubmittedRow.workingEqual, in: database) ?? first
    }

    private static let anyEqual = equalJob(where: "TRUE")
    private static let workingEqual = equalJob(where: "paused = 0")

    private static func equalJob(where condition: String) -> String {
        """
        INDEXED BY download_jobs_active_by_request
        WHERE request_digest = ? AND \(JobTable.isActive) AND created_by = ?
            AND verifying = 0 AND \(condition)
        ORDER BY id LIMIT 1
        """
    }

    private func equalJob(_ clauses: String, in database: Database) throws -> Job? {
        try JobTable.jobs(clauses, [.text(digest), .text(user)], in: database).first
    }

    /// What the user has, and the day that the files are counted for; `nil` for a new user.
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

    /// Counts the user's files of today from 0.
    private func resetFileCount(in database: Database) throws {
        try database.run(
            """
            INSERT INTO user_usage (user, active_jobs, day, files) VALUES (?, 0, ?, 0)
            ON CONFLICT (user) DO UPDATE SET day = excluded.day, files = 0
            """, [.text(user), .text(now.day.description)])
    }

    private func saveKey(of job: Job, isDuplicate: Bool, in database: Database) throws {
        guard let idempotency = submission.idempotency else { return }
        try IdempotencyKeyTable.removeOldest(at: now, in: database)
        try IdempotencyKeyTable.save(
            StoredSubmission(submission.request, to: job, isDuplicate: isDuplicate),
            for: idempotency, of: user, at: now, in: database)
    }
}

/// The digest of what a request asks for.
enum RequestDigest {
    /// 64 hexadecimal digits, because people print the table.
    static func text(of fingerprint: RequestFingerprint) -> String {
        Hexadecimal.text(bytes(of: fingerprint))
    }

    /// SHA-256 of the parts, each behind its length, so that different lists never have the same
    /// bytes.
    static func bytes(of fingerprint: RequestFingerprint) -> [UInt8] {
        let parts = fingerprint.parts
        let capacity = parts.reduce(0) { sum, part in
            sum + OutputSpan<UInt8>.decimalDigitsMax + 1 + part.utf8.count
        }
        let content = [UInt8](capacity: capacity) { content in
            for part in parts {
                content.append(decimal: part.utf8.count)
                content.append(UInt8(ascii: ":"))
                content.append(text: part)
            }
        }
        return Array(SHA256.hash(data: content))
    }

    /// Sets the digests of the predecessor's active jobs.
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
                [.text(text(of: job.fingerprint)), .integer(job.id)])
        }
    }
}
