// What submissions are checked against: active requests, idempotency keys, quotas.

import Jobs
import SQLite

extension Schema {
    static let submitting = """
        ALTER TABLE download_jobs ADD COLUMN request_digest BLOB
            CHECK (length(request_digest) = 32);
        CREATE INDEX download_jobs_active_by_request ON download_jobs (request_digest)
            WHERE status IN ('pending', 'running');
        """

    /// In the order in which they came, so that the oldest are at hand.
    static let idempotencyKeys = """
        CREATE TABLE idempotency_keys (
            id INTEGER NOT NULL PRIMARY KEY,
            user TEXT NOT NULL,
            key TEXT NOT NULL CHECK (key <> ''),
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            job_id INTEGER NOT NULL,
            answer BLOB NOT NULL,
            kept_at INTEGER NOT NULL,
            UNIQUE (user, key)
        );
        """

    /// The job and how it stood, in place of an answer of any length. In JSON text a quotation mark
    /// within a string has a backslash before it, so that members are found as they are written.
    static let keysOfJobs = """
        CREATE TABLE keys_of_jobs (
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
        INSERT INTO keys_of_jobs
            (id, user, key, fingerprint, job_id, status, duplicate, files, notes, kept_at)
            SELECT keys.id, user, key, fingerprint, job_id,
                iif(instr(answer, CAST('"status":"running"' AS BLOB)) > 0, 'running', 'pending'),
                instr(answer, CAST('"duplicate_of":' AS BLOB)) > 0,
                coalesce(files_total, 0), 64, kept_at
            FROM idempotency_keys AS keys LEFT JOIN download_jobs AS jobs ON jobs.id = job_id
            ORDER BY keys.id;
        DROP TABLE idempotency_keys;
        ALTER TABLE keys_of_jobs RENAME TO idempotency_keys;
        """

    /// Counted by triggers, for writes of other programs, too: counting a user's jobs anew at each
    /// submission takes the longer the more there are. `created_at` begins with the day.
    static let usage = """
        CREATE TABLE user_usage (
            user TEXT NOT NULL PRIMARY KEY,
            active_jobs INTEGER NOT NULL,
            day TEXT NOT NULL,
            files INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO user_usage (user, active_jobs, day, files)
            SELECT created_by, count(*), '', 0 FROM download_jobs
            WHERE status IN ('pending', 'running') GROUP BY created_by;
        CREATE TRIGGER user_usage_begins AFTER INSERT ON download_jobs
        WHEN new.status IN ('pending', 'running')
        BEGIN
            INSERT INTO user_usage (user, active_jobs, day, files)
                VALUES (new.created_by, 1, substr(new.created_at, 1, 10), new.files_total)
            ON CONFLICT (user) DO UPDATE SET active_jobs = active_jobs + 1,
                files = iif(day = excluded.day, files, 0) + excluded.files, day = excluded.day;
        END;
        CREATE TRIGGER user_usage_changes AFTER UPDATE OF status ON download_jobs
        WHEN (old.status IN ('pending', 'running')) <> (new.status IN ('pending', 'running'))
        BEGIN
            INSERT INTO user_usage (user, active_jobs, day, files)
                VALUES (new.created_by, new.status IN ('pending', 'running'), '', 0)
            ON CONFLICT (user) DO UPDATE SET active_jobs =
                max(0, active_jobs + iif(excluded.active_jobs = 1, 1, -1));
        END;
        CREATE TRIGGER user_usage_ends AFTER DELETE ON download_jobs
        WHEN old.status IN ('pending', 'running')
        BEGIN
            UPDATE user_usage SET active_jobs = max(0, active_jobs - 1)
            WHERE user = old.created_by;
        END;
        """

    /// Any user may verify any job: a verification must not count against the quota of the job's
    /// owner.
    static let usageWithoutVerifications = """
        DROP TRIGGER user_usage_changes;
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
        DROP TRIGGER user_usage_ends;
        CREATE TRIGGER user_usage_ends AFTER DELETE ON download_jobs
        WHEN old.verifying = 0 AND old.status IN ('pending', 'running')
        BEGIN
            UPDATE user_usage SET active_jobs = max(0, active_jobs - 1)
            WHERE user = old.created_by;
        END;
        UPDATE user_usage SET active_jobs = (
            SELECT count(*) FROM download_jobs WHERE created_by = user AND verifying = 0
                AND status IN ('pending', 'running'));
        """
}

extension Schema {
    /// Rewrites names in another spelling than ``UserName/canonical(_:)``. The history keeps names
    /// as they were: it is only added to.
    static func spellUsersAlike(in database: Database) throws {
        let names = try database.rows(
            "SELECT created_by FROM job_counts UNION SELECT user FROM idempotency_keys"
        ) { $0.text(0) }
        // Not `!=`, for which the spellings are equal.
        for name in names where !name.utf8.elementsEqual(UserName.canonical(name).utf8) {
            let values = [SQLValue.text(UserName.canonical(name)), .text(name)]
            for statement in [
                "UPDATE download_jobs SET created_by = ? WHERE created_by = ?",
                "UPDATE notifications SET created_by = ? WHERE created_by = ?",
                "UPDATE OR REPLACE idempotency_keys SET user = ? WHERE user = ?",
            ] {
                try database.run(statement, values)
            }
            // Where the same person wrote the name in both ways, both counts are added up.
            try database.run(
                """
                INSERT INTO user_usage (user, active_jobs, day, files)
                    SELECT ?, active_jobs, day, files FROM user_usage WHERE user = ?
                ON CONFLICT (user) DO UPDATE SET
                    active_jobs = user_usage.active_jobs + excluded.active_jobs,
                    files = iif(user_usage.day = excluded.day, user_usage.files + excluded.files,
                        max(user_usage.files, excluded.files)),
                    day = max(user_usage.day, excluded.day)
                """, values)
            try database.run("DELETE FROM user_usage WHERE user = ?", [values[1]])
            try database.run(
                "DELETE FROM job_counts WHERE created_by = ? AND jobs = 0", [values[1]])
        }
    }
}

extension Schema {
    /// Triggers without functions and upserts.
    ///
    /// Before a statement that changes several rows and may fail between them, SQLite copies every
    /// page to a statement journal (sqlite.org/tempfiles.html §2.5): a fifth of the cost of an
    /// insertion. SQLite expects failure from every function call and upsert, and none from
    /// `OR ROLLBACK`.
    ///
    /// The day of ``usage`` is set by the submission; the
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
