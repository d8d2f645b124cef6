// What decides which job runs next, and the limits that somebody set.

extension Schema {
    /// A job waits since it became pending, which for one that never ran is since it was created.
    /// Where nobody says when that was, such as in `sqlite3`, it is the present moment.
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
