// A job as GET /jobs/{id} and GET /jobs show it, with what its last verification found.

package import JSON

/// A job and how far it has come.
package struct JobResponse: Hashable, Sendable, Decodable, JSONWritable {
    package var id: Int64
    /// `pending`, `running`, `completed`, `failed` or `cancelled`.
    package var status: String
    package var exchange: String
    package var dataTypes: [String]
    /// In lists the first 20 of ``symbolsTotal``; all where one job is shown.
    package var symbols: [String]
    /// `YYYY-MM-DD`.
    package var startDate: String
    /// `YYYY-MM-DD`, inclusive.
    package var endDate: String
    package var outputPath: String
    /// ISO 8601 with microseconds, in UTC: `2025-11-13T10:20:30.123456Z`. So are the other times.
    package var createdAt: String
    package var startedAt: String?
    package var completedAt: String?
    package var errorMessage: String?
    package var createdBy: String
    /// Planned files; before the job is planned, as many as it asks for; 0 where unknown.
    package var filesTotal: Int
    /// Files that ended well: published with rows, or empty, or unavailable.
    package var filesDone: Int
    /// Files that failed; cancelled ones are counted separately.
    package var filesFailed: Int
    /// Compressed bytes of the published files.
    package var bytesDone: Int64
    /// What differs from the request as written.
    package var notes: [String]
    /// SHA-256 of the job's SHA256SUMS; `null` until it is completed. Services older than the
    /// client know neither this nor what follows.
    package var datasetDigest: String?
    /// Compressed bytes that did not have to be fetched.
    package var bytesSaved: Int64?
    /// Files whose size is far from that of days nearby.
    package var filesSuspicious: Int?
    /// When all files were last proven again from disk.
    package var verifiedAt: String?
    /// Files that were damaged or missing then, and have their recorded bytes again.
    package var filesRepaired: Int?
    /// 0 … 9, the higher the sooner. Services older than the client know neither this nor what
    /// follows.
    package var priority: Int?
    /// Whether it waits until it is resumed.
    package var paused: Bool?
    /// Whether it is kept however old it is.
    package var pinned: Bool?
    /// When an upstream pause that holds it up ends.
    package var resumeAt: String?
    /// Of the files done: those without a row. Services older than the client know neither this
    /// nor what follows.
    package var filesEmpty: Int?
    /// Of the files done: those that Tardis does not have, for a known reason or as accepted gaps.
    package var filesUnavailable: Int?
    /// Files that were cancelled with the job.
    package var filesCancelled: Int?
    /// Of the unavailable files: gaps that the owner has accepted.
    package var gapsAccepted: Int?
    /// What the last verification found; `null` where there was none.
    package var verification: VerificationResponse?
    /// Why it waits; `null` where nothing holds it up, and in services older than the client.
    package var waiting: WaitReasonResponse?
    /// How many symbols it has. Services older than the client show all and do not say.
    package var symbolsTotal: Int?

    package init(
        id: Int64, status: String, exchange: String, dataTypes: [String], symbols: [String],
        startDate: String, endDate: String, outputPath: String, createdAt: String,
        startedAt: String? = nil, completedAt: String? = nil, errorMessage: String? = nil,
        createdBy: String, filesTotal: Int = 0, filesDone: Int = 0, filesFailed: Int = 0,
        bytesDone: Int64 = 0, notes: [String] = [], datasetDigest: String? = nil,
        bytesSaved: Int64 = 0, filesSuspicious: Int = 0, verifiedAt: String? = nil,
        filesRepaired: Int = 0, priority: Int = 5, paused: Bool = false, pinned: Bool = false,
        resumeAt: String? = nil, filesEmpty: Int = 0, filesUnavailable: Int = 0,
        filesCancelled: Int = 0, gapsAccepted: Int = 0, verification: VerificationResponse? = nil,
        waiting: WaitReasonResponse? = nil, symbolsTotal: Int? = nil
    ) {
        self.id = id
        self.status = status
        self.exchange = exchange
        self.dataTypes = dataTypes
        self.symbols = symbols
        self.startDate = startDate
        self.endDate = endDate
        self.outputPath = outputPath
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.completedAt = completedAt
        self.errorMessage = errorMessage
        self.createdBy = createdBy
        self.filesTotal = filesTotal
        self.filesDone = filesDone
        self.filesFailed = filesFailed
        self.bytesDone = bytesDone
        self.notes = notes
        self.datasetDigest = datasetDigest
        self.bytesSaved = bytesSaved
        self.filesSuspicious = filesSuspicious
        self.verifiedAt = verifiedAt
        self.filesRepaired = filesRepaired
        self.priority = priority
        self.paused = paused
        self.pinned = pinned
        self.resumeAt = resumeAt
        self.filesEmpty = filesEmpty
        self.filesUnavailable = filesUnavailable
        self.filesCancelled = filesCancelled
        self.gapsAccepted = gapsAccepted
        self.verification = verification
        self.waiting = waiting
        self.symbolsTotal = symbolsTotal ?? symbols.count
    }

    package var json: JSONValue {
        [
            "id": .integer(id),
            "status": .string(status),
            "exchange": .string(exchange),
            "data_types": .texts(dataTypes),
            "symbols": .texts(symbols),
            "start_date": .string(startDate),
            "end_date": .string(endDate),
            "output_path": .string(outputPath),
            "created_at": .string(createdAt),
            "started_at": .text(startedAt),
            "completed_at": .text(completedAt),
            "error_message": .text(errorMessage),
            "created_by": .string(createdBy),
            "files_total": .integer(filesTotal),
            "files_done": .integer(filesDone),
            "files_failed": .integer(filesFailed),
            "bytes_done": .integer(bytesDone),
            "notes": .texts(notes),
            "dataset_digest": .text(datasetDigest),
            "bytes_saved": .integer(bytesSaved),
            "files_suspicious": .integer(filesSuspicious),
            "verified_at": .text(verifiedAt),
            "files_repaired": .integer(filesRepaired),
            "priority": .integer(priority),
            "paused": paused.map(JSONValue.bool) ?? .null,
            "pinned": pinned.map(JSONValue.bool) ?? .null,
            "resume_at": .text(resumeAt),
            "files_empty": .integer(filesEmpty),
            "files_unavailable": .integer(filesUnavailable),
            "files_cancelled": .integer(filesCancelled),
            "gaps_accepted": .integer(gapsAccepted),
            "verification": verification?.json ?? .null,
            "waiting": waiting?.json ?? .null,
            "symbols_total": .integer(symbolsTotal ?? symbols.count),
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case id, status, exchange, symbols, notes, priority, paused, pinned, verification, waiting
        case dataTypes = "data_types"
        case startDate = "start_date"
        case endDate = "end_date"
        case outputPath = "output_path"
        case createdAt = "created_at"
        case startedAt = "started_at"
        case completedAt = "completed_at"
        case errorMessage = "error_message"
        case createdBy = "created_by"
        case filesTotal = "files_total"
        case filesDone = "files_done"
        case filesFailed = "files_failed"
        case bytesDone = "bytes_done"
        case datasetDigest = "dataset_digest"
        case bytesSaved = "bytes_saved"
        case filesSuspicious = "files_suspicious"
        case verifiedAt = "verified_at"
        case filesRepaired = "files_repaired"
        case resumeAt = "resume_at"
        case filesEmpty = "files_empty"
        case filesUnavailable = "files_unavailable"
        case filesCancelled = "files_cancelled"
        case gapsAccepted = "gaps_accepted"
        case symbolsTotal = "symbols_total"
    }
}

/// The result of the last verification that ended.
package struct VerificationResponse: Hashable, Sendable, Decodable, JSONWritable {
    /// When it began to read files.
    package var startedAt: String?
    /// When it ended.
    package var at: String
    /// Files that were read again, or should have been.
    package var filesChecked: Int
    /// Files whose bytes on disk were not the recorded ones.
    package var filesDamaged: Int
    /// Files that were not there.
    package var filesMissing: Int
    /// Damaged or missing files that have their recorded bytes again.
    package var filesRepaired: Int
    /// Damaged or missing files for which Tardis has other bytes than the recorded ones.
    package var filesChanged: Int
    /// The job's last digest that was another than `dataset_digest`.
    package var formerDigest: String?

    package init(
        startedAt: String?, at: String, filesChecked: Int, filesDamaged: Int, filesMissing: Int,
        filesRepaired: Int, filesChanged: Int, formerDigest: String?
    ) {
        self.startedAt = startedAt
        self.at = at
        self.filesChecked = filesChecked
        self.filesDamaged = filesDamaged
        self.filesMissing = filesMissing
        self.filesRepaired = filesRepaired
        self.filesChanged = filesChanged
        self.formerDigest = formerDigest
    }

    package var json: JSONValue {
        [
            "started_at": .text(startedAt),
            "at": .string(at),
            "files_checked": .integer(filesChecked),
            "files_damaged": .integer(filesDamaged),
            "files_missing": .integer(filesMissing),
            "files_repaired": .integer(filesRepaired),
            "files_changed": .integer(filesChanged),
            "former_digest": .text(formerDigest),
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case at
        case startedAt = "started_at"
        case filesChecked = "files_checked"
        case filesDamaged = "files_damaged"
        case filesMissing = "files_missing"
        case filesRepaired = "files_repaired"
        case filesChanged = "files_changed"
        case formerDigest = "former_digest"
    }
}
