// What people decide about jobs, and the history of it.

extension Schema {
    /// Notifications have the same columns as jobs: a row holds the job as it was.
    static let control = """
        ALTER TABLE download_jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 5
            CHECK (priority BETWEEN 0 AND 9);
        ALTER TABLE download_jobs ADD COLUMN paused INTEGER NOT NULL DEFAULT 0
            CHECK (paused = 0 OR (paused = 1 AND status = 'pending'));
        ALTER TABLE download_jobs ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0
            CHECK (pinned IN (0, 1));
        ALTER TABLE download_jobs ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0
            CHECK (crashes >= 0);
        ALTER TABLE notifications ADD COLUMN priority INTEGER NOT NULL DEFAULT 5;
        ALTER TABLE notifications ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notifications ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notifications ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
        """

    /// Only added to, as long as there is the job that it tells about.
    static let events = """
        CREATE TABLE job_events (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            job_id INTEGER,
            kind TEXT NOT NULL CHECK (kind <> ''),
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            address TEXT NOT NULL DEFAULT '',
            detail TEXT
        );
        CREATE INDEX job_events_by_job ON job_events (job_id, id);
        CREATE TRIGGER job_events_are_not_changed BEFORE UPDATE ON job_events
        BEGIN SELECT RAISE (ABORT, 'the history is only added to'); END;
        CREATE TRIGGER job_events_are_not_removed BEFORE DELETE ON job_events
        WHEN old.job_id IS NULL
            OR EXISTS (SELECT 1 FROM download_jobs WHERE id = old.job_id)
        BEGIN SELECT RAISE (ABORT, 'the history is only added to'); END;
        """
}
