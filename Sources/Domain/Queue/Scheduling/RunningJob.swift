// One running job as the scheduler sees it, in counts and moments.

import Datasets
import Jobs

/// The progress of a running job.
struct RunningJob {
    enum Phase {
        /// Its files are not known yet, and planning has not begun.
        case unplanned
        case planning
        /// Its files are being claimed and fetched.
        case running
        /// Its result is being recorded.
        case ending
    }

    /// Files in flight of a job whose API key is not verified.
    static let unverifiedFilesMax = 2

    var job: Job
    var phase = Phase.unplanned
    /// Whether all its files are known; some may be fetched before.
    var isPlanned = false
    /// Files that workers fetch at this moment.
    var inFlight = 0
    /// Slots granted to a claim that is under way.
    var reserved = 0
    /// The strides charged for the reserved slots, to refund those that find no file.
    var charged: (toUser: UInt64, toJob: UInt64) = (0, 0)
    /// Whether files are being claimed.
    var isClaiming = false
    /// When the next claim can find a file: `nil` where no file is known to be pending.
    var due: Timestamp?
    /// Why the last read of its catalogue failed; `nil` where it succeeded.
    var catalogueReason: String?
    /// Why the last attempt that ended has to be repeated.
    var retryReason: String?
    /// Whether a response has shown that the API key covers this job.
    var isKeyVerified = false
    /// Why its folder could not take a file, and until when no other file is tried; `nil` once a
    /// file got past that.
    var storage: StorageProblem?
    var storageRetryAt: Timestamp?
    /// Why its remaining files fail without a request.
    var fatalFailure: FileFailure?
    /// Why its remaining files are not requested but only looked for on the disk: set in place of
    /// ``fatalFailure`` while the job is being verified.
    var upstreamRefusal: FileFailure?
    /// Whether this job may be what crashes the service: it works alone until a file of it ends.
    var isQuarantined: Bool
    /// Whether the job is to run no more: it is removed once no work of it is in progress.
    var isStopped = false

    init(job: Job) {
        self.job = job
        isQuarantined = job.isQuarantined
    }

    var user: String { job.createdBy }
    var stride: UInt64 { Stride.of(job.control.priority) }
    var inWork: Int { inFlight + reserved }
    /// Whether its files are looked for on the disk, and requested only where they are not there.
    var isVerification: Bool { job.integrity.isBeingVerified }

    /// Why its folder takes no file at this moment; `nil` while files are in flight.
    var storageInTheWay: StorageProblem? { inFlight == 0 ? storage : nil }

    /// When a claim can find a file that its folder can take.
    var nextDue: Timestamp? {
        due.map { due in storageRetryAt.map { max(due, $0) } ?? due }
    }

    /// True while the job is planned or files are in work.
    var isAtWork: Bool {
        phase == .planning || phase == .running && !isPlanned || inFlight > 0 || reserved > 0
    }

    /// True if work is in flight or could start now.
    func hasWork(at now: Timestamp) -> Bool {
        isAtWork || phase == .unplanned
            || (fatalFailure == nil && nextDue.map { $0 <= now } == true)
    }

    /// True if files are looked for on the disk, now or next, whether the upstream pauses or not.
    func readsDisk(at now: Timestamp) -> Bool {
        isVerification && (inWork > 0 || isClaiming || due.map { $0 <= now } == true)
    }

    /// True if one more file may be claimed.
    func hasCapacity(within limits: ConcurrencyLimits) -> Bool {
        guard phase == .running, !isClaiming, fatalFailure == nil, !isStopped else { return false }
        if isQuarantined { return inWork == 0 }
        return inWork < (isKeyVerified ? limits.filesInWorkMax : RunningJob.unverifiedFilesMax)
    }

    /// True if all its files have ended, or the rest fail with ``fatalFailure``.
    var isReadyToEnd: Bool {
        phase == .running && isQuiet && (due == nil || fatalFailure != nil)
    }

    /// True if no action for the job is in progress.
    var isQuiet: Bool {
        switch phase {
        case .unplanned: true
        case .planning, .ending: false
        case .running: isPlanned && inFlight == 0 && !isClaiming
        }
    }

    /// Whether a successful response for a day verifies the API key. Free days need no key, so they
    /// count only where the job has no others: days are consecutive and free ones are not, so such
    /// a job has a single day.
    func verifiesKey(_ day: Day) -> Bool {
        !day.isFree || job.startDate == job.endDate
    }

    /// Schedules the next claim for the moment, unless an earlier one is known.
    mutating func makeDue(at moment: Timestamp?) {
        guard let moment else { return }
        due = due.map { min($0, moment) } ?? moment
    }
}
