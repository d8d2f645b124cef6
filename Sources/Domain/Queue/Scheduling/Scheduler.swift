// Decides what runs next: which jobs are claimed, whose turn it is to have a file fetched, when a
// job is over. It must not do any of it, and does not read a clock.

import Datasets
import Jobs

/// The queue's state, pure: events go in, actions come out.
///
/// Users take turns by file, and so do each user's jobs, by priority. A job whose API key has not
/// proven itself has at most two files in flight, so that a bad key costs at most two requests.
struct Scheduler {
    /// Something to be done now; each is answered by an event.
    enum Action: Equatable {
        /// Answered by ``admit(_:at:)`` or ``admitNone()``.
        case claimJob(ClaimSlot)
        /// Answered by ``planGrew(_:at:)`` any number of times, then ``planned(_:at:)`` or
        /// ``close(_:)``.
        case plan(Job)
        /// Answered by ``claimed(_:count:nextDue:)``, then ``ended(_:day:ending:stop:at:)`` for
        /// each file.
        case claimFiles(Job, limit: Int)
        /// Answered by ``close(_:)`` or ``reopen(_:due:)``.
        case end(Job, because: FileFailure?)
        /// The upstream has rested long enough; needs no answer.
        case unpark
    }

    /// Files in flight of a job whose key has not proven itself.
    static let unverifiedFilesMax = 2
    /// After so long without anything in work a user gets a slot beyond the bound: by then it is
    /// plain that the slots are held by long transfers.
    static let patience = Duration.seconds(1)

    private(set) var bounds: ConcurrencyLimits
    var lanes: [RunningJob] = []
    private(set) var parkedUntil: Timestamp?
    /// Nothing is begun for the time being, whatever is due.
    private(set) var isHeld = false
    private var mayHaveJobs = true
    private(set) var isClaimingJob = false
    /// Since when users have waited who have nothing in work.
    var waiting: [String: Timestamp] = [:]
    var users = FairShare<String>()
    /// Each user's jobs.
    var jobs: [String: FairShare<JobID>] = [:]
    /// The job that works alone at present, since it may be the one that crashes the service.
    private(set) var alone: JobID?

    init(bounds: ConcurrencyLimits) {
        self.bounds = bounds
    }

    // MARK: What to do

    /// Everything that can be done at this moment.
    mutating func actions(at now: Timestamp) -> [Action] {
        var actions: [Action] = []
        alone = lanes.first { $0.isQuarantined && $0.wantsWork(at: now) }?.job.id
        if let moment = parkedUntil, moment <= now {
            parkedUntil = nil
            actions.append(.unpark)
        }
        let running = lanes.count { !$0.isCut }
        if mayHaveJobs, !isHeld, !isClaimingJob, let room = bounds.room(beside: running) {
            mayHaveJobs = false
            isClaimingJob = true
            actions.append(.claimJob(room))
        }
        for index in lanes.indices where lanes[index].phase == .unplanned && mayWork(index) {
            lanes[index].phase = .planning
            actions.append(.plan(lanes[index].job))
        }
        if parkedUntil == nil, !isHeld { actions += claims(at: now) }
        for index in lanes.indices where lanes[index].isIdle {
            lanes[index].phase = .ending
            actions.append(.end(lanes[index].job, because: lanes[index].stop))
        }
        return actions
    }

    var hasJobs: Bool { !lanes.isEmpty }

    /// Files in the hands of workers.
    var transfers: Int { lanes.reduce(0) { $0 + $1.inFlight } }

    /// Slots that everybody may have.
    var freeSlots: Int { bounds.filesInWorkMax - lanes.reduce(0) { $0 + $1.inWork } }

    /// While a suspect wants to work nobody else begins anything, and it waits until they are done.
    func mayWork(_ index: Int) -> Bool {
        guard let alone else { return true }
        return lanes[index].job.id == alone
            && !lanes.contains { $0.job.id != alone && $0.isAtWork }
    }
}

// MARK: - What happened

extension Scheduler {
    /// Somebody submitted a job.
    mutating func jobsMayWait() {
        mayHaveJobs = true
    }

    /// Somebody set other limits. What is under way beyond them goes on.
    mutating func change(to bounds: ConcurrencyLimits) {
        guard bounds != self.bounds else { return }
        self.bounds = bounds
        mayHaveJobs = true
    }

    /// A job was claimed, or found running after a restart.
    mutating func admit(_ job: Job, at now: Timestamp) {
        isClaimingJob = false
        mayHaveJobs = true
        lanes.append(RunningJob(job: job, phase: .unplanned))
        if job.progress.isPlanned { planned(job.id, at: now) }
    }

    /// No job was waiting that there is room for.
    mutating func admitNone() {
        isClaimingJob = false
    }

    /// A job waits for its catalogue, which could not be read for this reason.
    mutating func catalogueFailed(_ id: JobID, because reason: String) {
        change(id) { $0.catalogueReason = reason }
    }

    /// Some more of a job's files are known: those may be fetched.
    mutating func planGrew(_ id: JobID, at now: Timestamp) {
        change(id) { lane in
            lane.phase = .running
            lane.catalogueReason = nil
            lane.ask(at: now)
        }
    }

    /// All files of a job are known.
    mutating func planned(_ id: JobID, at now: Timestamp) {
        change(id) { $0.isPlanned = true }
        planGrew(id, at: now)
    }

    /// No more of a job's files will be known: it is not to run any more, or the service stops. Its
    /// lane goes when what is under way of those that were known has ended.
    mutating func planBroke(_ id: JobID) {
        change(id) { lane in
            lane.phase = .running
            lane.isPlanned = true
            lane.isCut = true
        }
    }

    /// Files were claimed.
    ///
    /// - Parameter nextDue: when the next file of the job is due; `nil` where none is pending.
    /// - Returns: whether the first of them is all that is in work of its user.
    @discardableResult
    mutating func claimed(_ id: JobID, count: Int, nextDue: Timestamp?) -> Bool {
        guard let index = lanes.firstIndex(where: { $0.job.id == id }) else { return false }
        let user = lanes[index].user
        let isFirst = !lanes.contains { $0.user == user && $0.inFlight > 0 }
        refund(lanes[index].reserved - count, of: index)
        lanes[index].isAsking = false
        lanes[index].reserved = 0
        lanes[index].paid = (0, 0)
        lanes[index].inFlight += count
        lanes[index].ask(at: nextDue)
        closeIfCut(index)
        return isFirst && count > 0
    }

    /// The upstream has begun to send a file: it takes the API key.
    mutating func admitted(_ id: JobID, day: Day) {
        change(id) { lane in
            if lane.inFlight > 0, lane.verifiesKey(day) { lane.isKeyVerified = true }
        }
    }

    /// Nothing more of a job that is being verified is worth asking for; what is on the disk can
    /// still be proven.
    mutating func refused(_ id: JobID, because failure: FileFailure) {
        change(id) { $0.refusal = $0.refusal ?? failure }
    }

    /// A job's folder could not take a file: none of its files is tried before the moment, unless
    /// one that is under way gets on. Thousands of them would be tried in vain.
    mutating func putOff(
        _ id: JobID, because problem: StorageProblem, until moment: Timestamp
    ) {
        change(id) { ($0.storage, $0.heldUntil) = (problem, moment) }
    }

    /// An attempt at a file ended, and that has been recorded.
    ///
    /// - Parameter stop: why the job's other files are not worth asking for.
    mutating func ended(
        _ id: JobID, day: Day, ending: AttemptResult, stop: FileFailure?, at now: Timestamp
    ) {
        change(id) { lane in
            lane.inFlight -= 1
            if case .released = ending {
            } else {
                lane.isQuarantined = false
                (lane.storage, lane.heldUntil) = (nil, nil)
            }
            if let stop {
                lane.stop = lane.stop ?? stop
                return
            }
            switch ending {
            case .published, .unavailable, .failed:
                if lane.verifiesKey(day) { lane.isKeyVerified = true }
            case .retry(let moment, let failure):
                lane.retryReason = failure.detail
                lane.ask(at: moment)
            case .released(let moment): lane.ask(at: moment ?? now)
            }
        }
    }

    /// A job that seemed over still has files to fetch.
    mutating func reopen(_ id: JobID, due: Timestamp) {
        change(id) { lane in
            lane.phase = .running
            lane.ask(at: due)
        }
    }

    /// A job is over.
    mutating func close(_ id: JobID) {
        lanes.removeAll { $0.job.id == id }
        mayHaveJobs = true
    }

    /// A job is not to run any more: nothing of it is begun, and its lane goes when what is under
    /// way has ended.
    mutating func cut(_ id: JobID) {
        change(id) { $0.isCut = true }
        mayHaveJobs = true
    }

    /// Somebody has decided something about a job.
    mutating func note(_ control: JobControl, of id: JobID) {
        change(id) { $0.job.control = control }
        mayHaveJobs = true
    }

    /// Whether a job was admitted and is not closed yet.
    func hasLane(_ id: JobID) -> Bool { lanes.contains { $0.job.id == id } }

    /// How a job stands that was admitted and is not closed yet.
    func lane(of id: JobID) -> RunningJob? { lanes.first { $0.job.id == id } }

    /// Nothing can be had before the moment. Afterwards every job begins with probes again.
    ///
    /// - Returns: whether that is news; `false` where the upstream rests at least that long
    ///   already.
    mutating func park(until moment: Timestamp) -> Bool {
        if let parkedUntil, parkedUntil >= moment { return false }
        parkedUntil = moment
        for index in lanes.indices { lanes[index].isKeyVerified = false }
        return true
    }

    /// Ends the pause: files that wait for its end are due.
    mutating func endPause(at now: Timestamp) {
        guard let moment = parkedUntil else { return }
        parkedUntil = nil
        for index in lanes.indices {
            lanes[index].due = lanes[index].due.map { $0 <= moment ? min($0, now) : $0 }
        }
    }

    /// Begins nothing more; what is under way is somebody else's to end.
    mutating func hold() {
        isHeld = true
    }

    /// Begins again what is due.
    mutating func letGo() {
        isHeld = false
        for index in lanes.indices { (lanes[index].storage, lanes[index].heldUntil) = (nil, nil) }
    }

    private mutating func change(_ id: JobID, _ body: (inout RunningJob) -> Void) {
        guard let index = lanes.firstIndex(where: { $0.job.id == id }) else { return }
        body(&lanes[index])
        closeIfCut(index)
    }

    private mutating func closeIfCut(_ index: Int) {
        if lanes[index].isCut, lanes[index].isQuiet { close(lanes[index].job.id) }
    }
}
