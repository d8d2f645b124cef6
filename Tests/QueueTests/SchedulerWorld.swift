// A simulation around a scheduler: jobs, files and time, without tasks, stores or clocks.

import Datasets
import Jobs
import TestSupport

@testable import Queue

/// Does what the scheduler says, in simulated time, and records what it should not have said.
struct SchedulerWorld {
    struct Model {
        var job: Job
        var state = JobState.pending
        /// Files of the plan that are not known yet.
        var unplanned: Int
        /// When each open file is due.
        var due: [Timestamp] = []
        var inFlight = 0
        let submitted: Timestamp
        var firstClaim: Timestamp?
    }

    enum Event {
        case submit(user: String, priority: Int, files: Int)
        case limit(transfers: Int, runningJobs: Int)
        case planGrew(JobID)
        case claimed(JobID, limit: Int)
        case ended(JobID)
        case end(JobID, FileFailure?)
    }

    private(set) var now = Day("2024-06-15")!.start
    private(set) var scheduler = Scheduler(limits: ConcurrencyLimits(ServiceLimits()))
    private(set) var models: [JobID: Model] = [:]
    private(set) var violations: [String] = []
    /// Files claimed, by user.
    private(set) var claims: [String: Int] = [:]
    private var events: [(at: Timestamp, order: Int, event: Event)] = []
    private var orders = 0
    private var lastJob: Int64 = 0
    private var random: SeededGenerator
    /// Files that other users got while a user had due files and none in flight.
    private var passedOver: [String: Int] = [:]
    private(set) var passedOverMax = 0
    private var idleSince: [String: Timestamp] = [:]
    /// Milliseconds that a file takes.
    var spans = 1...3_000
    /// Of a hundred attempts so many are retried.
    var retries = 10

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func schedule(_ event: Event, in milliseconds: Int) {
        orders += 1
        events.append((now + .milliseconds(milliseconds), orders, event))
    }

    /// Goes on until nothing is left to do, or so many things have happened.
    mutating func run(atMost count: Int = 50_000) {
        for _ in 0..<count {
            settle()
            check()
            guard advance() else { break }
        }
        for (id, model) in models where !model.state.isFinal {
            violations.append("job \(id) is \(model.state) for ever")
        }
    }

    /// Goes on until so many files have been claimed, or nothing is left to do.
    mutating func run(untilClaims count: Int) {
        repeat {
            settle()
            check()
        } while claims.values.reduce(0, +) < count && advance()
    }

    // MARK: Time

    private mutating func advance() -> Bool {
        let next = events.indices.min {
            (events[$0].at, events[$0].order) < (events[$1].at, events[$1].order)
        }
        if let moment = scheduler.nextMoment, next.map({ moment < events[$0].at }) ?? true {
            if moment <= now { violations.append("nothing to do at \(moment), which is over") }
            now = max(now, moment)
            return true
        }
        guard let next else { return false }
        now = max(now, events[next].at)
        happen(events.remove(at: next).event)
        return true
    }

    private mutating func happen(_ event: Event) {
        switch event {
        case .submit(let user, let priority, let files):
            lastJob += 1
            let job = Job(
                id: JobID(lastJob), state: .running, exchange: "binance", dataTypes: ["trades"],
                symbols: ["BTCUSDT"], startDate: "2024-01-01", endDate: "2024-03-31",
                outputPath: user, createdAt: now, createdBy: user,
                control: JobControl(priority: Priority(rawValue: priority)!))
            models[job.id] = Model(job: job, unplanned: files, submitted: now)
            scheduler.jobsMayWait()
        case .limit(let transfers, let runningJobs):
            scheduler.apply(
                ConcurrencyLimits(
                    ServiceLimits(transfers: transfers, runningJobs: runningJobs)))
        case .planGrew(let id): growPlan(of: id)
        case .claimed(let id, let limit): claim(id, limit)
        case .ended(let id): endFile(of: id)
        case .end(let id, let failure): end(id, failure)
        }
    }

    private mutating func settle() {
        while true {
            let before = inWork
            let actions = scheduler.actions(at: now)
            let most = scheduler.limits.filesInWorkMax + scheduler.limits.overflowFiles
            if inWork > max(before, most) {
                violations.append("\(inWork) files in work, \(before) before, of \(most)")
            }
            if actions.isEmpty { return }
            for action in actions { perform(action) }
        }
    }

    private mutating func perform(_ action: Scheduler.Action) {
        switch action {
        case .claimJob(let slot): claimJob(for: slot)
        case .plan(let job): schedule(.planGrew(job.id), in: Int.random(in: 0...80, using: &random))
        case .claimFiles(let job, let limit): schedule(.claimed(job.id, limit: limit), in: 1)
        case .end(let job, let failure): schedule(.end(job.id, failure), in: 1)
        case .resumeUpstream: break
        }
    }

    // MARK: What a store would do

    private mutating func claimJob(for slot: ClaimSlot) {
        let running = Dictionary(
            grouping: models.values.filter { $0.state == .running }, by: \.job.createdBy
        ).mapValues { own in
            RunningJobs(count: own.count, priorityMax: own.map(\.job.control.priority).max()!)
        }
        let waiting = models.values.filter { $0.state == .pending }.map { model in
            WaitingJob(
                id: model.job.id, user: model.job.createdBy,
                priority: model.job.control.priority, since: model.submitted)
        }
        let total = running.values.reduce(0) { $0 + $1.count }
        if slot == .regular, total >= scheduler.limits.runningJobsMax {
            violations.append("\(total) jobs run, and it claims another")
        }
        let order = ClaimOrder(running: running, at: now)
        guard let next = order.next(of: waiting, for: slot) else { return scheduler.claimedNoJob() }
        models[next.id]?.state = .running
        scheduler.started(models[next.id]!.job, at: now)
    }

    /// Adds some more files of the plan, in the end all of them.
    private mutating func growPlan(of id: JobID) {
        guard let rest = models[id]?.unplanned else { return }
        let count = rest < 4 ? rest : Int.random(in: 1...rest, using: &random)
        models[id]?.due += Array(repeating: now, count: count)
        models[id]?.unplanned -= count
        if count == rest { return scheduler.planned(id, at: now) }
        scheduler.planGrew(id, at: now)
        schedule(.planGrew(id), in: Int.random(in: 0...80, using: &random))
    }

    private mutating func claim(_ id: JobID, _ limit: Int) {
        guard var model = models[id] else { return }
        let due = model.due.filter { $0 <= now }.count
        let count = min(due, limit)
        model.due = Array(model.due.sorted().dropFirst(count))
        model.inFlight += count
        if count > 0 { model.firstClaim = model.firstClaim ?? now }
        models[id] = model
        claims[model.job.createdBy, default: 0] += count
        scheduler.claimed(id, count: count, nextDue: count == limit ? now : model.due.min())
        for _ in 0..<count { schedule(.ended(id), in: Int.random(in: spans, using: &random)) }
        countPassedOver(by: model.job.createdBy, count)
    }

    private mutating func endFile(of id: JobID) {
        models[id]?.inFlight -= 1
        var ending = AttemptResult.published(.sample)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<retries:
            let moment = now + .milliseconds(Int.random(in: 1...20_000, using: &random))
            ending = .retry(at: moment, failure("busy"))
            models[id]?.due.append(moment)
        case retries..<retries + 2:
            ending = .released(notBefore: nil)
            models[id]?.due.append(now)
        default: break
        }
        scheduler.ended(
            id, day: Day("2024-01-02")!, result: ending, fatal: nil, at: now)
    }

    private mutating func end(_ id: JobID, _ failure: FileFailure?) {
        if let due = models[id]?.due.min() { return scheduler.reopen(id, due: due) }
        if models[id]?.unplanned != 0 { violations.append("job \(id) ended before it was planned") }
        models[id]?.state = .completed
        scheduler.close(id)
    }

    // MARK: Promises

    private mutating func countPassedOver(by user: String, _ count: Int) {
        let others = Set(models.values.filter { $0.state == .running }.map(\.job.createdBy))
        for other in others where other != user {
            let own = models.values.filter { $0.job.createdBy == other && $0.state == .running }
            let isWaiting =
                own.allSatisfy { $0.inFlight == 0 }
                && own.contains { $0.due.contains { $0 <= now } }
            passedOver[other] = isWaiting ? passedOver[other, default: 0] + count : 0
            passedOverMax = max(passedOverMax, passedOver[other] ?? 0)
        }
        passedOver[user] = 0
    }

    private mutating func check() {
        let limits = scheduler.limits
        let inUse = scheduler.jobs.reduce(0) { $0 + $1.inWork }
        let running = models.values.filter { $0.state == .running }
        if running.count != scheduler.jobs.count { violations.append("a running job is lost") }
        var ready: Set<String> = []
        let isFull = running.count >= limits.runningJobsMax
        if !isFull, models.values.contains(where: { $0.state == .pending }) {
            violations.append("a job waits while a slot is free")
        }
        for job in scheduler.jobs where !job.isClaiming && job.fatalFailure == nil {
            let inWorkMax =
                job.isKeyVerified ? limits.filesInWorkMax : RunningJob.unverifiedFilesMax
            guard let model = models[job.job.id], model.due.contains(where: { $0 <= now }),
                job.inWork < inWorkMax
            else { continue }
            if inUse < limits.filesInWorkMax {
                violations.append("job \(job.job.id) has work, and a slot is free: \(inUse)")
            }
            ready.insert(job.user)
        }
        checkOverflow(ready, inUse)
    }

    /// A user with due files and none in flight waits for an overflow slot for a second at most.
    private mutating func checkOverflow(_ ready: Set<String>, _ inUse: Int) {
        let limits = scheduler.limits
        let idle = ready.filter { user in
            !scheduler.jobs.contains { $0.user == user && $0.inWork > 0 }
        }
        idleSince = Dictionary(
            uniqueKeysWithValues: idle.map { ($0, idleSince[$0] ?? now) })
        for (user, since) in idleSince
        where now - since >= SlotAllocator.overflowDelay
            && inUse < limits.filesInWorkMax + limits.overflowFiles
        {
            violations.append("\(user) has waited too long beside \(inUse) files")
        }
    }

    /// Files under way, over all jobs together.
    var inWork: Int { scheduler.jobs.reduce(0) { $0 + $1.inWork } }
}
