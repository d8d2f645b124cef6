// What happens in the database when a job is kept, in words that cost less.
//
// A statement that changes several rows, as by its triggers, and may fail between them has SQLite
// keep a copy of every page before it changes it (sqlite.org/tempfiles.html §2.5, the statement
// journal): a fifth of what keeping a job costs. To SQLite, whatever calls a function may fail, and
// so may an upsert; what has OR ROLLBACK fails without having to take anything back.

extension Schema {
    /// Triggers without functions and upserts. The day of ``usage`` is set by whoever submits; the
    /// length of digests, in place of the constraints, is looked at where they are set later.
    static let plainInsertion = """
        DROP TRIGGER jobs_are_counted;
        CREATE TRIGGER jobs_are_counted AFTER INSERT ON download_jobs
        BEGIN
            INSERT INTO job_counts (created_by, exchange, status, jobs)
                VALUES (new.created_by, new.exchange, new.status, 0) ON CONFLICT DO NOTHING;
            UPDATE job_counts SET jobs = jobs + 1 WHERE created_by = new.created_by
                AND exchange = new.exchange AND status = new.status;
            INSERT INTO job_counts_by_exchange (exchange, status, jobs)
                VALUES (new.exchange, new.status, 0) ON CONFLICT DO NOTHING;
            UPDATE job_counts_by_exchange SET jobs = jobs + 1
                WHERE exchange = new.exchange AND status = new.status;
        END;
        DROP TRIGGER user_usage_begins;
        CREATE TRIGGER user_usage_begins AFTER INSERT ON download_jobs
        WHEN new.status IN ('pending', 'running')
        BEGIN
            INSERT INTO user_usage (user, active_jobs, day, files)
                VALUES (new.created_by, 0, '', 0) ON CONFLICT DO NOTHING;
            UPDATE user_usage SET active_jobs = active_jobs + 1, files = files + new.files_total
                WHERE user = new.created_by;
        END;
        CREATE TRIGGER digests_are_whole
        BEFORE UPDATE OF request_digest, dataset_digest ON download_jobs
        WHEN length(new.request_digest) <> 32 OR length(new.dataset_digest) <> 64
        BEGIN SELECT RAISE (ABORT, 'a digest has its length'); END;
        """
}
