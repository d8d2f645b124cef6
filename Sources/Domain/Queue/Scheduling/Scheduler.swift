// Decides what runs next: which jobs are claimed, whose files are fetched, when a job ends.

import Datasets
import Jobs

/// The queue's state as a pure machine: events go in, actions come out.
///
/// Users take turns by file, and so do each user's jobs, by priority. A job whose API key is not
/// verified has at most two files in flight, so that a bad key costs at most two requests.
struct Scheduler {
    /// Something to do now; each is answered by an event.
    enum Action: Equatable {
        /// Answered by ``started(_:at:)`` or ``claimedNoJob()``.
        case claimJob(ClaimSlot)
        /// Answered by ``planGrew(_:at:)`` any number of times, then ``planned(_:at:)``,
        /// ``planningStopped(_:)`` or ``close(_:)``.
        case plan(Job)
        /// Answered by ``claimed(_:count:nextDue:)``, then ``ended(_:day:result:fatal:at:)`` for
        /// each file.
        case claimFiles(Job, limit: Int)
        /// Answered by ``close(_:)`` or ``reopen(_:due:)``.
        case end(Job, because: FileFailure?)
        /// The upstream's pause is over; needs no answer.
        case resumeUpstream
    }

    private(set) var limits: ConcurrencyLimits
    private(set) var jobs: [RunningJob] = []
    private(set) var upstreamPausedUntil: Timestamp?
    private(set) var isClaimingJob = false
    /// Whether nothing starts because nothing can be written to the data root.
    private var isPaused = false
    private var mayHaveJobs = true
    /// The quarantined job that works alone at present.
    private var isolatedJob: JobID?
    private var slots = SlotAllocator()

    init(limits: ConcurrencyLimits) {
        self.limits = limits
    }

    /// Everything that can start at this moment.
    mutating func actions(at now: Timestamp) -> [Action] {
        var actions: [Action] = []
        isolatedJob = jobs.first { $0.isQuarantined && $0.hasWork(at: now) }?.job.id
        if let moment = upstreamPausedUntil, moment <= now {
            upstreamPausedUntil = nil
            actions.append(.resumeUpstream)
        }
        let slot = limits.slot(beside: jobs.count { !$0.isStopped })
        if mayHaveJobs, !isPaused, !isClaimingJob, let slot {
            mayHaveJobs = false
            isClaimingJob = true
            actions.append(.claimJob(slot))
        }
        for index in jobs.indices where jobs[index].phase == .unplanned && mayWork(jobs[index]) {
            jobs[index].phase = .planning
            actions.append(.plan(jobs[index].job))
        }
        if !isPaused { actions += claims(at: now) }
        for index in jobs.indices where jobs[index].isReadyToEnd {
            jobs[index].phase = .ending
            actions.append(.end(jobs[index].job, because: jobs[index].fatalFailure))
        }
        return actions
    }

    /// When there will be something to do even if no event comes; `nil` where only an event can
    /// change anything.
    var nextMoment: Timestamp? {
        if isPaused { return upstreamPausedUntil }
        let next = slots.nextMoment(for: jobs, candidates: candidates, within: limits)
        return [next, upstreamPausedUntil].compactMap(\.self).min()
    }

    /// Running jobs that were not stopped.
    var activeJobs: [RunningJob] { jobs.filter { !$0.isStopped } }

    /// Files that workers fetch at this moment.
    var transfers: Int { jobs.reduce(0) { $0 + $1.inFlight } }

    /// Files claimed or being claimed.
    var filesInWork: Int { jobs.reduce(0) { $0 + $1.inWork } }

    /// A job that was started and is not closed yet.
    func runningJob(_ id: JobID) -> RunningJob? { jobs.first { $0.job.id == id } }

    private var candidates: [Int] {
        // While the upstream pauses, only verifications: what they need may be on the disk.
        let able = jobs.indices.filter { jobs[$0].hasCapacity(within: limits) && mayWork(jobs[$0]) }
        return upstreamPausedUntil == nil ? able : able.filter { jobs[$0].isVerification }
    }

    private mutating func claims(at now: Timestamp) -> [Action] {
        let candidates = candidates
        let granted = slots.allocate(to: &jobs, candidates: candidates, within: limits, at: now)
        return granted.map { index in
            jobs[index].isClaiming = true
            jobs[index].due = nil
            return .claimFiles(jobs[index].job, limit: jobs[index].reserved)
        }
    }

    /// While a quarantined job has work, no other job starts any; it starts once theirs has ended.
    private func mayWork(_ job: RunningJob) -> Bool {
        guard let isolatedJob else { return true }
        return job.job.id == isolatedJob
            && !jobs.contains { $0.job.id != isolatedJob && $0.isAtWork }
    }
}

// MARK: - Events

extension Scheduler {
    /// The store may have a new job.
    mutating func jobsMayWait() {
        mayHaveJobs = true
    }

    /// A job was claimed, or found running after a restart.
    mutating func started(_ job: Job, at now: Timestamp) {
        isClaimingJob = false
        mayHaveJobs = true
        jobs.append(RunningJob(job: job))
        if job.progress.isPlanned { planned(job.id, at: now) }
    }

    /// The store has no job for the slot.
    mutating func claimedNoJob() {
        isClaimingJob = false
    }

    /// A job waits for its catalogue, which could not be read for this reason.
    mutating func catalogueFailed(_ id: JobID, because reason: String) {
        change(id) { $0.catalogueReason = reason }
    }

    /// More of a job's files are known and can be fetched.
    mutating func planGrew(_ id: JobID, at now: Timestamp) {
        change(id) { job in
            job.phase = .running
            job.catalogueReason = nil
            job.makeDue(at: now)
        }
    }

    /// All files of a job are known.
    mutating func planned(_ id: JobID, at now: Timestamp) {
        change(id) { $0.isPlanned = true }
        planGrew(id, at: now)
    }

    /// Planning ended early, since the job was stopped or the service stops. The job is removed
    /// once the files in flight have ended.
    mutating func planningStopped(_ id: JobID) {
        change(id) { ($0.phase, $0.isPlanned, $0.isStopped) = (.running, true, true) }
    }

    /// A job that seemed over still has files to fetch.
    mutating func reopen(_ id: JobID, due: Timestamp) {
        planGrew(id, at: due)
    }

    /// A job is over.
    mutating func close(_ id: JobID) {
        jobs.removeAll { $0.job.id == id }
        mayHaveJobs = true
    }

    /// A job is to run no more: no work of it starts, and it is removed once the work in progress
    /// has ended.
    mutating func stop(_ id: JobID) {
        change(id) { $0.isStopped = true }
        mayHaveJobs = true
    }

    /// A user has changed a job's controls.
    mutating func update(_ control: JobControl, of id: JobID) {
        change(id) { $0.job.control = control }
        mayHaveJobs = true
    }

    private mutating func change(_ id: JobID, _ body: (inout RunningJob) -> Void) {
        guard let index = jobs.firstIndex(where: { $0.job.id == id }) else { return }
        body(&jobs[index])
        closeIfStopped(index)
    }

    private mutating func closeIfStopped(_ index: Int) {
        if jobs[index].isStopped, jobs[index].isQuiet { close(jobs[index].job.id) }
    }

    // MARK: Events about files

    /// Files were claimed.
    ///
    /// - Parameter nextDue: when the next file of the job is due; `nil` where none is pending.
    /// - Returns: whether the first of them is expedited: it is the only file in flight of its
    ///   user.
    @discardableResult
    mutating func claimed(_ id: JobID, count: Int, nextDue: Timestamp?) -> Bool {
        guard let index = jobs.firstIndex(where: { $0.job.id == id }) else { return false }
        let user = jobs[index].user
        let isExpedited = count > 0 && !jobs.contains { $0.user == user && $0.inFlight > 0 }
        slots.refund(jobs[index].reserved - count, of: jobs[index])
        jobs[index].isClaiming = false
        jobs[index].reserved = 0
        jobs[index].charged = (0, 0)
        jobs[index].inFlight += count
        jobs[index].makeDue(at: nextDue)
        closeIfStopped(index)
        return isExpedited
    }

    /// The upstream has begun to send a file, so it accepts the API key.
    mutating func transferBegan(_ id: JobID, day: Day) {
        change(id) { job in
            if job.inFlight > 0, job.verifiesKey(day) { job.isKeyVerified = true }
        }
    }

    /// The upstream refuses a job that is being verified; files on the disk still can be.
    mutating func upstreamRefused(_ id: JobID, because failure: FileFailure) {
        change(id) { $0.upstreamRefusal = $0.upstreamRefusal ?? failure }
    }

    /// A job's folder could not take a file: no other is tried before the moment, unless one in
    /// flight succeeds. Thousands would be tried in vain.
    mutating func postpone(_ id: JobID, because problem: StorageProblem, until moment: Timestamp) {
        change(id) { ($0.storage, $0.storageRetryAt) = (problem, moment) }
    }

    /// An attempt at a file ended, and its result is recorded.
    ///
    /// - Parameter fatal: why the job's other files fail without a request.
    mutating func ended(
        _ id: JobID, day: Day, result: AttemptResult, fatal: FileFailure?, at now: Timestamp
    ) {
        let isAsked = upstreamPausedUntil == nil
        change(id) { job in
            job.inFlight -= 1
            if case .released = result {
            } else {
                job.isQuarantined = false
                (job.storage, job.storageRetryAt) = (nil, nil)
            }
            if let fatal {
                job.fatalFailure = job.fatalFailure ?? fatal
                return
            }
            switch result {
            case .published, .unavailable, .failed:
                // During a pause a verification finds files on the disk, which verifies no key.
                if job.verifiesKey(day), isAsked || !job.isVerification { job.isKeyVerified = true }
            case .retry(let moment, let failure):
                job.retryReason = failure.detail
                job.makeDue(at: moment)
            case .released(let moment): job.makeDue(at: moment ?? now)
            }
        }
    }

    // MARK: Events about the service

    /// Applies other limits. Work in progress beyond them goes on.
    mutating func apply(_ limits: ConcurrencyLimits) {
        guard limits != self.limits else { return }
        self.limits = limits
        mayHaveJobs = true
    }

    /// No file is requested before the moment. Afterwards every job verifies its key again.
    ///
    /// - Returns: `false` where the upstream already pauses at least that long.
    mutating func pauseUpstream(until moment: Timestamp) -> Bool {
        if let upstreamPausedUntil, upstreamPausedUntil >= moment { return false }
        upstreamPausedUntil = moment
        for index in jobs.indices { jobs[index].isKeyVerified = false }
        return true
    }

    /// Ends the upstream's pause: files that wait for its end are due.
    mutating func endUpstreamPause(at now: Timestamp) {
        guard let moment = upstreamPausedUntil else { return }
        upstreamPausedUntil = nil
        for index in jobs.indices {
            jobs[index].due = jobs[index].due.map { $0 <= moment ? min($0, now) : $0 }
        }
    }

    /// Starts nothing until ``resume()``; work in progress is not ended.
    mutating func pause() {
        isPaused = true
    }

    mutating func resume() {
        isPaused = false
        for index in jobs.indices { (jobs[index].storage, jobs[index].storageRetryAt) = (nil, nil) }
    }
}
