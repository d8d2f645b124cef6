// What must hold of an installation after any sequence of events.

import APITypes
import FoundationEssentials
import ServiceSupport
import TestSupport

/// Looks at an installation from outside: at its database by SQLite's own program, at its files by
/// gzip and sha256sum.
struct Inspection: Sendable {
    /// The folder that holds `data` and `datasets`.
    let root: String
    /// Below the data root.
    let folder: String

    /// States of jobs and files that must never be seen, one line each.
    private static let illegalRows = """
        SELECT 'counts do not fit the files of job ' || id FROM download_jobs AS j
        WHERE planned = 1 AND (
            files_total <> (SELECT count(*) FROM job_files WHERE job_id = j.id)
            OR files_done <> (SELECT count(*) FROM job_files WHERE job_id = j.id
                AND state IN ('ok', 'empty', 'unavailable'))
            OR files_failed <> (SELECT count(*) FROM job_files WHERE job_id = j.id
                AND state = 'failed')
            OR files_cancelled <> (SELECT count(*) FROM job_files WHERE job_id = j.id
                AND state = 'cancelled'))
        UNION ALL
        SELECT 'open files in the ended job ' || id FROM download_jobs AS j
        WHERE completed_at IS NOT NULL AND EXISTS (SELECT 1 FROM job_files
            WHERE job_id = j.id AND state IN ('pending', 'running'))
        UNION ALL
        SELECT 'running files in the pending job ' || id FROM download_jobs AS j
        WHERE status = 'pending' AND EXISTS (SELECT 1 FROM job_files
            WHERE job_id = j.id AND state = 'running')
        """

    /// What must never be seen where no commands are sent: each job has one notification of its
    /// start and one of its end, and a user of its own.
    private static let illegal = """
        \(illegalRows)
        UNION ALL
        SELECT 'news of job ' || id || ' (' || status || '): ' || coalesce(starts, 0) || '+'
            || coalesce(ends, 0)
        FROM download_jobs LEFT JOIN (
            SELECT job_id, sum(kind = 'started') AS starts, sum(kind <> 'started') AS ends,
                max(iif(kind = 'started', '', kind)) AS last
            FROM notifications GROUP BY job_id) ON job_id = id
        WHERE coalesce(starts, 0) <> (started_at IS NOT NULL)
            OR coalesce(ends, 0) <> (completed_at IS NOT NULL)
            OR (completed_at IS NOT NULL AND last <> status)
        UNION ALL
        SELECT 'several jobs of ' || created_by FROM download_jobs
        GROUP BY created_by HAVING count(*) > 1
        """

    private var database: String { "\(root)/data/downloads.db" }
    private var files: String { "\(root)/datasets/\(folder)" }

    /// What is illegal at this moment, while the service runs.
    func illegalStates() throws -> [String] {
        try lines(database, Inspection.illegal, isReadOnly: true)
    }

    /// The same, where commands may have been sent.
    func illegalRows() throws -> [String] {
        try lines(database, Inspection.illegalRows, isReadOnly: true)
    }

    /// What `integrity_check` finds, while the service runs.
    func damage() throws -> [String] {
        try lines(database, "PRAGMA integrity_check", isReadOnly: true).filter { $0 != "ok" }
    }

    /// What is wrong with what a dead service has left. Looks at a copy, so that the next start
    /// finds the log as it is.
    func problemsOfTheDead(_ ledger: Ledger) async throws -> [String] {
        guard FileManager.default.fileExists(atPath: database) else {
            return ledger.acknowledged.isEmpty ? [] : ["there is no database"]
        }
        let copy = TemporaryFolder()
        let path = copy.path("copy.db")
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: database + suffix) {
            try FileManager.default.copyItem(atPath: database + suffix, toPath: path + suffix)
        }
        return try await problems(in: path, ledger)
    }

    /// What is wrong with the database and the files of a service that is not running.
    func problems(in path: String, _ ledger: Ledger) async throws -> [String] {
        var problems = try lines(path, "PRAGMA integrity_check", isReadOnly: false)
            .filter { $0 != "ok" }
        // Of the last columns that are looked at.
        let tables = try lines(
            path,
            """
            SELECT name FROM pragma_table_info('download_jobs') WHERE name = 'files_cancelled'
            """, isReadOnly: false)
        guard !tables.isEmpty else {
            // Killed while the tables were made.
            return problems + (ledger.acknowledged.isEmpty ? [] : ["there are no tables"])
        }
        problems += try lines(path, Inspection.illegal, isReadOnly: false)
        problems += try lost(in: path, ledger.acknowledged, isReadOnly: false)
        return try await problems + damagedFiles(recordedIn: path)
    }

    /// What is wrong once all is done, while the service runs.
    func problemsAtRest(_ ledger: Ledger) async throws -> [String] {
        var problems = try illegalStates() + damage()
        problems += try lost(in: database, ledger.acknowledged, isReadOnly: true)
        problems += try lines(
            database,
            """
            SELECT 'job ' || id || ' is ' || status || ': ' || coalesce(error_message, '')
            FROM download_jobs WHERE status <> 'completed'
            """, isReadOnly: true)
        problems += parts.map { "\($0) is left" }
        return try await problems + damagedFiles(recordedIn: database)
    }

    /// The names of the files that are published.
    var published: [String] {
        names.filter { $0.hasSuffix(".csv.gz") }
    }

    /// The names of the files that are not.
    var parts: [String] {
        names.filter { !$0.hasSuffix(".csv.gz") }
    }

    private var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: files)) ?? []).sorted()
    }

    /// The acknowledged jobs that are missing or changed.
    private func lost(
        in path: String, _ promised: [Ledger.Entry], isReadOnly: Bool
    ) throws -> [String] {
        let rows = try lines(
            path,
            """
            SELECT id || ' ' || created_by || ' ' || exchange || ' ' || symbols || ' '
                || data_types || ' ' || start_date || ' ' || end_date || ' ' || output_path
            FROM download_jobs
            """, isReadOnly: isReadOnly)
        let present = Set(rows)
        return promised.compactMap { entry in
            let request = entry.request
            let row =
                "\(entry.id ?? 0) \(entry.user) \(request.exchange) [\"\(request.symbols[0])\"] "
                + "[\"\((request.dataTypes ?? [])[0])\"] \(request.startDate) "
                + "\(request.endDate) \(request.outputPath ?? "")"
            return present.contains(row) ? nil : "lost: \(row)"
        }
    }

    /// Files under their final names that are not whole or not what the database says, and files
    /// that the database has and the folder has not.
    func damagedFiles(recordedIn path: String) async throws -> [String] {
        let recorded = try lines(
            path,
            """
            SELECT sha256 || '  ' || f.exchange || '_' || data_type || '_' || day || '_' || symbol
                || '.csv.gz'
            FROM job_files AS f JOIN download_jobs ON id = job_id
            WHERE state IN ('ok', 'empty') AND output_path = './datasets/\(folder)'
            """, isReadOnly: path == database)
        guard !published.isEmpty || !recorded.isEmpty else { return [] }
        let sums = try await shell(
            "cd '\(files)' && gzip -t *.csv.gz && sha256sum *.csv.gz")
        guard sums.isFine else { return ["damaged: \(sums.output.suffix(500))"] }
        let present = Set(sums.output.split(separator: "\n").map(String.init))
        return Set(recorded).subtracting(present).sorted().map { "not as recorded: \($0)" }
    }

    private func lines(_ path: String, _ sql: String, isReadOnly: Bool) throws -> [String] {
        // The shell must see one argument.
        let text = sql.replacing("\"", with: "\\\"").replacing("\n", with: " ")
        return try Database.rows(path, text, isReadOnly: isReadOnly)
            .split(separator: "\n").map(String.init)
    }
}
