// Results of attempts at files, recorded together with the counters of the file's job.

import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func record(
        _ ending: AttemptResult, of id: JobID, position: Int, during span: AttemptSpan
    ) async throws {
        let recorder = AttemptRecorder(result: ending, job: id, position: position, span: span)
        try await write { try recorder.record(in: $0) }
    }
}

/// Records how an attempt at a running file ended. A file that is not running stays as it is.
private struct AttemptRecorder: Sendable {
    let result: AttemptResult
    let job: JobID
    let position: Int
    let span: AttemptSpan

    private var key: [SQLValue] { FileTable.key(of: job, position) }

    func record(in database: Database) throws {
        var counts = FileCounts()
        switch result {
        case .published(let checksum):
            guard let wasVerified = try publish(checksum, in: database) else { return }
            counts[checksum.state] = 1
            counts.bytes = checksum.bytes
            if !wasVerified, checksum.origin != .upstream { counts.saved = checksum.bytes }
        case .unavailable(let failure):
            guard try end(as: .unavailable, nil, failure, in: database) else { return }
            counts[.unavailable] = 1
        case .failed(let failure):
            guard try end(as: .failed, nil, failure, in: database) else { return }
            counts[.failed] = 1
        case .retry(let moment, let failure):
            guard try end(as: .pending, moment, failure, in: database) else { return }
        case .released(let moment):
            // This attempt does not count.
            return try database.run(
                """
                UPDATE job_files SET state = 'pending', not_before = coalesce(?, not_before)
                WHERE \(FileTable.isFile) AND state = 'running'
                """, [SQLValue(moment?.microseconds)] + key)
        }
        try counts.add(to: job, in: database)
    }

    private static let publishing = """
        UPDATE job_files SET state = ?, attempts = attempts + 1, bytes = ?, rows = ?,
            first_timestamp = ?, last_timestamp = ?, sha256 = ?, origin = ?, began_at = ?,
            ended_at = ?, not_before = NULL, \(FileTable.clearFailure), expected_sha256 = NULL
        WHERE \(FileTable.isFile) AND state = 'running'
        """
    /// For files that are not being verified: nearly all.
    private static let publishingNew = publishing + " AND expected_sha256 IS NULL"

    /// A file that is unchanged keeps its origin and the times of its attempt.
    private static let confirming = """
        UPDATE job_files SET state = ?, attempts = attempts + 1, bytes = ?, rows = ?,
            first_timestamp = ?, last_timestamp = ?, sha256 = ?, origin = coalesce(origin, ?),
            not_before = NULL, \(FileTable.clearFailure), expected_sha256 = NULL
        WHERE \(FileTable.isFile) AND state = 'running'
        """

    /// - Returns: whether the file was being verified; `nil` if it was not running.
    private func publish(_ checksum: FileChecksum, in database: Database) throws -> Bool? {
        let found: [SQLValue] = [
            .text(checksum.state.rawValue), .integer(checksum.bytes), .integer(checksum.rows),
            SQLValue(checksum.firstTimestamp?.microseconds),
            SQLValue(checksum.lastTimestamp?.microseconds), .text(checksum.sha256),
            .text(checksum.origin.rawValue),
        ]
        let times: [SQLValue] = [
            .integer(span.began.microseconds), .integer(span.ended.microseconds),
        ]
        // `RETURNING` would save the second statement, but prepares a table for what it returns.
        try database.run(AttemptRecorder.publishingNew, found + times + key)
        if database.changes > 0 { return false }
        try note(checksum.finding, checksum.sha256, in: database)
        if checksum.origin == .disk, checksum.finding == nil {
            try database.run(AttemptRecorder.confirming, found + key)
        } else {
            try AttemptTable.savePublishing(of: job, position, in: database)
            try database.run(AttemptRecorder.publishing, found + times + key)
        }
        return database.changes > 0 ? true : nil
    }

    /// - Returns: whether the file was running.
    private func end(
        as state: FileState, _ notBefore: Timestamp?, _ failure: FileFailure,
        in database: Database
    ) throws -> Bool {
        try note(failure.finding, failure.revisionSHA256, in: database)
        try AttemptTable.savePublishing(of: job, position, in: database)
        try database.run(
            """
            UPDATE job_files SET state = ?, attempts = attempts + 1, not_before = ?,
                \(FileTable.setFailure), began_at = NULL, ended_at = NULL
            WHERE \(FileTable.isFile) AND state = 'running'
            """,
            [.text(state.rawValue), SQLValue(notBefore?.microseconds)] + failure.values + key)
        guard database.changes > 0 else { return false }
        if let attempt = FileAttempt(span, result: result) {
            try AttemptTable.save(attempt, of: job, position, in: database)
        }
        return true
    }

    /// Records how a verification found the file, and other bytes of it that Tardis had.
    private func note(
        _ finding: FileFinding?, _ sha256: String?, in database: Database
    ) throws {
        guard finding != nil || sha256 != nil else { return }
        try database.run(
            """
            UPDATE job_files SET finding = coalesce(finding, ?1),
                changed = iif(?2 <> expected_sha256, 1, changed),
                former_sha256 = iif(?2 <> expected_sha256, expected_sha256, former_sha256),
                revision_sha256 = iif(?2 <> expected_sha256, ?2, revision_sha256),
                revision_seen_at = iif(?2 <> expected_sha256, ?3, revision_seen_at)
            WHERE job_id = ?4 AND position = ?5 AND state = 'running'
                AND expected_sha256 IS NOT NULL
            """,
            [SQLValue(finding?.rawValue), SQLValue(sha256), .integer(span.ended.microseconds)]
                + key)
    }
}

/// Counts of files of one job by state, and what they add to the job's row.
struct FileCounts {
    private var states: [FileState: Int] = [:]
    /// Compressed bytes of published files.
    var bytes: Int64 = 0
    /// The part of ``bytes`` that was not downloaded.
    var saved: Int64 = 0

    init() {}

    init(_ states: some Sequence<FileState>) {
        for state in states { self[state] += 1 }
    }

    subscript(state: FileState) -> Int {
        get { states[state] ?? 0 }
        set { states[state] = newValue }
    }

    /// Files that ended well, which ``JobProgress/filesDone`` counts.
    private var done: Int { states.reduce(0) { $0 + ($1.key.isGood ? $1.value : 0) } }

    /// Changes the counters of a job, up or down.
    static let changes = """
        files_done = max(files_done + ?, 0), files_empty = max(files_empty + ?, 0),
        files_unavailable = max(files_unavailable + ?, 0), files_failed = max(files_failed + ?, 0),
        files_cancelled = max(files_cancelled + ?, 0)
        """

    /// The values of ``changes``.
    ///
    /// - Parameter sign: -1 for files that leave these states.
    func values(_ sign: Int = 1) -> [SQLValue] {
        [done, self[.empty], self[.unavailable], self[.failed], self[.cancelled]].map {
            SQLValue($0 * sign)
        }
    }

    private static let adding = """
        UPDATE download_jobs SET \(changes), bytes_done = bytes_done + ?,
            bytes_saved = bytes_saved + ?, crashes = 0
        WHERE id = ?
        """

    /// Adds the counts to the job. An attempt that ended proves that the job does not crash the
    /// service.
    func add(to id: JobID, in database: Database) throws {
        try database.run(
            FileCounts.adding, values() + [.integer(bytes), .integer(saved), SQLValue(id)])
    }
}
