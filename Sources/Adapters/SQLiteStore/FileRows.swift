// The columns of a planned file.

import Datasets
import Jobs
import SQLite

/// The columns of `job_files` that make a ``FileRecord``.
enum FileTable: Int32, ResultColumn {
    case job_id, position, exchange, data_type, day, symbol, state, attempts, not_before, bytes
    case rows, first_timestamp, last_timestamp, sha256, code, detail, http_status, origin
    case expected_sha256, suspicion, finding, former_sha256, revision_sha256, revision_seen_at
    case changed

    static let columns = columnNames.joined(separator: ", ")

    /// Names the index by state. Without it the planner, which does not know how few of a job's
    /// files are in such a state, takes the primary key and reads all of them.
    static let stateIndex = "INDEXED BY job_files_by_state"

    /// The order of files by their names, within a job. `job_files_by_name` is in this order.
    static let nameOrder = "data_type, day, \(Schema.symbolInNames)"

    /// Files that are gaps that were accepted.
    static let isAcceptedGap = "state = 'unavailable' AND code = '\(Gaps.acceptedCode)'"

    /// Files of one dataset, of any job. The values: ``Datasets/DatasetFile/values``.
    static let isDataset = "job_files.exchange = ? AND data_type = ? AND symbol = ? AND day = ?"

    /// One file of a job. The values: ``key(of:_:)``.
    static let isFile = "job_id = ? AND position = ?"

    /// Sets why a file has no data. The values: ``Jobs/FileFailure/values``.
    static let setFailure = "code = ?, detail = ?, http_status = ?"

    static let clearFailure = "code = NULL, detail = NULL, http_status = NULL"

    static func key(of id: JobID, _ position: Int) -> [SQLValue] {
        [SQLValue(id), SQLValue(position)]
    }

    /// What follows `FROM job_files`, and `WHERE job_id = ?`, to select only files in these states.
    static func selection(of states: Set<FileState>?) -> (index: String, condition: String) {
        guard let states else { return ("", "") }
        let names = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        return (stateIndex, "AND state IN (\(names))")
    }

    /// - Parameter clauses: what follows `FROM job_files`.
    static func files(
        _ clauses: String, _ values: [SQLValue], in database: Database
    ) throws -> [FileRecord] {
        try database.rows("SELECT \(columns) FROM job_files \(clauses)", values) {
            try record(in: $0)
        }
    }

    /// The states of files of a job.
    ///
    /// - Parameter condition: selects the files.
    static func states(
        of id: JobID, where condition: String, in database: Database
    ) throws -> [FileState] {
        try database.rows(
            "SELECT state FROM job_files WHERE job_id = ? AND \(condition)", [SQLValue(id)]
        ) { FileState(rawValue: $0.text(0)) }.compactMap { $0 }
    }

    /// Names of a job's files, in the order of their names.
    ///
    /// - Parameter condition: selects the files.
    static func names(
        of id: JobID, where condition: String, limit: Int = -1, in database: Database
    ) throws -> [String] {
        try files(
            "\(stateIndex) WHERE job_id = ? AND \(condition) ORDER BY \(nameOrder) LIMIT ?",
            [SQLValue(id), SQLValue(limit)], in: database
        ).map(\.file.name)
    }

    /// The checksums of the published files of a job, sorted by the bytes of their names.
    static func sums(of id: JobID, in database: Database) throws -> [ChecksumLine] {
        let files = try files(
            "WHERE job_id = ? AND state IN ('ok', 'empty')", [SQLValue(id)], in: database)
        // Sorted here: `sha256sum` prints names, whose symbols differ from those in the rows.
        return files.map { ChecksumLine(name: $0.file.name, sha256: $0.checksum?.sha256 ?? "") }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Failed files that ``stateCounts(of:in:)`` names: as many as fit into a short message.
    private static let namedFailuresMax = 5

    /// How many files of a job are in each state.
    static func stateCounts(of id: JobID, in database: Database) throws -> FileStateCounts {
        let counts = try database.rows(
            "SELECT state, count(*) FROM job_files WHERE job_id = ? GROUP BY state", [SQLValue(id)]
        ) { (FileState(rawValue: $0.text(0)), Int($0.integer(1))) }
        let failures = try files(
            "\(stateIndex) WHERE job_id = ? AND state = 'failed' ORDER BY position LIMIT ?",
            [SQLValue(id), SQLValue(namedFailuresMax)], in: database)
        let known = counts.compactMap { state, count in state.map { ($0, count) } }
        return FileStateCounts(counts: Dictionary(uniqueKeysWithValues: known), failures: failures)
    }

    private static func record(in row: borrowing Row) throws -> FileRecord {
        guard let dataType = DataType(rawValue: row.text(data_type)),
            let date = Day(row.text(day)), let known = FileState(rawValue: row.text(state))
        else {
            throw StoreFailure.damage(
                "file \(row.integer(position)) of job \(row.integer(job_id)) cannot be read")
        }
        return FileRecord(
            job: JobID(row.integer(job_id)), position: Int(row.integer(position)),
            file: DatasetFile(
                exchange: row.text(exchange), dataType: dataType, day: date,
                symbol: row.text(symbol)),
            state: known, attempts: row.count(attempts), notBefore: row.microseconds(not_before),
            checksum: checksum(in: row), failure: failure(in: row),
            expectedSHA256: row.textIfAny(expected_sha256), sizeWarning: row.textIfAny(suspicion),
            finding: row.textIfAny(finding).flatMap(FileFinding.init(rawValue:)),
            revision: revision(in: row), isRevised: row.flag(changed))
    }

    private static func checksum(in row: borrowing Row) -> FileChecksum? {
        guard let sum = row.textIfAny(sha256) else { return nil }
        return FileChecksum(
            bytes: Int64(row.count(bytes)), rows: Int64(row.count(rows)),
            firstTimestamp: row.microseconds(first_timestamp),
            lastTimestamp: row.microseconds(last_timestamp), sha256: sum,
            origin: row.textIfAny(origin).flatMap(FileOrigin.init(rawValue:)) ?? .upstream)
    }

    private static func failure(in row: borrowing Row) -> FileFailure? {
        guard let name = row.textIfAny(code) else { return nil }
        return FileFailure(
            code: name, detail: row.text(detail),
            httpStatus: row.integerIfAny(http_status).map { Int($0) })
    }

    private static func revision(in row: borrowing Row) -> FileRevision? {
        guard let former = row.textIfAny(former_sha256),
            let current = row.textIfAny(revision_sha256),
            let moment = row.microseconds(revision_seen_at)
        else { return nil }
        return FileRevision(sha256: current, recordedSHA256: former, seenAt: moment)
    }
}
