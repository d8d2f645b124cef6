// What people decide about jobs, the history, the claim order, and limits.

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

extension Schema {
    /// Whether the team has been told that a job started, since it was submitted or last ended: a
    /// pause is no end.
    static let announcements = """
        ALTER TABLE download_jobs ADD COLUMN announced INTEGER NOT NULL DEFAULT 0
            CHECK (announced IN (0, 1));
        UPDATE download_jobs SET announced = 1 WHERE status = 'running';
        """
}

extension Schema {
    /// A job waits since it became pending, which for one that never ran is since it was created.
    /// An update without that time, such as from `sqlite3`, sets the present time.
    static let scheduling = """
        ALTER TABLE download_jobs ADD COLUMN queued_at DATETIME;
        CREATE TRIGGER download_jobs_are_queued AFTER UPDATE OF status ON download_jobs
        WHEN new.status = 'pending' AND old.status <> 'pending'
            AND new.queued_at IS old.queued_at
        BEGIN
            UPDATE download_jobs SET queued_at = strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'
            WHERE id = new.id;
        END;
        CREATE INDEX download_jobs_waiting ON download_jobs (
            created_by, priority, coalesce(queued_at, created_at), id)
            WHERE status = 'pending' AND paused = 0;
        CREATE INDEX download_jobs_running ON download_jobs (created_by, priority)
            WHERE status = 'running';
        """

    /// A row stays when a limit is set back to its default: it says who did that.
    static let limits = """
        CREATE TABLE limits (
            name TEXT NOT NULL PRIMARY KEY,
            value INTEGER CHECK (value >= 0),
            changed_at TEXT NOT NULL,
            changed_by TEXT NOT NULL,
            revision INTEGER NOT NULL CHECK (revision > 0)
        ) WITHOUT ROWID;
        """
}
