// What GET /jobs/{id}/files responds with.

package import JSON

/// A planned file of a job, with its checksum and attempts.
package struct FileResponse: Hashable, Sendable, Decodable, JSONWritable {
    /// Its name in the job's folder.
    package var name: String
    /// `pending`, `running`, `ok`, `empty`, `unavailable`, `failed` or `cancelled`.
    package var state: String
    package var dataType: String
    /// `YYYY-MM-DD`.
    package var day: String
    package var symbol: String
    /// Compressed bytes; set once published, like the next four.
    package var bytes: Int64?
    package var rows: Int64?
    /// ISO 8601 with microseconds, in UTC; `null` also for a file without rows.
    package var firstTimestamp: String?
    package var lastTimestamp: String?
    /// 64 lower-case hexadecimal digits.
    package var sha256: String?
    /// `upstream`, `disk` or `link`, once published.
    package var origin: String?
    /// Why its size is odd, where it is.
    package var suspicious: String?
    /// Why an attempt failed, where one did.
    package var code: String?
    package var detail: String?
    /// The last attempts, oldest first.
    package var attempts: [FileAttemptResponse]
    /// How long these attempts took together.
    package var seconds: Double
    /// How many attempts there were, listed or not. Services older than the client know neither
    /// this nor what follows.
    package var attemptsTotal: Int?
    /// `damaged` or `missing`: what the last verification found where the file was not as recorded.
    package var finding: String?
    /// Other bytes that Tardis has been seen to have.
    package var revision: FileRevisionResponse?

    package init(
        name: String, state: String, dataType: String, day: String, symbol: String,
        bytes: Int64?, rows: Int64?, firstTimestamp: String?, lastTimestamp: String?,
        sha256: String?, origin: String?, suspicious: String?, code: String?, detail: String?,
        attempts: [FileAttemptResponse], seconds: Double, attemptsTotal: Int? = nil,
        finding: String? = nil, revision: FileRevisionResponse? = nil
    ) {
        self.name = name
        self.state = state
        self.dataType = dataType
        self.day = day
        self.symbol = symbol
        self.bytes = bytes
        self.rows = rows
        self.firstTimestamp = firstTimestamp
        self.lastTimestamp = lastTimestamp
        self.sha256 = sha256
        self.origin = origin
        self.suspicious = suspicious
        self.code = code
        self.detail = detail
        self.attempts = attempts
        self.seconds = seconds
        self.attemptsTotal = attemptsTotal
        self.finding = finding
        self.revision = revision
    }

    package var json: JSONValue {
        [
            "name": .string(name),
            "state": .string(state),
            "data_type": .string(dataType),
            "day": .string(day),
            "symbol": .string(symbol),
            "bytes": .integer(bytes),
            "rows": .integer(rows),
            "first_timestamp": .text(firstTimestamp),
            "last_timestamp": .text(lastTimestamp),
            "sha256": .text(sha256),
            "origin": .text(origin),
            "suspicious": .text(suspicious),
            "code": .text(code),
            "detail": .text(detail),
            "attempts": .array(attempts.map(\.json)),
            "seconds": .seconds(seconds),
            "attempts_total": .integer(attemptsTotal),
            "finding": .text(finding),
            "revision": revision?.json ?? .null,
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case name, state, day, symbol, bytes, rows, sha256, origin, suspicious, code, detail
        case attempts, seconds, finding, revision
        case attemptsTotal = "attempts_total"
        case dataType = "data_type"
        case firstTimestamp = "first_timestamp"
        case lastTimestamp = "last_timestamp"
    }
}

/// Bytes of a file that are not the recorded ones.
package struct FileRevisionResponse: Hashable, Sendable, Decodable, JSONWritable {
    /// Of the bytes that Tardis had.
    package var sha256: String
    /// Of the bytes that were recorded until then.
    package var recordedSHA256: String
    package var seenAt: String
    /// Whether they have taken the place of the recorded ones.
    package var accepted: Bool

    package init(sha256: String, recordedSHA256: String, seenAt: String, accepted: Bool) {
        self.sha256 = sha256
        self.recordedSHA256 = recordedSHA256
        self.seenAt = seenAt
        self.accepted = accepted
    }

    package var json: JSONValue {
        [
            "sha256": .string(sha256),
            "recorded_sha256": .string(recordedSHA256),
            "seen_at": .string(seenAt),
            "accepted": .bool(accepted),
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case sha256, accepted
        case recordedSHA256 = "recorded_sha256"
        case seenAt = "seen_at"
    }
}

/// One attempt at a file.
package struct FileAttemptResponse: Hashable, Sendable, Decodable, JSONWritable {
    /// When it began.
    package var at: String
    package var seconds: Double
    /// `null` where no request was sent, or no response arrived.
    package var httpStatus: Int?
    /// `null` where it succeeded.
    package var code: String?
    package var detail: String?

    package init(at: String, seconds: Double, httpStatus: Int?, code: String?, detail: String?) {
        self.at = at
        self.seconds = seconds
        self.httpStatus = httpStatus
        self.code = code
        self.detail = detail
    }

    package var json: JSONValue {
        [
            "at": .string(at),
            "seconds": .seconds(seconds),
            "http_status": .integer(httpStatus),
            "code": .text(code),
            "detail": .text(detail),
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case at, seconds, code, detail
        case httpStatus = "http_status"
    }
}

/// One page of a job's files.
package struct FileListResponse: Hashable, Sendable, Decodable, JSONWritable {
    package var files: [FileResponse]
    /// How many files match, on all pages together.
    package var total: Int

    package init(files: [FileResponse], total: Int) {
        self.files = files
        self.total = total
    }

    package var json: JSONValue {
        ["files": .array(files.map(\.json)), "total": .integer(total)]
    }
}
