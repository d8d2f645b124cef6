// Results of attempts at files, recorded together with the counters of the files' jobs.

import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func record(
        _ ending: AttemptResult, of id: JobID, position: Int, during span: AttemptSpan
    ) async throws {
        let attempt = AttemptRecord(ending: ending, job: id, position: position, span: span)
        try await withCheckedThrowingContinuation { continuation in
            let slip = RecordingDesk.Slip(attempt: attempt, continuation: continuation)
            guard let group = desk.add(slip) else { return }
            Task { await record(group) }
        }
    }

    private func record(_ group: RecordingDesk.Group) async {
        do {
            try await write { try AttemptRecorder.keep(group.slips.map(\.attempt), in: $0) }
            for slip in group.slips { slip.continuation.resume() }
        } catch {
            guard group.slips.count > 1 else {
                return group.slips.forEach { $0.continuation.resume(throwing: error) }
            }
            // One of them may be to blame, and must not cost the others their records.
            for slip in group.slips { await recordAlone(slip) }
        }
    }

    private func recordAlone(_ slip: RecordingDesk.Slip) async {
        do {
            try await write { try AttemptRecorder.keep([slip.attempt], in: $0) }
            slip.continuation.resume()
        } catch {
            slip.continuation.resume(throwing: error)
        }
    }
}

/// An attempt at a running file that has ended.
struct AttemptRecord: Sendable {
    let ending: AttemptResult
    let job: JobID
    let position: Int
    let span: AttemptSpan

    /// The file's key, as two columns.
    fileprivate var key: [SQLValue] { [.integer(job.rawValue), SQLValue(position)] }
}

/// Records attempts that have ended.
enum AttemptRecorder {
    /// Records them all. Whatever ended before, or is not there, stays as it is.
    static func keep(_ attempts: [AttemptRecord], in database: Database) throws {
        var counts: [JobID: FileCounts] = [:]
        // Nearly all attempts publish: their statement is taken out of the cache once for all.
        try database.withStatement(publishingNew) { statement in
            for attempt in attempts {
                try end(
                    attempt, adding: &counts[attempt.job, default: FileCounts()],
                    publishingBy: statement, in: database)
            }
        }
        for (job, counts) in counts { try counts.add(to: job, in: database) }
    }

    private static func end(
        _ attempt: AttemptRecord, adding counts: inout FileCounts,
        publishingBy statement: Statement, in database: Database
    ) throws {
        switch attempt.ending {
        case .published(let checksum):
            // The row of the file tells all there is to tell of this attempt.
            guard let wasVerified = try publish(attempt, checksum, by: statement, in: database)
            else { return }
            counts[checksum.state] += 1
            counts.bytes += checksum.bytes
            if !wasVerified, checksum.origin != .upstream { counts.saved += checksum.bytes }
        case .unavailable(let failure):
            let hasEnded = try end(attempt, as: .unavailable, nil, failure, in: database)
            counts[.unavailable] += hasEnded ? 1 : 0
        case .failed(let failure):
            let hasEnded = try end(attempt, as: .failed, nil, failure, in: database)
            counts[.failed] += hasEnded ? 1 : 0
        case .retry(let moment, let failure):
            let hasEnded = try end(attempt, as: .pending, moment, failure, in: database)
            counts.attempts += hasEnded ? 1 : 0
        case .released(let moment):
            try database.run(
                """
                UPDATE job_files SET state = 'pending', not_before = coalesce(?, not_before)
                WHERE job_id = ? AND position = ? AND state = 'running'
                """, [SQLValue(moment?.microseconds)] + attempt.key)
        }
    }

    private static let publishing = """
        UPDATE job_files SET state = ?, attempts = attempts + 1, bytes = ?, rows = ?,
            first_timestamp = ?, last_timestamp = ?, sha256 = ?, origin = ?, began_at = ?,
            ended_at = ?, not_before = NULL, code = NULL, detail = NULL, http_status = NULL,
            expected_sha256 = NULL
        WHERE job_id = ? AND position = ? AND state = 'running'
        """
    /// Of a file that is not being verified: nearly every one.
    private static let publishingNew = publishing + " AND expected_sha256 IS NULL"

    /// That a file is as it was changes nothing about where it came from, and when.
    private static let confirming = """
        UPDATE job_files SET state = ?1, attempts = attempts + 1, bytes = ?2, rows = ?3,
            first_timestamp = ?4, last_timestamp = ?5, sha256 = ?6, origin = coalesce(origin, ?7),
            not_before = NULL, code = NULL, detail = NULL, http_status = NULL,
            expected_sha256 = NULL
        WHERE job_id = ?8 AND position = ?9 AND state = 'running'
        """

    /// Keeps how a file was found that was to be verified, and other bytes of it that were seen.
    private static let finding = """
        UPDATE job_files SET finding = coalesce(finding, ?1),
            changed = iif(?2 <> expected_sha256, 1, changed),
            former_sha256 = iif(?2 <> expected_sha256, expected_sha256, former_sha256),
            revision_sha256 = iif(?2 <> expected_sha256, ?2, revision_sha256),
            revision_seen_at = iif(?2 <> expected_sha256, ?3, revision_seen_at)
        WHERE job_id = ?4 AND position = ?5 AND state = 'running'
            AND expected_sha256 IS NOT NULL
        """

    private static func note(
        _ finding: FileFinding?, _ sha256: String?, of attempt: AttemptRecord,
        in database: Database
    ) throws {
        guard finding != nil || sha256 != nil else { return }
        try database.run(
            AttemptRecorder.finding,
            [
                SQLValue(finding?.rawValue), SQLValue(sha256),
                .integer(attempt.span.ended.microseconds),
            ] + attempt.key)
    }

    /// - Returns: whether the file was being verified; `nil` where it was not running.
    private static func publish(
        _ attempt: AttemptRecord, _ checksum: FileChecksum, by statement: Statement,
        in database: Database
    ) throws -> Bool? {
        let values: [SQLValue] =
            [
                .text(checksum.state.rawValue), .integer(checksum.bytes), .integer(checksum.rows),
                SQLValue(checksum.firstTimestamp?.microseconds),
                SQLValue(checksum.lastTimestamp?.microseconds), .text(checksum.sha256),
                .text(checksum.origin.rawValue), .integer(attempt.span.began.microseconds),
                .integer(attempt.span.ended.microseconds),
            ] + attempt.key
        // `RETURNING` would tell all at once, but prepares a table for what it returns.
        try statement.run(values)
        if database.changes > 0 { return false }
        let isAsItWas = checksum.origin == .disk && checksum.finding == nil
        try note(checksum.finding, checksum.sha256, of: attempt, in: database)
        if !isAsItWas {
            try AttemptTable.keepPublishing(of: attempt.job, attempt.position, in: database)
        }
        // The seventh value is the last but those of the span and the key.
        try database.run(
            isAsItWas ? confirming : publishing,
            isAsItWas ? Array(values.prefix(7)) + attempt.key : values)
        return database.changes > 0 ? true : nil
    }

    /// - Returns: whether the file was running.
    private static func end(
        _ attempt: AttemptRecord, as state: FileState, _ notBefore: Timestamp?,
        _ failure: FileFailure, in database: Database
    ) throws -> Bool {
        try note(failure.finding, failure.revisionSHA256, of: attempt, in: database)
        try AttemptTable.keepPublishing(of: attempt.job, attempt.position, in: database)
        try database.run(
            """
            UPDATE job_files SET state = ?, attempts = attempts + 1, not_before = ?, code = ?,
                detail = ?, http_status = ?, began_at = NULL, ended_at = NULL
            WHERE job_id = ? AND position = ? AND state = 'running'
            """,
            [.text(state.rawValue), SQLValue(notBefore?.microseconds)] + failure.values
                + attempt.key)
        guard database.changes > 0 else { return false }
        if let kept = FileAttempt(attempt.span, result: attempt.ending) {
            try AttemptTable.keep(kept, of: attempt.job, attempt.position, in: database)
        }
        return true
    }
}

/// Counts of files of one job, added up before the job is changed once. A job of which an attempt
/// has ended is none that crashes the service.
struct FileCounts: Equatable {
    /// By state; of those that ended well, whatever way, ``JobProgress/filesDone`` has the sum.
    private var states: [FileState: Int] = [:]
    var bytes: Int64 = 0
    var saved: Int64 = 0
    /// Attempts that count.
    var attempts = 0

    init() {}

    /// Files that are in these states now.
    init(_ states: some Sequence<FileState>) {
        for state in states { self[state] += 1 }
    }

    /// Files in a state.
    subscript(state: FileState) -> Int {
        get { states[state] ?? 0 }
        set { states[state] = newValue == 0 ? nil : newValue }
    }

    /// Files that ended well.
    var done: Int { states.reduce(0) { $0 + ($1.key.isGood ? $1.value : 0) } }

    /// Changes the numbers of a job's files, up or down.
    static let changes = """
        files_done = max(files_done + ?, 0), files_empty = max(files_empty + ?, 0),
        files_unavailable = max(files_unavailable + ?, 0), files_failed = max(files_failed + ?, 0),
        files_cancelled = max(files_cancelled + ?, 0)
        """

    /// The values of ``changes``.
    ///
    /// - Parameter sign: -1 for files that are in these states no more.
    func values(_ sign: Int = 1) -> [SQLValue] {
        [done, self[.empty], self[.unavailable], self[.failed], self[.cancelled]].map {
            SQLValue($0 * sign)
        }
    }

    /// Adds them to the job, where there is anything to add.
    func add(to id: JobID, in database: Database) throws {
        guard self != FileCounts() else { return }
        try database.run(
            """
            UPDATE download_jobs SET \(FileCounts.changes), bytes_done = bytes_done + ?,
                bytes_saved = bytes_saved + ?, crashes = 0
            WHERE id = ?
            """,
            values() + [.integer(bytes), .integer(saved), .integer(id.rawValue)])
    }
}
