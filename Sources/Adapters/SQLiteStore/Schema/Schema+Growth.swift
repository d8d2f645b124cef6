// What keeps a large database as quick as a small one: counts of jobs, an index for every filter,
// the attempt that published a file in the file's own row, and ways to find what may go.

extension Schema {
    /// How many jobs there are of each kind, kept by triggers, which count writes of
    /// other programs, too. Two tables, since a sum over all users would grow with them: one
    /// user's rows are as many as exchanges times states, and so are all rows of the second table.
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
        INSERT INTO job_counts (created_by, exchange, status, jobs)
            SELECT created_by, exchange, status, count(*) FROM download_jobs
            GROUP BY created_by, exchange, status;
        INSERT INTO job_counts_by_exchange (exchange, status, jobs)
            SELECT exchange, status, sum(jobs) FROM job_counts GROUP BY exchange, status;
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
            \(dropEmptyCounts)
        END;
        """

    /// A user is removed with the last job: names are any header values, and the database must not
    /// grow with every name ever used.
    static let usersWithoutJobs = """
        DROP TRIGGER jobs_are_counted_no_more;
        CREATE TRIGGER jobs_are_counted_no_more AFTER DELETE ON download_jobs
        BEGIN
            \(countNoOld)
            \(dropEmptyCounts)
            DELETE FROM user_usage WHERE user = old.created_by AND active_jobs = 0
                AND NOT EXISTS (SELECT 1 FROM job_counts WHERE created_by = old.created_by);
        END;
        DELETE FROM user_usage WHERE active_jobs = 0
            AND NOT EXISTS (SELECT 1 FROM job_counts WHERE created_by = user);
        """

    private static let countNew = """
        INSERT INTO job_counts (created_by, exchange, status, jobs)
            VALUES (new.created_by, new.exchange, new.status, 1)
            ON CONFLICT (created_by, exchange, status) DO UPDATE SET jobs = jobs + 1;
        INSERT INTO job_counts_by_exchange (exchange, status, jobs)
            VALUES (new.exchange, new.status, 1)
            ON CONFLICT (exchange, status) DO UPDATE SET jobs = jobs + 1;
        """

    private static let dropEmptyCounts = """
        DELETE FROM job_counts WHERE created_by = old.created_by
            AND exchange = old.exchange AND jobs = 0;
        DELETE FROM job_counts_by_exchange WHERE exchange = old.exchange AND jobs = 0;
        """

    private static let countNoOld = """
        UPDATE job_counts SET jobs = jobs - 1 WHERE created_by = old.created_by
            AND exchange = old.exchange AND status = old.status;
        UPDATE job_counts_by_exchange SET jobs = jobs - 1
            WHERE exchange = old.exchange AND status = old.status;
        """

    /// With those of one column that are there already, every filter has an index that holds its
    /// jobs in the order of their ids: a page is read from where it begins.
    static let filters = """
        CREATE INDEX download_jobs_by_user_status ON download_jobs (created_by, status, id);
        CREATE INDEX download_jobs_by_exchange_status ON download_jobs (exchange, status, id);
        CREATE INDEX download_jobs_by_user_exchange ON download_jobs (created_by, exchange, id);
        CREATE INDEX download_jobs_by_user_exchange_status
            ON download_jobs (created_by, exchange, status, id);
        """

    /// Indexes that ``JobListing`` does without: each makes keeping a job a tenth slower.
    static let fewerFilters = """
        DROP INDEX download_jobs_by_user;
        DROP INDEX download_jobs_by_exchange;
        DROP INDEX download_jobs_by_user_exchange;
        """

    /// When the attempt that published a file began and ended: most files have no other, and none
    /// of it is worth a row in `file_attempts`.
    static let publishingAttempt = """
        ALTER TABLE job_files ADD COLUMN began_at INTEGER;
        ALTER TABLE job_files ADD COLUMN ended_at INTEGER;
        """

    /// Waiting notifications by user and kind, so that users take turns and many of a kind are
    /// found together; and what is to be tried again.
    static let outboxOfUsers = """
        DROP INDEX notifications_waiting;
        CREATE INDEX notifications_waiting
            ON notifications (created_by, kind, (verified_at IS queued_at), id)
            WHERE delivered_at IS NULL AND refused_at IS NULL;
        CREATE INDEX notifications_retried ON notifications (id) WHERE not_before IS NOT NULL;
        """

    /// Jobs by their end, what has been told of a job, what is left of those that have gone, and
    /// who else has a file that is empty, as `job_files_by_dataset` tells of the others. Jobs that
    /// were there before anything was ever removed have their full time from now on.
    static let retention = """
        INSERT INTO facts (name, value)
            SELECT 'retention_spares_up_to', max(id) FROM download_jobs HAVING count(*) > 0;
        INSERT INTO facts (name, value)
            SELECT 'retention_since', strftime('%Y-%m-%d %H:%M:%f000', 'now')
            WHERE EXISTS (SELECT 1 FROM download_jobs);
        CREATE INDEX download_jobs_by_end ON download_jobs (completed_at, id)
            WHERE completed_at IS NOT NULL AND pinned = 0;
        CREATE INDEX notifications_by_job ON notifications (job_id);
        CREATE INDEX job_events_removed ON job_events (id) WHERE kind = 'removed';
        CREATE INDEX job_files_empty_by_dataset ON job_files (exchange, data_type, symbol, day)
            WHERE state = 'empty';
        """
}
