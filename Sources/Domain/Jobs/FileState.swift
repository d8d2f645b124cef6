// The states of one planned file, and what is known about a published one.

package import Datasets

/// Where a planned file stands.
package enum FileState: String, CaseIterable, Hashable, Sendable {
    case pending
    case running
    /// Published and proven, with rows.
    case ok
    /// Published and proven: Tardis has no data for that day and says so with an empty gzip.
    case empty
    /// There is no such file, and the catalogue confirms why: not listed yet, or delisted.
    case unavailable
    case failed
    case cancelled

    /// Whether nothing will change it by itself any more.
    package var isFinal: Bool { self != .pending && self != .running }

    /// Whether a job with such a file can still be `completed`.
    package var isGood: Bool { self == .ok || self == .empty || self == .unavailable }
}

/// What was found while every byte of a file was read: the evidence that it is what it should be.
package struct FileProof: Hashable, Sendable {
    /// Compressed bytes, as on disk.
    package var bytes: Int64
    /// Rows without the header line.
    package var rows: Int64
    /// `local_timestamp` of the first row.
    package var firstTimestamp: Timestamp?
    /// `local_timestamp` of the last row.
    package var lastTimestamp: Timestamp?
    /// Of the compressed bytes, 64 lower-case hexadecimal digits.
    package var sha256: String

    package init(
        bytes: Int64, rows: Int64, firstTimestamp: Timestamp?, lastTimestamp: Timestamp?,
        sha256: String
    ) {
        self.bytes = bytes
        self.rows = rows
        self.firstTimestamp = firstTimestamp
        self.lastTimestamp = lastTimestamp
        self.sha256 = sha256
    }

    /// `ok` with rows, `empty` without.
    package var state: FileState { rows > 0 ? .ok : .empty }
}

/// Why a file could not be had, for its owner and for the record.
package struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A stable name, such as `api_key_refused` or `gzip_damaged`.
    package var code: String
    /// What happened and what can be done about it, in a sentence. Never holds a secret.
    package var detail: String
    /// The upstream's status, where it answered.
    package var httpStatus: Int?

    package init(code: String, detail: String, httpStatus: Int? = nil) {
        self.code = code
        self.detail = detail
        self.httpStatus = httpStatus
    }

    package var description: String { detail }
}

/// One file of a job's plan, before anything was tried.
package struct PlannedFile: Hashable, Sendable {
    package var file: DatasetFile
    /// `pending`, or the final state that the catalogue already decides.
    package var state: FileState
    /// Why, where the state is final.
    package var failure: FileFailure?

    package init(file: DatasetFile, state: FileState = .pending, failure: FileFailure? = nil) {
        self.file = file
        self.state = state
        self.failure = failure
    }
}

/// A planned file as recorded.
package struct FileRecord: Hashable, Sendable {
    package var job: JobID
    /// Its place in the job's plan, from 0.
    package var position: Int
    package var file: DatasetFile
    package var state: FileState
    /// Attempts that counted; one interrupted by a restart does not.
    package var attempts: Int
    /// Not to be tried before this moment.
    package var notBefore: Timestamp?
    package var proof: FileProof?
    package var failure: FileFailure?

    package init(
        job: JobID, position: Int, file: DatasetFile, state: FileState, attempts: Int = 0,
        notBefore: Timestamp? = nil, proof: FileProof? = nil, failure: FileFailure? = nil
    ) {
        self.job = job
        self.position = position
        self.file = file
        self.state = state
        self.attempts = attempts
        self.notBefore = notBefore
        self.proof = proof
        self.failure = failure
    }
}
