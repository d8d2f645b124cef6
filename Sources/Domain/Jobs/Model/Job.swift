// A job as its owner sees it, its states, and how many of its files have ended.

package import Datasets

/// What identifies a job: 1, 2, 3 … in the order of submission.
package struct JobID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    package init(_ number: Int64) {
        self.rawValue = number
    }

    package var description: String { String(rawValue) }

    package static func < (left: JobID, right: JobID) -> Bool { left.rawValue < right.rawValue }
}

/// A request for datasets, and its progress.
package struct Job: Hashable, Sendable {
    /// How many symbols every job shows: enough to recognise it.
    package static let symbolsShown = 20

    package var id: JobID
    package var state: JobState
    package var exchange: String
    /// Dataset kinds by Tardis's names. Text, because the predecessor did not validate them.
    package var dataTypes: [String]
    /// The first ``symbolsShown`` symbols at least. A job may have a megabyte of them: all are at
    /// ``JobReader/symbols(of:)``.
    package var symbols: [String]
    /// How many symbols it has, in ``symbols`` or not.
    package var symbolsTotal: Int
    /// The first day, `YYYY-MM-DD` unless the predecessor stored something else.
    package var startDate: String
    /// The last day, inclusive.
    package var endDate: String
    /// The folder as the requester knows it, such as `./datasets/btc`; resolved below the data
    /// root.
    package var outputPath: String
    package var createdAt: Timestamp
    package var startedAt: Timestamp?
    package var completedAt: Timestamp?
    /// What failed and why, in words that an intern can act on.
    package var errorMessage: String?
    package var createdBy: String
    /// Where the request differs from what was written: `BTC-USDT is BTCUSDT on binance`.
    package var notes: [String]
    /// What is worth knowing about how it ended: files without a row, gaps that were accepted.
    /// Replaced whenever the job ends.
    package var outcomeNotes: [String]
    package var progress: JobProgress
    package var integrity: JobIntegrity
    package var control: JobControl

    package init(
        id: JobID, state: JobState, exchange: String, dataTypes: [String], symbols: [String],
        symbolsTotal: Int? = nil, startDate: String, endDate: String, outputPath: String,
        createdAt: Timestamp,
        startedAt: Timestamp? = nil, completedAt: Timestamp? = nil, errorMessage: String? = nil,
        createdBy: String, notes: [String] = [], outcomeNotes: [String] = [],
        progress: JobProgress = JobProgress(),
        integrity: JobIntegrity = JobIntegrity(), control: JobControl = JobControl()
    ) {
        self.id = id
        self.state = state
        self.exchange = exchange
        self.dataTypes = dataTypes
        self.symbols = symbols
        self.symbolsTotal = symbolsTotal ?? symbols.count
        self.startDate = startDate
        self.endDate = endDate
        self.outputPath = outputPath
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.completedAt = completedAt
        self.errorMessage = errorMessage
        self.createdBy = createdBy
        self.notes = notes
        self.outcomeNotes = outcomeNotes
        self.progress = progress
        self.integrity = integrity
        self.control = control
    }
}

extension Job {
    /// The job with no more symbols than every job shows.
    package var asShown: Job {
        guard symbols.count > Job.symbolsShown else { return self }
        var job = self
        job.symbols = Array(symbols.prefix(Job.symbolsShown))
        return job
    }
}

/// The progress of a job, counted in files.
package struct JobProgress: Hashable, Sendable {
    /// Planned files, from the first batch of the plan on; before, as many as the request asks for,
    /// 0 where that is unknown.
    package var filesTotal: Int
    /// Files that ended well: `ok`, `empty` or `unavailable`.
    package var filesDone: Int
    /// Those of ``filesDone`` that are `empty`.
    package var filesEmpty: Int
    /// Those of ``filesDone`` that are `unavailable`.
    package var filesUnavailable: Int
    /// Those of ``filesUnavailable`` that are accepted gaps.
    package var gapsAccepted: Int
    /// Files that are `failed`.
    package var filesFailed: Int
    /// Files that are `cancelled`.
    package var filesCancelled: Int
    /// Compressed bytes of the published files.
    package var bytesDone: Int64
    /// Whether all the job's files are stored one by one; some are fetched before that.
    package var isPlanned: Bool

    package init(
        filesTotal: Int = 0, filesDone: Int = 0, filesEmpty: Int = 0, filesUnavailable: Int = 0,
        gapsAccepted: Int = 0, filesFailed: Int = 0, filesCancelled: Int = 0,
        bytesDone: Int64 = 0, isPlanned: Bool = false
    ) {
        self.filesTotal = filesTotal
        self.filesDone = filesDone
        self.filesEmpty = filesEmpty
        self.filesUnavailable = filesUnavailable
        self.gapsAccepted = gapsAccepted
        self.filesFailed = filesFailed
        self.filesCancelled = filesCancelled
        self.bytesDone = bytesDone
        self.isPlanned = isPlanned
    }
}

/// The state of a job. The names are part of the wire format.
package enum JobState: String, CaseIterable, Hashable, Sendable {
    /// Accepted and on disk, waiting to be claimed.
    case pending
    /// Its files are being fetched.
    case running
    /// Every planned file ended well.
    case completed
    /// At least one planned file did not, or the job could not be planned.
    case failed
    /// A person cancelled it.
    case cancelled

    /// Whether only a command can change it.
    package var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }

    /// Whether a job in this state may go over to `next`.
    package func mayBecome(_ next: JobState) -> Bool {
        switch (self, next) {
        case (.pending, .running), (.pending, .failed), (.pending, .cancelled): true
        case (.running, .completed), (.running, .failed), (.running, .cancelled): true
        // Paused, until it is resumed.
        case (.running, .pending): true
        // To be verified, or to have its failed files tried again.
        case (.completed, .pending), (.failed, .pending), (.cancelled, .pending): true
        default: false
        }
    }
}
