// What jobs and files record of their ends: a count for every state, gaps, digests, findings.

import SQLite

extension Schema {
    /// A symbol as the names of files have it (`DatasetFile.symbolInNames`), and the dot behind it:
    /// names are sorted by their bytes, and `-` comes before the dot. Part of an index, so that it
    /// is never edited.
    static let symbolInNames: String = {
        let replaced = [":", "\\", "/", "?", "*", "<", ">", "|", "\""].reduce("symbol") {
            "replace(\($0), '\($1)', '-')"
        }
        return "\(replaced) || '.'"
    }()

    /// Notifications have the same columns as jobs: a row holds the job as it was. What is only of
    /// use while a verification runs stands in jobs alone.
    static let endings = """
        ALTER TABLE download_jobs ADD COLUMN files_empty INTEGER NOT NULL DEFAULT 0
            CHECK (files_empty >= 0);
        ALTER TABLE download_jobs ADD COLUMN files_unavailable INTEGER NOT NULL DEFAULT 0
            CHECK (files_unavailable >= 0);
        ALTER TABLE download_jobs ADD COLUMN files_cancelled INTEGER NOT NULL DEFAULT 0
            CHECK (files_cancelled >= 0
                AND files_done + files_failed + files_cancelled <= files_total);
        ALTER TABLE download_jobs ADD COLUMN gaps_accepted INTEGER NOT NULL DEFAULT 0
            CHECK (gaps_accepted >= 0);
        ALTER TABLE download_jobs ADD COLUMN outcome_notes JSON NOT NULL DEFAULT '[]';
        ALTER TABLE download_jobs ADD COLUMN former_digest TEXT;
        ALTER TABLE download_jobs ADD COLUMN former_completed_at DATETIME;
        ALTER TABLE download_jobs ADD COLUMN verifying_since DATETIME;
        ALTER TABLE download_jobs ADD COLUMN verified_since DATETIME;
        ALTER TABLE download_jobs ADD COLUMN files_checked INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE download_jobs ADD COLUMN files_damaged INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE download_jobs ADD COLUMN files_missing INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE download_jobs ADD COLUMN files_changed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE download_jobs ADD COLUMN accepts_revision INTEGER NOT NULL DEFAULT 0
            CHECK (accepts_revision IN (0, 1));
        ALTER TABLE notifications ADD COLUMN files_empty INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notifications ADD COLUMN files_unavailable INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notifications ADD COLUMN files_cancelled INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notifications ADD COLUMN gaps_accepted INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notifications ADD COLUMN outcome_notes TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE notifications ADD COLUMN former_digest TEXT;
        ALTER TABLE notifications ADD COLUMN verified_since TEXT;
        ALTER TABLE notifications ADD COLUMN files_checked INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notifications ADD COLUMN files_damaged INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notifications ADD COLUMN files_missing INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notifications ADD COLUMN files_changed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notifications ADD COLUMN accepts_revision INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE job_files ADD COLUMN finding TEXT
            CHECK (finding = 'damaged' OR finding = 'missing');
        ALTER TABLE job_files ADD COLUMN former_sha256 TEXT;
        ALTER TABLE job_files ADD COLUMN revision_sha256 TEXT;
        ALTER TABLE job_files ADD COLUMN revision_seen_at INTEGER;
        ALTER TABLE job_files ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX job_files_by_name ON job_files (job_id, data_type, day, \(symbolInNames));
        """

    /// The counts of jobs that there are, and no digest of nothing: that of no bytes stood for
    /// jobs that wrote no file.
    static let endingsOfOldJobs = """
        UPDATE download_jobs SET files_empty = counts.empty,
            files_unavailable = counts.unavailable, files_cancelled = counts.cancelled,
            files_failed = max(files_failed - counts.cancelled, 0)
        FROM (
            SELECT job_id, sum(state = 'empty') AS empty, sum(state = 'unavailable') AS unavailable,
                sum(state = 'cancelled') AS cancelled
            FROM job_files WHERE state IN ('empty', 'unavailable', 'cancelled') GROUP BY job_id
        ) AS counts WHERE id = job_id;
        UPDATE download_jobs SET dataset_digest = NULL WHERE dataset_digest =
            'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
        """

    /// Digests of requests as text: people print the table that they stand in.
    static func spellDigestsOut(in database: Database) throws {
        try database.execute(
            """
            DROP TRIGGER digests_are_whole;
            UPDATE download_jobs SET request_digest = lower(hex(request_digest))
                WHERE typeof(request_digest) = 'blob';
            """)
        try reword(
            [
                Rewording(
                    table: "download_jobs", from: "request_digest BLOB", to: "request_digest TEXT")
            ], in: database)
        try database.execute(
            """
            CREATE TRIGGER digests_are_whole
            BEFORE UPDATE OF request_digest, dataset_digest ON download_jobs
            WHEN length(new.request_digest) <> 64 OR length(new.dataset_digest) <> 64
            BEGIN SELECT RAISE (ABORT, 'a digest has its length'); END;
            """)
    }
}
