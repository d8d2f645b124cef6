// The tables, and the migrations that lead to them. Constraints refuse illegal states.
//
// Moments that people read are text as the predecessor wrote it, `2025-11-13 10:20:30.123456`;
// moments that only SQL compares are integers, microseconds since 1970.

import SQLite

/// The database's schema.
enum Schema {
    /// All migrations there ever were. A published one is never edited: a change is a new one.
    static let migrations = [
        Migration("keep jobs, their files, the outbox and facts") { database in
            try LegacyImport.setAside(in: database)
            try database.execute(jobs)
            try database.execute(files)
            try database.execute(notifications)
            try database.execute(facts)
            try LegacyImport.adopt(in: database)
        },
        Migration("keep attempts at files, and what stands for a job's data") { database in
            try database.execute(attempts)
            try database.execute(evidence)
        },
        Migration("keep what people decide about jobs, and the history of it") { database in
            try database.execute(control)
            try database.execute(events)
        },
        Migration("keep whether a job's start was told") { database in
            try database.execute(announcements)
        },
        Migration("claim jobs in turn, and keep limits that were set") { database in
            try database.execute(scheduling)
            try database.execute(limits)
        },
        Migration("find equal requests, keep answers by key, count what users have") { database in
            try database.execute(submitting)
            try database.execute(idempotencyKeys)
            try database.execute(usage)
            try RequestDigest.fill(in: database)
        },
        Migration("count jobs, find any page of them, and what may go") { database in
            try database.execute(counts)
            try database.execute(filters)
            try database.execute(publishingAttempt)
            try database.execute(retention)
        },
        Migration("check rows without an index made for each, and keep fewer indexes") { database in
            try spellOutLists(in: database)
            try database.execute(fewerFilters)
        },
        Migration("keep a job without copies of the pages that it goes to") { database in
            try forgoDigestChecks(in: database)
            try database.execute(plainInsertion)
            try database.execute(usersWithoutJobs)
        },
        Migration("leave verifications out of what users have") { database in
            try database.execute(usageWithoutVerifications)
        },
        Migration("count every end of a file, keep what verifications find, and no bytes") {
            database in
            try database.execute(endings)
            try database.execute(endingsOfOldJobs)
            try spellDigestsOut(in: database)
        },
        Migration("keep each user's name in one spelling") { database in
            try spellUsersAlike(in: database)
        },
        Migration("keep the job of a key in place of the answer, and find notifications by user") {
            database in
            try database.execute(keysOfJobs)
            try database.execute(outboxOfUsers)
        },
    ]

    static let migrator = Migrator(migrations)

    /// The predecessor's thirteen columns first, in its order and with its types.
    private static let jobs = """
        CREATE TABLE download_jobs (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            status VARCHAR(20) NOT NULL
                CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
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
            CONSTRAINT final_exactly_when_completed_at CHECK (
                (status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL)),
            CONSTRAINT running_since_started_at CHECK (
                status <> 'running' OR started_at IS NOT NULL),
            CONSTRAINT planned_after_started CHECK (planned = 0 OR started_at IS NOT NULL),
            CONSTRAINT no_more_files_than_planned CHECK (
                files_done + files_failed <= files_total),
            CONSTRAINT completed_with_every_file CHECK (
                status <> 'completed' OR (files_done = files_total AND files_failed = 0))
        );
        CREATE INDEX download_jobs_by_status ON download_jobs (status, id);
        CREATE INDEX download_jobs_by_user ON download_jobs (created_by, id);
        CREATE INDEX download_jobs_by_exchange ON download_jobs (exchange, id);
        """

    /// One index answers what is claimed, counted and listed by state without a look at the rows; a
    /// partial one per state is passed over by the planner, or read beside the rows.
    private static let files = """
        CREATE TABLE job_files (
            job_id INTEGER NOT NULL REFERENCES download_jobs (id) ON DELETE CASCADE,
            position INTEGER NOT NULL CHECK (position >= 0),
            exchange TEXT NOT NULL,
            data_type TEXT NOT NULL,
            day TEXT NOT NULL CHECK (length(day) = 10),
            symbol TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN (
                'pending', 'running', 'ok', 'empty', 'unavailable', 'failed', 'cancelled')),
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            not_before INTEGER,
            bytes INTEGER CHECK (bytes >= 0),
            rows INTEGER CHECK (rows >= 0),
            first_timestamp INTEGER,
            last_timestamp INTEGER,
            sha256 TEXT CHECK (length(sha256) = 64),
            code TEXT,
            detail TEXT,
            http_status INTEGER,
            PRIMARY KEY (job_id, position),
            CONSTRAINT proven_exactly_when_published CHECK (
                (state IN ('ok', 'empty')) = (sha256 IS NOT NULL)),
            CONSTRAINT proof_is_whole CHECK (
                (sha256 IS NULL) = (bytes IS NULL) AND (sha256 IS NULL) = (rows IS NULL)),
            CONSTRAINT ok_has_rows CHECK (state <> 'ok' OR rows > 0),
            CONSTRAINT empty_has_none CHECK (state <> 'empty' OR rows = 0),
            CONSTRAINT nothing_is_missing_without_a_reason CHECK (
                state NOT IN ('unavailable', 'failed', 'cancelled') OR code IS NOT NULL),
            CONSTRAINT reason_is_whole CHECK ((code IS NULL) = (detail IS NULL))
        ) WITHOUT ROWID;
        CREATE INDEX job_files_by_state ON job_files (job_id, state, position, not_before);
        CREATE INDEX job_files_running ON job_files (job_id, position) WHERE state = 'running';
        """

    /// The outbox. A row holds the job as it was, so that later changes do not alter it.
    private static let notifications = """
        CREATE TABLE notifications (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK (kind IN ('started', 'completed', 'failed', 'cancelled')),
            queued_at TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            not_before INTEGER,
            delivered_at TEXT,
            refused_at TEXT,
            last_error TEXT,
            job_id INTEGER NOT NULL,
            status TEXT NOT NULL CHECK (status = iif(kind = 'started', 'running', kind)),
            exchange TEXT NOT NULL,
            data_types TEXT NOT NULL,
            symbols TEXT NOT NULL,
            start_date TEXT NOT NULL,
            end_date TEXT NOT NULL,
            output_path TEXT NOT NULL,
            created_at TEXT NOT NULL,
            started_at TEXT,
            completed_at TEXT,
            error_message TEXT,
            created_by TEXT NOT NULL,
            notes TEXT NOT NULL,
            files_total INTEGER NOT NULL,
            files_done INTEGER NOT NULL,
            files_failed INTEGER NOT NULL,
            bytes_done INTEGER NOT NULL,
            planned INTEGER NOT NULL,
            CONSTRAINT delivered_or_refused CHECK (delivered_at IS NULL OR refused_at IS NULL),
            CONSTRAINT refused_for_a_reason CHECK (refused_at IS NULL OR last_error IS NOT NULL),
            CONSTRAINT ended_after_an_attempt CHECK (
                attempts > 0 OR (delivered_at IS NULL AND refused_at IS NULL))
        );
        CREATE INDEX notifications_waiting ON notifications (id)
            WHERE delivered_at IS NULL AND refused_at IS NULL;
        """

    private static let facts = """
        CREATE TABLE facts (
            name TEXT NOT NULL PRIMARY KEY,
            value TEXT NOT NULL
        ) WITHOUT ROWID;
        """

    private static let attempts = """
        CREATE TABLE file_attempts (
            job_id INTEGER NOT NULL,
            position INTEGER NOT NULL,
            number INTEGER NOT NULL CHECK (number > 0),
            began_at INTEGER NOT NULL,
            ended_at INTEGER NOT NULL,
            http_status INTEGER,
            code TEXT,
            detail TEXT,
            PRIMARY KEY (job_id, position, number),
            FOREIGN KEY (job_id, position) REFERENCES job_files (job_id, position)
                ON DELETE CASCADE,
            CONSTRAINT reason_is_whole CHECK ((code IS NULL) = (detail IS NULL))
        ) WITHOUT ROWID;
        """

    /// The index finds where a file was published before, and the sizes of a symbol's other days.
    /// Notifications have the same columns as jobs: a row holds the job as it was.
    private static let evidence = """
        ALTER TABLE job_files ADD COLUMN origin TEXT
            CHECK (origin IN ('upstream', 'disk', 'link'));
        ALTER TABLE job_files ADD COLUMN expected_sha256 TEXT
            CHECK (length(expected_sha256) = 64);
        ALTER TABLE job_files ADD COLUMN suspicion TEXT;
        CREATE INDEX job_files_by_dataset ON job_files (exchange, data_type, symbol, day)
            WHERE state = 'ok';
        ALTER TABLE download_jobs ADD COLUMN dataset_digest TEXT
            CHECK (length(dataset_digest) = 64);
        ALTER TABLE download_jobs ADD COLUMN bytes_saved INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE download_jobs ADD COLUMN files_suspicious INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE download_jobs ADD COLUMN verified_at DATETIME;
        ALTER TABLE download_jobs ADD COLUMN files_repaired INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE download_jobs ADD COLUMN verifying INTEGER NOT NULL DEFAULT 0
            CHECK (verifying IN (0, 1));
        ALTER TABLE notifications ADD COLUMN dataset_digest TEXT;
        ALTER TABLE notifications ADD COLUMN bytes_saved INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notifications ADD COLUMN files_suspicious INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE notifications ADD COLUMN verified_at TEXT;
        ALTER TABLE notifications ADD COLUMN files_repaired INTEGER NOT NULL DEFAULT 0;
        """
}
