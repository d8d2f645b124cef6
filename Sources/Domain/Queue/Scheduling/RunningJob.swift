// One running job as the dispatcher sees it. It must not know the job's files by name.

import Datasets
import Jobs

/// How far a running job has come, in numbers.
struct RunningJob {
    enum Phase {
        /// Its files are not known yet, and nobody is at it.
        case unplanned
        case planning
        /// Its files are being claimed and fetched.
        case running
        /// Nothing of it is left to do but to say so.
        case ending
    }

    var job: Job
    var phase: Phase
    /// Whether all its files are known; some may be fetched before.
    var isPlanned = false
    /// Files in the hands of workers.
    var inFlight = 0
    /// Slots kept for a claim that is under way.
    var reserved = 0
    /// What these turns cost, so that those that come to nothing can be refunded.
    var paid: (byUser: UInt64, byJob: UInt64) = (0, 0)
    var isAsking = false
    /// When asking for files is worth it: `nil` where none is known to be pending.
    var due: Timestamp?
    /// Why its catalogue could not be read when it was asked for last; `nil` where it was.
    var catalogueReason: String?
    /// Why the last attempt that ended has to be made again.
    var retryReason: String?
    /// Whether an answer has shown that the API key covers this job.
    var isKeyVerified = false
    /// Why its folder could not take a file, and until when no file of it is tried; `nil` once one
    /// has got on.
    var storage: StorageProblem?
    var heldUntil: Timestamp?
    /// Why its other files are not worth asking for.
    var stop: FileFailure?
    /// Why they are not, where they may be on the disk all the same: the job is being verified.
    var refusal: FileFailure?
    /// Whether it may be this job that crashes the service: it works alone until it has got on.
    var isQuarantined: Bool
    /// Whether the job is not to run any more: the lane goes when nothing is going on in it.
    var isCut = false

    var user: String { job.createdBy }
    var price: UInt64 { Stride.of(job.control.priority) }
    var inWork: Int { inFlight + reserved }

    init(job: Job, phase: Phase) {
        self.job = job
        self.phase = phase
        isQuarantined = job.isQuarantined
    }

    /// Why its folder takes no file at this moment; `nil` where files are under way.
    var storageInTheWay: StorageProblem? { inFlight == 0 ? storage : nil }

    /// When asking for files is worth it and its folder is tried again.
    var nextDue: Timestamp? {
        due.map { due in heldUntil.map { max(due, $0) } ?? due }
    }

    /// Whether anything is being done for it.
    var isAtWork: Bool {
        phase == .planning || phase == .running && !isPlanned || inFlight > 0 || reserved > 0
    }

    /// Whether anything is, or could be at this moment.
    func wantsWork(at now: Timestamp) -> Bool {
        isAtWork || phase == .unplanned || (stop == nil && nextDue.map { $0 <= now } == true)
    }

    /// Whether nothing is going on, and nothing is known to be pending.
    var isIdle: Bool {
        phase == .running && isQuiet && (due == nil || stop != nil)
    }

    /// Whether nobody is at anything.
    var isQuiet: Bool {
        switch phase {
        case .unplanned: true
        case .planning, .ending: false
        case .running: isPlanned && inFlight == 0 && !isAsking
        }
    }

    /// Whether an answer about a day proves the API key: free days are had without one, so they
    /// prove nothing unless the job has no others. Days follow each other and free ones do not, so
    /// such a job has a single day.
    func verifiesKey(_ day: Day) -> Bool {
        !day.isFree || job.startDate == job.endDate
    }

    /// Asks again at the moment, or earlier where an earlier one is known.
    mutating func ask(at moment: Timestamp?) {
        guard let moment else { return }
        due = due.map { min($0, moment) } ?? moment
    }
}
