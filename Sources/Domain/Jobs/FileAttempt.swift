// One attempt at a file, as it is remembered.

package import Datasets

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
    /// What the upstream answered; `nil` where it was not asked or did not answer.
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

    /// What is remembered of an attempt that ended in some way; `nil` where it did not count.
    package init?(_ span: AttemptSpan, ending: AttemptResult) {
        switch ending {
        case .published(let proof):
            self.init(span, httpStatus: proof.origin == .upstream ? 200 : nil)
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
    /// So many attempts at a file are kept, the last ones: a file may be tried again and again for
    /// years.
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
