// Decides what runs next: which jobs are claimed, whose turn it is to have a file fetched, when a
// job is over. It must not do any of it, and does not read a clock.

import Datasets
import Jobs

/// The queue's state, pure: events go in, actions come out.
///
/// Jobs take turns by file. A job whose API key has not proven itself has at most two files in
/// flight, so that a bad key costs at most two requests.
struct Dispatcher {
    /// Something to be done now; each is answered by an event.
    enum Action: Equatable {
        /// Answered by ``admit(_:at:)`` or ``admitNone()``.
        case claimJob
        /// Answered by ``planned(_:at:)`` or ``close(_:)``.
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
    static let probesMax = 2

    private let filesInWorkMax: Int
    private let runningJobsMax: Int
    private(set) var lanes: [Lane] = []
    private(set) var parkedUntil: Timestamp?
    /// Nothing is begun for the time being, whatever is due.
    private var isHeld = false
    private var mayHaveJobs = true
    private(set) var isClaimingJob = false
    private var turns: UInt64 = 0

    init(filesInWorkMax: Int, runningJobsMax: Int) {
        self.filesInWorkMax = filesInWorkMax
        self.runningJobsMax = runningJobsMax
    }

    // MARK: What to do

    /// Everything that can be done at this moment.
    mutating func actions(at now: Timestamp) -> [Action] {
        var actions: [Action] = []
        if let moment = parkedUntil, moment <= now {
            parkedUntil = nil
            actions.append(.unpark)
        }
        if mayHaveJobs, !isHeld, !isClaimingJob, runningJobs < runningJobsMax {
            mayHaveJobs = false
            isClaimingJob = true
            actions.append(.claimJob)
        }
        for index in lanes.indices where lanes[index].phase == .unplanned {
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

    /// When there will be something to do even if no event comes; `nil` where only an event can
    /// change anything.
    var nextMoment: Timestamp? {
        guard freeSlots > 0, !isHeld else { return parkedUntil }
        let due = lanes.indices.filter { hasRoom($0) }.compactMap { lanes[$0].due }.min()
        guard let parkedUntil else { return due }
        return parkedUntil
    }

    /// Gives free slots away one by one, always to the job that has waited longest for its turn.
    private mutating func claims(at now: Timestamp) -> [Action] {
        var granted: Set<Int> = []
        var free = freeSlots
        while free > 0 {
            let ready = lanes.indices.filter { index in
                hasRoom(index) && lanes[index].due.map { $0 <= now } == true
            }
            guard let next = ready.min(by: { lanes[$0].lastTurn < lanes[$1].lastTurn }) else {
                break
            }
            turns += 1
            free -= 1
            lanes[next].lastTurn = turns
            lanes[next].reserved += 1
            granted.insert(next)
        }
        return granted.sorted().map { index in
            lanes[index].isAsking = true
            lanes[index].due = nil
            return .claimFiles(lanes[index].job, limit: lanes[index].reserved)
        }
    }

    var hasJobs: Bool { !lanes.isEmpty }

    /// Files in the hands of workers.
    var transfers: Int { lanes.reduce(0) { $0 + $1.inFlight } }

    /// Those that were cut only wait for their last transfers to go.
    private var runningJobs: Int { lanes.count { !$0.isCut } }

    var freeSlots: Int {
        filesInWorkMax - lanes.reduce(0) { $0 + $1.inFlight + $1.reserved }
    }

    private func hasRoom(_ index: Int) -> Bool {
        let lane = lanes[index]
        guard lane.phase == .running, !lane.isAsking, lane.stop == nil, !lane.isCut else {
            return false
        }
        let room = lane.isProven ? filesInWorkMax : Dispatcher.probesMax
        return lane.inFlight + lane.reserved < room
    }
}

// MARK: - What happened

extension Dispatcher {
    /// Somebody submitted a job.
    mutating func jobsMayWait() {
        mayHaveJobs = true
    }

    /// A job was claimed, or found running after a restart.
    mutating func admit(_ job: Job, at now: Timestamp) {
        isClaimingJob = false
        mayHaveJobs = true
        lanes.append(Lane(job: job, phase: .unplanned))
        if job.progress.isPlanned { planned(job.id, at: now) }
    }

    /// No job was waiting.
    mutating func admitNone() {
        isClaimingJob = false
    }

    /// The files of a job are known.
    mutating func planned(_ id: JobID, at now: Timestamp) {
        change(id) { lane in
            lane.phase = .running
            lane.ask(at: now)
        }
    }

    /// Files were claimed.
    ///
    /// - Parameter nextDue: when the next file of the job is due; `nil` where none is pending.
    mutating func claimed(_ id: JobID, count: Int, nextDue: Timestamp?) {
        change(id) { lane in
            lane.isAsking = false
            lane.reserved = 0
            lane.inFlight += count
            lane.ask(at: nextDue)
        }
    }

    /// An attempt at a file ended, and that has been recorded.
    ///
    /// - Parameter stop: why the job's other files are not worth asking for.
    mutating func ended(
        _ id: JobID, day: Day, ending: FileEnding, stop: FileFailure?, at now: Timestamp
    ) {
        change(id) { lane in
            lane.inFlight -= 1
            if let stop {
                lane.stop = lane.stop ?? stop
                return
            }
            switch ending {
            case .published, .unavailable, .failed:
                if lane.isProof(day) { lane.isProven = true }
            case .retry(let moment, _): lane.ask(at: moment)
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
    }

    /// Whether a job was admitted and is not closed yet.
    func hasLane(_ id: JobID) -> Bool { lanes.contains { $0.job.id == id } }

    /// How a job stands that was admitted and is not closed yet.
    func lane(of id: JobID) -> Lane? { lanes.first { $0.job.id == id } }

    /// Nothing can be had before the moment. Afterwards every job begins with probes again.
    ///
    /// - Returns: whether that is news; `false` where the upstream rests at least that long
    ///   already.
    mutating func park(until moment: Timestamp) -> Bool {
        if let parkedUntil, parkedUntil >= moment { return false }
        parkedUntil = moment
        for index in lanes.indices { lanes[index].isProven = false }
        return true
    }

    /// Begins nothing more; what is under way is somebody else's to end.
    mutating func hold() {
        isHeld = true
    }

    /// Begins again what is due.
    mutating func letGo() {
        isHeld = false
    }

    private mutating func change(_ id: JobID, _ body: (inout Lane) -> Void) {
        guard let index = lanes.firstIndex(where: { $0.job.id == id }) else { return }
        body(&lanes[index])
        if lanes[index].isCut, lanes[index].isQuiet { close(id) }
    }
}
