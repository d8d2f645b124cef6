// The tables, and the migrations that lead to them. Constraints refuse illegal states.
//
// Moments that people read are text as the predecessor wrote it, `2025-11-13 10:20:30.123456`;
// moments that only SQL compares are integers, microseconds since 1970. Lists of more than two
// values are spelled out: to look into such a list SQLite builds an index of it, each time anew for
// each row that is written, and that took longer than writing the row.

import SQLite

/// The database's schema.
enum Schema {
    /// The version that the first migration leads to. Lower ones belonged to versions of this
    /// program that were never published.
    static let firstVersion = 20

    /// All migrations there ever were. A published one is never edited: a change is a new one, in a
    /// file of its own.
    static let migrations = [
        Migration("keep jobs, their files, what is told of them, and the predecessor's jobs") {
            database in
            try LegacyImport.setAside(in: database)
            for tables in [jobs, files, history, notifications, submissions, counts, settings] {
                try database.execute(tables)
            }
            try LegacyImport.adopt(in: database)
        }
    ]

    static let migrator = Migrator(migrations, from: firstVersion)

    /// The predecessor's thirteen columns first, in its order and with its types. `queued_at` is
    /// when the job became pending, which for one that never ran is when it was created; an update
    /// without that time, such as from `sqlite3`, sets the present time. `announced` says that the
    /// team has been told of the start since the job was submitted or last ended: a pause is no
    /// end.
    private static let jobs = """
        CREATE TABLE download_jobs (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            status VARCHAR(20) NOT NULL CHECK (status = 'pending' OR status = 'running'
                OR status = 'completed' OR status = 'failed' OR status = 'cancelled'),
            exchange VARCHAR(50) NOT NULL,
            data_types JSON NOT NULL,
            symbols JSON NOT NULL,
            start_date VARCHAR(20) NOT NULL,
            end_date VARCHAR(20) NOT NULL,
            output_path VARCHAR(500) NOT NULL,
            created_at DATETIME NOT NULL,
            started_at DATETIME,
            completed_at DATETIME,
            error_message TEXT,
            created_by VARCHAR(100) NOT NULL,
            notes JSON NOT NULL DEFAULT '[]',
            files_total INTEGER NOT NULL DEFAULT 0,
            files_done INTEGER NOT NULL DEFAULT 0 CHECK (files_done >= 0),
            files_failed INTEGER NOT NULL DEFAULT 0 CHECK (files_failed >= 0),
            bytes_done INTEGER NOT NULL DEFAULT 0 CHECK (bytes_done >= 0),
            planned INTEGER NOT NULL DEFAULT 0 CHECK (planned IN (0, 1)),
            dataset_digest TEXT,
            bytes_saved INTEGER NOT NULL DEFAULT 0,
            files_suspicious INTEGER NOT NULL DEFAULT 0,
            verified_at DATETIME,
            files_repaired INTEGER NOT NULL DEFAULT 0,
            verifying INTEGER NOT NULL DEFAULT 0 CHECK (verifying IN (0, 1)),
            priority INTEGER NOT NULL DEFAULT 5 CHECK (priority BETWEEN 0 AND 9),
            paused INTEGER NOT NULL DEFAULT 0
                CHECK (paused = 0 OR (paused = 1 AND status = 'pending')),
            pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
            crashes INTEGER NOT NULL DEFAULT 0 CHECK (crashes >= 0),
            announced INTEGER NOT NULL DEFAULT 0 CHECK (announced IN (0, 1)),
            queued_at DATETIME,
            request_digest TEXT,
            files_empty INTEGER NOT NULL DEFAULT 0 CHECK (files_empty >= 0),
            files_unavailable INTEGER NOT NULL DEFAULT 0 CHECK (files_unavailable >= 0),
            files_cancelled INTEGER NOT NULL DEFAULT 0 CHECK (files_cancelled >= 0),
            gaps_accepted INTEGER NOT NULL DEFAULT 0 CHECK (gaps_accepted >= 0),
            outcome_notes JSON NOT NULL DEFAULT '[]',
            former_digest TEXT,
            former_completed_at DATETIME,
            verifying_since DATETIME,
            verified_since DATETIME,
            files_checked INTEGER NOT NULL DEFAULT 0,
            files_damaged INTEGER NOT NULL DEFAULT 0,
            files_missing INTEGER NOT NULL DEFAULT 0,
            files_changed INTEGER NOT NULL DEFAULT 0,
            accepts_revision INTEGER NOT NULL DEFAULT 0 CHECK (accepts_revision IN (0, 1)),
            CONSTRAINT final_exactly_when_completed_at CHECK (
                (status = 'completed' OR status = 'failed' OR status = 'cancelled')
                    = (completed_at IS NOT NULL)),
            CONSTRAINT running_since_started_at CHECK (
                status <> 'running' OR started_at IS NOT NULL),
            CONSTRAINT planned_after_started CHECK (planned = 0 OR started_at IS NOT NULL),
            CONSTRAINT no_more_files_than_planned CHECK (
                files_done + files_failed + files_cancelled <= files_total),
            CONSTRAINT completed_with_every_file CHECK (
                status <> 'completed' OR (files_done = files_total AND files_failed = 0))
        );
        \(jobIndexes)
        CREATE TRIGGER download_jobs_are_queued AFTER UPDATE OF status ON download_jobs
        WHEN new.status = 'pending' AND old.status <> 'pending'
            AND new.queued_at IS old.queued_at
        BEGIN
            UPDATE download_jobs SET queued_at = strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'
            WHERE id = new.id;
        END;
        CREATE TRIGGER digests_are_whole
        BEFORE UPDATE OF request_digest, dataset_digest ON download_jobs
        WHEN length(new.request_digest) <> 64 OR length(new.dataset_digest) <> 64
        BEGIN SELECT RAISE (ABORT, 'a digest has its length'); END;
        """

    /// With the first four, every filter has an index that holds its jobs in the order of their
    /// ids: a page is read from where it begins. See ``JobListing`` for those that it does without:
    /// each makes keeping a job a tenth slower.
    private static let jobIndexes = """
        CREATE INDEX download_jobs_by_status ON download_jobs (status, id);
        CREATE INDEX download_jobs_by_user_status ON download_jobs (created_by, status, id);
        CREATE INDEX download_jobs_by_exchange_status ON download_jobs (exchange, status, id);
        CREATE INDEX download_jobs_by_user_exchange_status
            ON download_jobs (created_by, exchange, status, id);
        CREATE INDEX download_jobs_waiting ON download_jobs (
            created_by, priority, coalesce(queued_at, created_at), id)
            WHERE status = 'pending' AND paused = 0;
        CREATE INDEX download_jobs_running ON download_jobs (created_by, priority)
            WHERE status = 'running';
        CREATE INDEX download_jobs_active_by_request ON download_jobs (request_digest)
            WHERE status IN ('pending', 'running');
        CREATE INDEX download_jobs_by_end ON download_jobs (completed_at, id)
            WHERE completed_at IS NOT NULL AND pinned = 0;
        """
}
