// One planned file as recorded: its state, its attempts, and counts of files by state.

package import Datasets

/// A planned file as recorded.
package struct FileRecord: Hashable, Sendable {
    package var job: JobID
    /// Its position in the job's plan, from 0.
    package var position: Int
    package var file: DatasetFile
    package var state: FileState
    /// Attempts that counted; one interrupted by a restart does not.
    package var attempts: Int
    /// Not to be tried before this moment.
    package var notBefore: Timestamp?
    package var checksum: FileChecksum?
    package var failure: FileFailure?
    /// The recorded SHA-256, while the file is to be verified.
    package var expectedSHA256: String?
    /// Why its size is an outlier, in words: a reason to look, not an error.
    package var sizeWarning: String?
    /// What the last verification found wrong.
    package var finding: FileFinding?
    /// Other bytes that Tardis has.
    package var revision: FileRevision?
    /// Whether ``revision`` was seen by the last verification.
    package var isRevised: Bool

    package init(
        job: JobID, position: Int, file: DatasetFile, state: FileState, attempts: Int = 0,
        notBefore: Timestamp? = nil, checksum: FileChecksum? = nil, failure: FileFailure? = nil,
        expectedSHA256: String? = nil, sizeWarning: String? = nil, finding: FileFinding? = nil,
        revision: FileRevision? = nil, isRevised: Bool = false
    ) {
        self.job = job
        self.position = position
        self.file = file
        self.state = state
        self.attempts = attempts
        self.notBefore = notBefore
        self.checksum = checksum
        self.failure = failure
        self.expectedSHA256 = expectedSHA256
        self.sizeWarning = sizeWarning
        self.finding = finding
        self.revision = revision
        self.isRevised = isRevised
    }
}

/// The state of a planned file.
package enum FileState: String, CaseIterable, Hashable, Sendable {
    case pending
    case running
    /// Published and verified, with rows.
    case ok
    /// Published and verified: Tardis has no data for that day and says so with an empty gzip.
    case empty
    /// There is no such file, and the catalogue confirms why: not listed yet, or delisted; or its
    /// owner has accepted the gap.
    case unavailable
    case failed
    case cancelled

    /// Whether only a command can change it.
    package var isFinal: Bool { self != .pending && self != .running }

    /// Whether a job with such a file can still be `completed`.
    package var isGood: Bool { self == .ok || self == .empty || self == .unavailable }
}

/// How many files of a job are in each state.
package struct FileStateCounts: Hashable, Sendable {
    /// Files by state; a state without files may be missing.
    package var counts: [FileState: Int]
    /// The first few files that failed, by position, to name in the job's error message.
    package var failures: [FileRecord]

    package init(counts: [FileState: Int], failures: [FileRecord]) {
        self.counts = counts
        self.failures = failures
    }

    /// Files that have not ended yet.
    package var open: Int { (counts[.pending] ?? 0) + (counts[.running] ?? 0) }
    package var total: Int { counts.values.reduce(0, +) }
}

/// When an attempt at a file began and ended.
package struct AttemptSpan: Hashable, Sendable {
    package var began: Timestamp
    package var ended: Timestamp

    package init(from began: Timestamp, to ended: Timestamp) {
        self.began = began
        self.ended = ended
    }
}

/// One attempt at a file that counted.
package struct FileAttempt: Hashable, Sendable {
    package var span: AttemptSpan
    /// The upstream's status; `nil` without a request or a response.
    package var httpStatus: Int?
    /// Why it failed, in a stable name; `nil` where it did not.
    package var code: String?
    package var detail: String?

    package init(
        _ span: AttemptSpan, httpStatus: Int? = nil, code: String? = nil, detail: String? = nil
    ) {
        self.span = span
        self.httpStatus = httpStatus
        self.code = code
        self.detail = detail
    }

    /// The attempt with this result; `nil` where it does not count.
    package init?(_ span: AttemptSpan, result: AttemptResult) {
        switch result {
        case .published(let checksum):
            self.init(span, httpStatus: checksum.origin == .upstream ? 200 : nil)
        case .unavailable(let failure), .failed(let failure), .retry(_, let failure):
            self.init(
                span, httpStatus: failure.httpStatus, code: failure.code, detail: failure.detail)
        case .released:
            return nil
        }
    }
}

/// A planned file and everything that is known about it.
package struct FileReport: Hashable, Sendable {
    package var record: FileRecord
    /// How many attempts at a file are kept, the last ones: a file may be retried for years.
    package static let attemptsMax = 20

    /// The last ``attemptsMax``, oldest first.
    package var attempts: [FileAttempt]
    /// How many there were, kept or not.
    package var attemptsTotal: Int

    package init(record: FileRecord, attempts: [FileAttempt], attemptsTotal: Int? = nil) {
        self.record = record
        self.attempts = attempts
        self.attemptsTotal = attemptsTotal ?? attempts.count
    }
}
