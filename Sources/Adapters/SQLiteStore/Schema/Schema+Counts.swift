// The tables that answer without counting: keys of submissions, use by users, jobs of each kind;
// and what people have set.

extension Schema {
    /// Keys in the order in which they came, so that the oldest are at hand, each with the job and
    /// how it stood. Active jobs and today's files per user are counted by triggers, for writes of
    /// other programs, too: counting them anew at each submission takes the longer the more there
    /// are. The day is set by the submission. Any user may verify any job, so that verifications do
    /// not count against the quota of the job's owner.
    static let submissions = """
        CREATE TABLE idempotency_keys (
            id INTEGER NOT NULL PRIMARY KEY,
            user TEXT NOT NULL,
            key TEXT NOT NULL CHECK (key <> ''),
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            job_id INTEGER NOT NULL,
            status TEXT NOT NULL,
            paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
            duplicate INTEGER NOT NULL CHECK (duplicate IN (0, 1)),
            files INTEGER NOT NULL,
            notes INTEGER NOT NULL,
            kept_at INTEGER NOT NULL,
            UNIQUE (user, key)
        );
        CREATE TABLE user_usage (
            user TEXT NOT NULL PRIMARY KEY,
            active_jobs INTEGER NOT NULL,
            day TEXT NOT NULL,
            files INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TRIGGER user_usage_begins AFTER INSERT ON download_jobs
        WHEN new.status IN ('pending', 'running')
        BEGIN
            INSERT INTO user_usage (user, active_jobs, day, files)
                VALUES (new.created_by, 0, '', 0) ON CONFLICT DO NOTHING;
            UPDATE user_usage SET active_jobs = active_jobs + 1, files = files + new.files_total
                WHERE user = new.created_by;
        END;
        CREATE TRIGGER user_usage_changes AFTER UPDATE OF status, verifying ON download_jobs
        WHEN (old.verifying = 0 AND old.status IN ('pending', 'running'))
            <> (new.verifying = 0 AND new.status IN ('pending', 'running'))
        BEGIN
            INSERT INTO user_usage (user, active_jobs, day, files)
                VALUES (new.created_by,
                    new.verifying = 0 AND new.status IN ('pending', 'running'), '', 0)
            ON CONFLICT (user) DO UPDATE SET active_jobs =
                max(0, active_jobs + iif(excluded.active_jobs = 1, 1, -1));
        END;
        CREATE TRIGGER user_usage_ends AFTER DELETE ON download_jobs
        WHEN old.verifying = 0 AND old.status IN ('pending', 'running')
        BEGIN
            UPDATE user_usage SET active_jobs = max(0, active_jobs - 1)
            WHERE user = old.created_by;
        END;
        """

    /// How many jobs there are of each kind, kept by triggers, which count writes of
    /// other programs, too. Two tables, since a sum over all users would grow with them: one
    /// user's rows are as many as exchanges times states, and so are all rows of the second table.
    ///
    /// The trigger on insertion has no function and no upsert: before a statement that changes
    /// several rows and may fail between them, SQLite copies every page to a statement journal
    /// (sqlite.org/tempfiles.html §2.5), a fifth of the cost of an insertion, and it expects
    /// failure from each of them, but none from `OR ROLLBACK`. A user is removed with the last job:
    /// names are any header values, and the database must not grow with every name ever used.
    static let counts = """
        CREATE TABLE job_counts (
            created_by TEXT NOT NULL,
            exchange TEXT NOT NULL,
            status TEXT NOT NULL,
            jobs INTEGER NOT NULL CHECK (jobs >= 0),
            PRIMARY KEY (created_by, exchange, status)
        ) WITHOUT ROWID;
        CREATE TABLE job_counts_by_exchange (
            exchange TEXT NOT NULL,
            status TEXT NOT NULL,
            jobs INTEGER NOT NULL CHECK (jobs >= 0),
            PRIMARY KEY (exchange, status)
        ) WITHOUT ROWID;
        CREATE TRIGGER jobs_are_counted AFTER INSERT ON download_jobs
        BEGIN
            \(countNew)
        END;
        CREATE TRIGGER jobs_are_counted_anew
        AFTER UPDATE OF status, created_by, exchange ON download_jobs
        WHEN old.status <> new.status OR old.created_by <> new.created_by
            OR old.exchange <> new.exchange
        BEGIN
            \(countNoOld)
            \(countNew)
        END;
        CREATE TRIGGER jobs_are_counted_no_more AFTER DELETE ON download_jobs
        BEGIN
            \(countNoOld)
            DELETE FROM job_counts WHERE created_by = old.created_by
                AND exchange = old.exchange AND jobs = 0;
            DELETE FROM job_counts_by_exchange WHERE exchange = old.exchange AND jobs = 0;
            DELETE FROM user_usage WHERE user = old.created_by AND active_jobs = 0
                AND NOT EXISTS (SELECT 1 FROM job_counts WHERE created_by = old.created_by);
        END;
        """

    private static let countNew = """
        INSERT INTO job_counts (created_by, exchange, status, jobs)
            VALUES (new.created_by, new.exchange, new.status, 0) ON CONFLICT DO NOTHING;
        UPDATE job_counts SET jobs = jobs + 1 WHERE created_by = new.created_by
            AND exchange = new.exchange AND status = new.status;
        INSERT INTO job_counts_by_exchange (exchange, status, jobs)
            VALUES (new.exchange, new.status, 0) ON CONFLICT DO NOTHING;
        UPDATE job_counts_by_exchange SET jobs = jobs + 1
            WHERE exchange = new.exchange AND status = new.status;
        """

    private static let countNoOld = """
        UPDATE job_counts SET jobs = jobs - 1 WHERE created_by = old.created_by
            AND exchange = old.exchange AND status = old.status;
        UPDATE job_counts_by_exchange SET jobs = jobs - 1
            WHERE exchange = old.exchange AND status = old.status;
        """

    /// A row of `limits` stays when a limit is set back to its default: it says who did that.
    static let settings = """
        CREATE TABLE limits (
            name TEXT NOT NULL PRIMARY KEY,
            value INTEGER CHECK (value >= 0),
            changed_at TEXT NOT NULL,
            changed_by TEXT NOT NULL,
            revision INTEGER NOT NULL CHECK (revision > 0)
        ) WITHOUT ROWID;
        CREATE TABLE facts (
            name TEXT NOT NULL PRIMARY KEY,
            value TEXT NOT NULL
        ) WITHOUT ROWID;
        """
}
