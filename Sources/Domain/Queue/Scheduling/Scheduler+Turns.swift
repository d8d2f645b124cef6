// Whose turn it is to have files fetched.

import Datasets
import Jobs

extension Scheduler {
    /// Gives slots away one by one: to the user whose turn it is, and of theirs to the job whose
    /// turn it is.
    mutating func claims(at now: Timestamp) -> [Action] {
        var round = Round(lanes, at: now)
        for index in lanes.indices where hasFreeSpace(index) {
            guard let due = lanes[index].nextDue, due <= now else { continue }
            round.ready[lanes[index].user, default: []].append(index)
        }
        noteWaiting(round)
        guard round.slotsInUse < bounds.filesInWorkMax + bounds.overflowFiles else { return [] }
        updateShares(round)
        var granted: Set<Int> = []
        while let index = next(in: round) {
            grant(index, &round)
            granted.insert(index)
        }
        return granted.sorted().map { index in
            lanes[index].isAsking = true
            lanes[index].due = nil
            return .claimFiles(lanes[index].job, limit: lanes[index].reserved)
        }
    }

    /// When there will be something to do even if no event comes; `nil` where only an event can
    /// change anything.
    var nextMoment: Timestamp? {
        if parkedUntil != nil || isHeld { return parkedUntil }
        let inUse = lanes.reduce(0) { $0 + $1.inWork }
        let roomy = lanes.indices.filter { hasFreeSpace($0) && lanes[$0].nextDue != nil }
        if inUse < bounds.filesInWorkMax { return roomy.compactMap { lanes[$0].nextDue }.min() }
        guard inUse < bounds.filesInWorkMax + bounds.overflowFiles else { return nil }
        let busy = Set(lanes.filter { $0.inWork > 0 }.map(\.user))
        let idle = roomy.filter { !busy.contains(lanes[$0].user) }
        return idle.compactMap { index in
            waiting[lanes[index].user].map { $0 + Scheduler.patience } ?? lanes[index].nextDue
        }.min()
    }

    /// Takes back what the turns of a lane cost that came to nothing.
    mutating func refund(_ turns: Int, of index: Int) {
        let lane = lanes[index]
        guard turns > 0, lane.reserved > 0 else { return }
        users.refund(lane.user, lane.paid.byUser / UInt64(lane.reserved) * UInt64(turns))
        jobs[lane.user]?.refund(
            lane.job.id, lane.paid.byJob / UInt64(lane.reserved) * UInt64(turns))
    }

    /// One giving away of slots.
    private struct Round {
        let now: Timestamp
        var slotsInUse = 0
        /// By user; nobody of whom nothing is in work.
        var inWork: [String: Int] = [:]
        /// The lanes that could have a slot more, by user; nobody who has none.
        var ready: [String: [Int]] = [:]

        init(_ lanes: [RunningJob], at now: Timestamp) {
            self.now = now
            for lane in lanes where lane.inWork > 0 {
                slotsInUse += lane.inWork
                inWork[lane.user, default: 0] += lane.inWork
            }
        }
    }

    private func hasFreeSpace(_ index: Int) -> Bool {
        let lane = lanes[index]
        guard lane.phase == .running, !lane.isAsking, lane.stop == nil, !lane.isCut,
            mayWork(index)
        else {
            return false
        }
        if lane.isQuarantined { return lane.inWork == 0 }
        return lane.inWork
            < (lane.isKeyVerified ? bounds.filesInWorkMax : Scheduler.unverifiedFilesMax)
    }

    /// Whether there is a slot for a user: one that is free, or one beyond, which only a user gets
    /// of whom nothing is in work, and who has waited for a while.
    private func mayHaveSlot(_ user: String, _ round: Round) -> Bool {
        if round.slotsInUse < bounds.filesInWorkMax { return true }
        guard round.slotsInUse < bounds.filesInWorkMax + bounds.overflowFiles,
            round.inWork[user] == nil, let since = waiting[user]
        else { return false }
        return round.now - since >= Scheduler.patience
    }

    /// Remembers since when users have something to do and nothing in work.
    private mutating func noteWaiting(_ round: Round) {
        let users = round.ready.keys.filter { round.inWork[$0] == nil }
        waiting = Dictionary(
            uniqueKeysWithValues: users.map { ($0, waiting[$0] ?? round.now) })
    }

    /// Says who wants turns: who could have one now, and who is just being asked which files.
    private mutating func updateShares(_ round: Round) {
        var wanting = round.ready
        for index in lanes.indices where lanes[index].isAsking {
            wanting[lanes[index].user, default: []].append(index)
        }
        users.update(wanting: Set(wanting.keys))
        jobs = jobs.filter { wanting[$0.key] != nil }
        for (user, indices) in wanting {
            jobs[user, default: FairShare()].update(
                wanting: Set(indices.map { lanes[$0].job.id }))
        }
    }

    /// The lane that gets the next slot.
    private func next(in round: Round) -> Int? {
        let able = round.ready.keys.filter { mayHaveSlot($0, round) }
        let user = able.min { left, right in turn(of: left, round) < turn(of: right, round) }
        return user.flatMap { round.ready[$0] }?.min { turn(of: $0) < turn(of: $1) }
    }

    private func turn(of user: String, _ round: Round) -> (UInt64, Int, UInt64, String) {
        (users.pass(of: user), round.inWork[user] ?? 0, users.lastTurn(of: user), user)
    }

    private func turn(of index: Int) -> (UInt64, UInt64, Int) {
        let lane = lanes[index]
        guard let jobs = jobs[lane.user] else { return (0, 0, index) }
        return (jobs.pass(of: lane.job.id), jobs.lastTurn(of: lane.job.id), index)
    }

    /// A turn costs a user what the most urgent of their jobs that wants one is worth: a job that
    /// can wait must not make an urgent one wait.
    private mutating func grant(_ index: Int, _ round: inout Round) {
        let (user, price) = (lanes[index].user, lanes[index].price)
        let best = round.ready[user, default: []].map { lanes[$0].price }.min() ?? price
        users.charge(user, best)
        jobs[user]?.charge(lanes[index].job.id, price)
        lanes[index].paid.byUser += best
        lanes[index].paid.byJob += price
        lanes[index].reserved += 1
        round.slotsInUse += 1
        round.inWork[user, default: 0] += 1
        if !hasFreeSpace(index) {
            let rest = round.ready[user, default: []].filter { $0 != index }
            round.ready[user] = rest.isEmpty ? nil : rest
        }
    }
}
