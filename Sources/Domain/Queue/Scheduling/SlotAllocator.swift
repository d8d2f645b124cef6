// Decides whose files take the free slots.

import Datasets
import Jobs

/// Gives slots to users in turn by file, and to each user's jobs in turn, weighted by priority.
struct SlotAllocator {
    /// How long a user with due files may have none in flight before getting one extra slot: by
    /// then it is clear that long transfers occupy the slots.
    static let overflowDelay = Duration.seconds(1)

    private var userShares = FairShare<String>()
    private var jobShares: [String: FairShare<JobID>] = [:]
    /// Since when users with due files have had none in work.
    private var waitingSince: [String: Timestamp] = [:]

    /// Reserves slots in the jobs, one by one.
    ///
    /// - Parameter candidates: the indices of the jobs that may take one more file.
    /// - Returns: the indices of the jobs that got slots, ascending.
    mutating func allocate(
        to jobs: inout [RunningJob], candidates: [Int], within limits: ConcurrencyLimits,
        at now: Timestamp
    ) -> [Int] {
        var round = Round(jobs, limits, at: now)
        for index in candidates where jobs[index].nextDue.map({ $0 <= now }) ?? false {
            round.ready[jobs[index].user, default: []].append(index)
        }
        updateWaiting(round)
        guard round.slotsInUse < limits.filesInWorkMax + limits.overflowFiles else { return [] }
        updateShares(round, jobs)
        var granted: Set<Int> = []
        while let index = next(in: round, jobs) {
            grant(index, &round, &jobs)
            granted.insert(index)
        }
        return granted.sorted()
    }

    /// When a slot can be given although no event happens; `nil` where only an event can free one.
    func nextMoment(
        for jobs: [RunningJob], candidates: [Int], within limits: ConcurrencyLimits
    ) -> Timestamp? {
        let inUse = jobs.reduce(0) { $0 + $1.inWork }
        let able = candidates.filter { jobs[$0].nextDue != nil }
        if inUse < limits.filesInWorkMax { return able.compactMap { jobs[$0].nextDue }.min() }
        guard inUse < limits.filesInWorkMax + limits.overflowFiles else { return nil }
        let busy = Set(jobs.filter { $0.inWork > 0 }.map(\.user))
        let idle = able.filter { !busy.contains(jobs[$0].user) }
        return idle.compactMap { index in
            waitingSince[jobs[index].user].map { $0 + SlotAllocator.overflowDelay }
                ?? jobs[index].nextDue
        }.min()
    }

    /// Refunds reserved slots of a job that found no file.
    mutating func refund(_ slots: Int, of job: RunningJob) {
        guard slots > 0, job.reserved > 0 else { return }
        userShares.refund(job.user, job.charged.toUser / UInt64(job.reserved) * UInt64(slots))
        jobShares[job.user]?.refund(
            job.job.id, job.charged.toJob / UInt64(job.reserved) * UInt64(slots))
    }

    // MARK: One round

    private struct Round {
        let limits: ConcurrencyLimits
        let now: Timestamp
        var slotsInUse = 0
        /// By user; only users with files in work.
        var inWork: [String: Int] = [:]
        /// The jobs that could take one more slot, by user; only users with such jobs.
        var ready: [String: [Int]] = [:]

        init(_ jobs: [RunningJob], _ limits: ConcurrencyLimits, at now: Timestamp) {
            self.limits = limits
            self.now = now
            for job in jobs where job.inWork > 0 {
                slotsInUse += job.inWork
                inWork[job.user, default: 0] += job.inWork
            }
        }
    }

    private mutating func updateWaiting(_ round: Round) {
        let users = round.ready.keys.filter { round.inWork[$0] == nil }
        waitingSince = Dictionary(
            uniqueKeysWithValues: users.map { ($0, waitingSince[$0] ?? round.now) })
    }

    /// Active are jobs that could take a slot and jobs whose files are being claimed.
    private mutating func updateShares(_ round: Round, _ jobs: [RunningJob]) {
        var active = round.ready
        for index in jobs.indices where jobs[index].isClaiming {
            active[jobs[index].user, default: []].append(index)
        }
        userShares.update(active: Set(active.keys))
        jobShares = jobShares.filter { active[$0.key] != nil }
        for (user, indices) in active {
            jobShares[user, default: FairShare()].update(
                active: Set(indices.map { jobs[$0].job.id }))
        }
    }

    /// The job that gets the next slot.
    private func next(in round: Round, _ jobs: [RunningJob]) -> Int? {
        let able = round.ready.keys.filter { mayHaveSlot($0, round) }
        let user = able.min { left, right in turn(of: left, round) < turn(of: right, round) }
        return user.flatMap { round.ready[$0] }?.min {
            turn(of: $0, jobs) < turn(of: $1, jobs)
        }
    }

    /// Whether a slot is free, or the user has waited long enough for one beyond the limit.
    private func mayHaveSlot(_ user: String, _ round: Round) -> Bool {
        let limits = round.limits
        if round.slotsInUse < limits.filesInWorkMax { return true }
        guard round.slotsInUse < limits.filesInWorkMax + limits.overflowFiles,
            round.inWork[user] == nil, let since = waitingSince[user]
        else { return false }
        return round.now - since >= SlotAllocator.overflowDelay
    }

    private func turn(of user: String, _ round: Round) -> (UInt64, Int, UInt64, String) {
        (userShares.pass(of: user), round.inWork[user] ?? 0, userShares.lastTurn(of: user), user)
    }

    private func turn(of index: Int, _ jobs: [RunningJob]) -> (UInt64, UInt64, Int) {
        let job = jobs[index]
        guard let shares = jobShares[job.user] else { return (0, 0, index) }
        return (shares.pass(of: job.job.id), shares.lastTurn(of: job.job.id), index)
    }

    /// Charges the user the stride of their most urgent ready job, so that a job that can wait
    /// does not delay an urgent one.
    private mutating func grant(_ index: Int, _ round: inout Round, _ jobs: inout [RunningJob]) {
        let (user, stride) = (jobs[index].user, jobs[index].stride)
        let best = round.ready[user, default: []].map { jobs[$0].stride }.min() ?? stride
        userShares.charge(user, best)
        jobShares[user]?.charge(jobs[index].job.id, stride)
        jobs[index].charged.toUser += best
        jobs[index].charged.toJob += stride
        jobs[index].reserved += 1
        round.slotsInUse += 1
        round.inWork[user, default: 0] += 1
        if !jobs[index].hasCapacity(within: round.limits) {
            let others = round.ready[user, default: []].filter { $0 != index }
            round.ready[user] = others.isEmpty ? nil : others
        }
    }
}
