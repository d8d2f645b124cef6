// The tables of planned files, of attempts at them, of the history and of the outbox.

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

    /// One index answers what is claimed, counted and listed by state without a look at the rows; a
    /// partial one per state is passed over by the planner, or read beside the rows.
    /// `job_files_by_dataset` finds where a file was published before, and the sizes of a symbol's
    /// other days. `began_at` and `ended_at` are those of the attempt that published the file: most
    /// files have no other, and none of it is worth a row in `file_attempts`.
    static let files = """
        CREATE TABLE job_files (
            job_id INTEGER NOT NULL REFERENCES download_jobs (id) ON DELETE CASCADE,
            position INTEGER NOT NULL CHECK (position >= 0),
            exchange TEXT NOT NULL,
            data_type TEXT NOT NULL,
            day TEXT NOT NULL CHECK (length(day) = 10),
            symbol TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state = 'pending' OR state = 'running' OR state = 'ok'
                OR state = 'empty' OR state = 'unavailable' OR state = 'failed'
                OR state = 'cancelled'),
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
            origin TEXT CHECK (origin = 'upstream' OR origin = 'disk' OR origin = 'link'),
            expected_sha256 TEXT CHECK (length(expected_sha256) = 64),
            suspicion TEXT,
            began_at INTEGER,
            ended_at INTEGER,
            finding TEXT CHECK (finding = 'damaged' OR finding = 'missing'),
            former_sha256 TEXT,
            revision_sha256 TEXT,
            revision_seen_at INTEGER,
            changed INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (job_id, position),
            CONSTRAINT proven_exactly_when_published CHECK (
                (state IN ('ok', 'empty')) = (sha256 IS NOT NULL)),
            CONSTRAINT proof_is_whole CHECK (
                (sha256 IS NULL) = (bytes IS NULL) AND (sha256 IS NULL) = (rows IS NULL)),
            CONSTRAINT ok_has_rows CHECK (state <> 'ok' OR rows > 0),
            CONSTRAINT empty_has_none CHECK (state <> 'empty' OR rows = 0),
            CONSTRAINT nothing_is_missing_without_a_reason CHECK (
                NOT (state = 'unavailable' OR state = 'failed' OR state = 'cancelled')
                    OR code IS NOT NULL),
            CONSTRAINT reason_is_whole CHECK ((code IS NULL) = (detail IS NULL))
        ) WITHOUT ROWID;
        CREATE INDEX job_files_by_state ON job_files (job_id, state, position, not_before);
        CREATE INDEX job_files_running ON job_files (job_id, position) WHERE state = 'running';
        CREATE INDEX job_files_by_dataset ON job_files (exchange, data_type, symbol, day)
            WHERE state = 'ok';
        CREATE INDEX job_files_empty_by_dataset ON job_files (exchange, data_type, symbol, day)
            WHERE state = 'empty';
        CREATE INDEX job_files_by_name ON job_files (job_id, data_type, day, \(symbolInNames));
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

    /// The history is only added to, as long as there is the job that it tells about.
    static let history = """
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
        CREATE INDEX job_events_removed ON job_events (id) WHERE kind = 'removed';
        CREATE TRIGGER job_events_are_not_changed BEFORE UPDATE ON job_events
        BEGIN SELECT RAISE (ABORT, 'the history is only added to'); END;
        CREATE TRIGGER job_events_are_not_removed BEFORE DELETE ON job_events
        WHEN old.job_id IS NULL
            OR EXISTS (SELECT 1 FROM download_jobs WHERE id = old.job_id)
        BEGIN SELECT RAISE (ABORT, 'the history is only added to'); END;
        """

    /// The outbox. A row holds the job as it was, so that later changes do not alter it. Users take
    /// turns, and many waiting notifications of a kind are found together.
    static let notifications = """
        CREATE TABLE notifications (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK (kind = 'started' OR kind = 'completed' OR kind = 'failed'
                OR kind = 'cancelled'),
            queued_at TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            not_before INTEGER,
            delivered_at TEXT,
            refused_at TEXT,
            last_error TEXT,
            job_id INTEGER NOT NULL,
            status TEXT NOT NULL CHECK (status = iif(kind = 'started', 'running', kind)),
            created_by TEXT NOT NULL,
            verification INTEGER NOT NULL CHECK (verification IN (0, 1)),
            job JSON NOT NULL,
            CONSTRAINT delivered_or_refused CHECK (delivered_at IS NULL OR refused_at IS NULL),
            CONSTRAINT refused_for_a_reason CHECK (refused_at IS NULL OR last_error IS NOT NULL),
            CONSTRAINT ended_after_an_attempt CHECK (
                attempts > 0 OR (delivered_at IS NULL AND refused_at IS NULL))
        );
        CREATE INDEX notifications_waiting ON notifications (created_by, kind, verification, id)
            WHERE delivered_at IS NULL AND refused_at IS NULL;
        CREATE INDEX notifications_retried ON notifications (id) WHERE not_before IS NOT NULL;
        CREATE INDEX notifications_by_job ON notifications (job_id);
        """
}
