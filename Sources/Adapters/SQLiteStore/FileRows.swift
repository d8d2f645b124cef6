// The columns of a planned file.

import Datasets
import Jobs
import SQLite

/// Reads the columns of `job_files`.
enum FileTable {
    static let columns = """
        job_id, position, exchange, data_type, day, symbol, state, attempts, not_before, \
        bytes, rows, first_timestamp, last_timestamp, sha256, code, detail, http_status, \
        origin, expected_sha256, suspicion, finding, former_sha256, revision_sha256, \
        revision_seen_at, changed
        """

    /// What follows `FROM job_files`, and `WHERE job_id = ?`, to see only files in these states.
    static func selection(of states: Set<FileState>?) -> (index: String, condition: String) {
        guard let states else { return ("", "") }
        let names = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        return (stateIndex, "AND state IN (\(names))")
    }

    /// Names the index by state. Left alone, the planner, which does not know how few of a job's
    /// files are in such a state, takes the primary key and looks at all of them.
    static let stateIndex = "INDEXED BY job_files_by_state"

    /// The file in a row of ``columns``.
    static func record(in row: borrowing Row) throws -> FileRecord {
        let job = JobID(row.integer(0))
        let position = Int(row.integer(1))
        guard let dataType = DataType(rawValue: row.text(3)), let day = Day(row.text(4)),
            let state = FileState(rawValue: row.text(6))
        else {
            throw StoreFailure.damage("file \(position) of job \(job) cannot be read")
        }
        return FileRecord(
            job: job, position: position,
            file: DatasetFile(
                exchange: row.text(2), dataType: dataType, day: day, symbol: row.text(5)),
            state: state, attempts: JobTable.count(row.integer(7)),
            notBefore: row.integerIfAny(8).map(Timestamp.init(microseconds:)),
            checksum: checksum(in: row), failure: failure(in: row),
            expectedSHA256: row.textIfAny(18), sizeWarning: row.textIfAny(19),
            finding: row.textIfAny(20).flatMap(FileFinding.init(rawValue:)),
            revision: revision(in: row), isRevised: row.integer(24) != 0)
    }

    private static func revision(in row: borrowing Row) -> FileRevision? {
        guard let former = row.textIfAny(21), let sha256 = row.textIfAny(22),
            let moment = row.integerIfAny(23)
        else { return nil }
        return FileRevision(
            sha256: sha256, recordedSHA256: former, seenAt: Timestamp(microseconds: moment))
    }

    /// The order of files by their names, within a job. `job_files_by_name` is in this order.
    static let nameOrder = "data_type, day, \(Schema.symbolInNames)"

    /// Names of a job's files, in the order of their names.
    ///
    /// - Parameter condition: which files.
    static func names(
        of id: JobID, where condition: String, limit: Int = -1, in database: Database
    ) throws -> [String] {
        try database.rows(
            """
            SELECT \(columns) FROM job_files \(stateIndex) WHERE job_id = ? AND \(condition)
            ORDER BY \(nameOrder) LIMIT ?
            """, [.integer(id.rawValue), SQLValue(limit)]
        ) { try record(in: $0).file.name }
    }

    /// Which files are gaps that were accepted.
    static let isAcceptedGap = "state = 'unavailable' AND code = '\(Gaps.acceptedCode)'"

    /// The sums of the published files of a job, sorted by the bytes of their names.
    static func sums(of id: JobID, in database: Database) throws -> [ChecksumLine] {
        let sums = try database.rows(
            """
            SELECT \(columns) FROM job_files
            WHERE job_id = ? AND state IN ('ok', 'empty')
            """, [.integer(id.rawValue)]
        ) { row in
            ChecksumLine(name: try record(in: row).file.name, sha256: row.text(13))
        }
        // Names are what sha256sum prints, and symbols in them are not as they are kept.
        return sums.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private static func checksum(in row: borrowing Row) -> FileChecksum? {
        guard let sha256 = row.textIfAny(13) else { return nil }
        return FileChecksum(
            bytes: Int64(JobTable.count(row.integer(9))),
            rows: Int64(JobTable.count(row.integer(10))),
            firstTimestamp: row.integerIfAny(11).map(Timestamp.init(microseconds:)),
            lastTimestamp: row.integerIfAny(12).map(Timestamp.init(microseconds:)),
            sha256: sha256,
            origin: row.textIfAny(17).flatMap(FileOrigin.init(rawValue:)) ?? .upstream)
    }

    private static func failure(in row: borrowing Row) -> FileFailure? {
        guard let code = row.textIfAny(14) else { return nil }
        return FileFailure(
            code: code, detail: row.text(15), httpStatus: row.integerIfAny(16).map { Int($0) })
    }
}

extension FileFailure {
    /// Code, detail and status, as three columns.
    var values: [SQLValue] { [.text(code), .text(detail), SQLValue(httpStatus)] }
}
