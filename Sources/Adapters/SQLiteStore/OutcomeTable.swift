// What is recorded when a job ends besides its state: its digest, its notes, and what a
// verification found.

import Crypto
import Datasets
import Jobs
import SQLite

/// What a job's row says about its end.
enum OutcomeTable {
    /// The notes about how a job ended, as its row has them.
    static func notes(
        of id: JobID, _ progress: JobProgress, in database: Database
    ) throws -> String {
        func names(_ count: Int, _ condition: String) throws -> [String] {
            guard count > 0 else { return [] }
            return try FileTable.names(
                of: id, where: condition, limit: JobOutcome.namesMax, in: database)
        }
        return StringList.text(
            of: JobOutcome.notes(
                of: progress, empty: try names(progress.filesEmpty, "state = 'empty'"),
                gaps: try names(progress.gapsAccepted, FileTable.isAcceptedGap)))
    }

    /// What a verification that ends now has found, and how many files it has repaired.
    static func verification(
        of id: JobID, since: Timestamp?, at now: Timestamp, in database: Database
    ) throws -> (found: JobVerification, repaired: Int) {
        let counts = try database.first(
            """
            SELECT total(state IN ('ok', 'empty') OR expected_sha256 IS NOT NULL),
                total(finding = 'damaged'), total(finding = 'missing'), total(changed),
                total(finding IS NOT NULL AND changed = 0 AND state IN ('ok', 'empty'))
            FROM job_files WHERE job_id = ?
            """, [.integer(id.rawValue)]
        ) { row in (0..<5).map { Int(row.integer(Int32($0))) } }
        let numbers = counts ?? [0, 0, 0, 0, 0]
        return (
            JobVerification(
                startedAt: since, endedAt: now, filesChecked: numbers[0], filesDamaged: numbers[1],
                filesMissing: numbers[2], filesChanged: numbers[3]), numbers[4]
        )
    }

    /// Files that a verification did not find as recorded, the first ones.
    static func findings(of id: JobID, in database: Database) throws -> [FileRecord] {
        try database.rows(
            """
            SELECT \(FileTable.columns) FROM job_files
            WHERE job_id = ? AND (finding IS NOT NULL OR changed = 1) ORDER BY position LIMIT 50
            """, [.integer(id.rawValue)]
        ) { try FileTable.record(in: $0) }
    }

    /// Takes a job's digest back, since its files will be others; the record keeps it.
    static func withdrawDigest(
        of job: Job, by principal: Principal, at now: Timestamp, in database: Database
    ) throws {
        guard let digest = job.evidence.datasetDigest else { return }
        try database.run(
            """
            UPDATE download_jobs SET dataset_digest = NULL, former_digest = ? WHERE id = ?
            """, [.text(digest), .integer(job.id.rawValue)])
        try note(digest, is: nil, of: job.id, by: principal, at: now, in: database)
    }

    /// Says in the history that a job's digest is another than it was.
    static func note(
        _ former: String, is digest: String?, of id: JobID, by principal: Principal,
        at now: Timestamp, in database: Database
    ) throws {
        try EventTable.add(
            .digestChanged, to: id, by: principal, at: now,
            detail: "Was \(former), is \(digest ?? "none until the job is completed").",
            in: database)
    }
}

/// The digest of a job's files.
enum DatasetDigest {
    /// What the digest covers, as the files are now.
    static func list(of job: Job, in database: Database) throws -> ChecksumList {
        ChecksumList(
            of: job, sums: try FileTable.sums(of: job.id, in: database),
            gaps: job.progress.gapsAccepted == 0
                ? []
                : try FileTable.names(of: job.id, where: FileTable.isAcceptedGap, in: database))
    }

    /// The digest of a completed job; `nil` where it wrote nothing.
    ///
    /// - Parameter known: the digest that the job had before; it stays as long as the files are the
    ///   same, also where an earlier version has made it.
    static func digest(of list: ChecksumList, known: String?) -> String? {
        guard !list.sums.isEmpty else { return nil }
        return isPlain(known, of: list) ? known : sha256(list.text)
    }

    /// Whether a digest was made of the sums alone.
    static func isPlain(_ digest: String?, of list: ChecksumList) -> Bool {
        guard let digest else { return false }
        var plain = list
        plain.isPlain = true
        return list.gaps.isEmpty && sha256(plain.text) == digest
    }

    /// The SHA-256 of a text in UTF-8.
    static func sha256(_ text: String) -> String {
        Hexadecimal.text(SHA256.hash(data: Array(text.utf8)))
    }
}
