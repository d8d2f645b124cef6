// Requests that wait for a job to change, and the notifications that wake them.

import Jobs
import Synchronization

/// How many may wait, and how often they are told.
struct JobWaitLimits: Sendable {
    /// Waiting requests in all: a connection and some KiB each, a quarter of the connections that
    /// the server takes.
    var waitersMax = 4_096
    /// Waiting requests of one user: more than anybody has windows, and far from all.
    var waitersPerUserMax = 64
    /// Longest wait, in seconds: proxies give up an answer after a minute or two.
    var secondsMax = 60
    /// Between two rounds of telling: a job that ends a thousand files a second wakes its watchers
    /// ten times.
    var pause = Duration.milliseconds(100)
}

/// Where requests wait. Told of every changed job, it wakes those who wait for that one, in rounds.
final class LongPollHub: Sendable {
    /// A place in the waiting room.
    struct Place: Hashable {
        fileprivate let number: UInt64
    }

    fileprivate struct Waiter {
        let job: JobID
        let user: String
        /// Whether the job has changed since the waiter last looked.
        var isTold = false
        /// Whether the place was given to another request of the same user.
        var isReplaced = false
        var continuation: CheckedContinuation<Void, Never>?
    }

    fileprivate struct State {
        var waiters: [UInt64: Waiter] = [:]
        var byJob: [JobID: Set<UInt64>] = [:]
        var perUser: [String: Int] = [:]
        /// Changed jobs that somebody waits for and has not been told of.
        var changed: Set<JobID> = []
        /// Whether rounds are under way.
        var isTelling = false
        var isClosed = false
        var lastNumber: UInt64 = 0
    }

    let limits: JobWaitLimits
    private let time: any Timekeeping
    private let state = Mutex(State())

    init(limits: JobWaitLimits = JobWaitLimits(), time: any Timekeeping) {
        self.limits = limits
        self.time = time
    }

    /// How many wait.
    var count: Int { state.withLock { $0.waiters.count } }

    /// Takes a place, for changes from now on. Where the user has all that one may have, the
    /// request that has waited longest is answered now: its client may have gone without a word,
    /// and one that has not asks again.
    ///
    /// - Returns: `nil` where too many wait in all, or nobody may wait any more.
    func enter(_ job: JobID, user: String) -> Place? {
        let (place, replaced) = state.withLock {
            state -> (Place?, CheckedContinuation<Void, Never>?) in
            guard !state.isClosed, state.waiters.count < limits.waitersMax else {
                return (nil, nil)
            }
            let isFull = state.perUser[user, default: 0] >= limits.waitersPerUserMax
            let replaced = isFull ? state.replaceOldest(of: user) : nil
            state.lastNumber += 1
            state.waiters[state.lastNumber] = Waiter(job: job, user: user)
            state.byJob[job, default: []].insert(state.lastNumber)
            state.perUser[user, default: 0] += 1
            return (Place(number: state.lastNumber), replaced)
        }
        replaced?.resume()
        return place
    }

    /// Gives a place back; ends the wait there, where one is under way.
    func leave(_ place: Place) {
        let waiter = state.withLock { state -> Waiter? in
            guard let waiter = state.waiters.removeValue(forKey: place.number) else { return nil }
            state.byJob[waiter.job]?.remove(place.number)
            if state.byJob[waiter.job]?.isEmpty == true { state.byJob[waiter.job] = nil }
            if !waiter.isReplaced { state.countLess(waiter.user) }
            return waiter
        }
        waiter?.continuation?.resume()
    }

    /// Returns when the job has changed since the place was taken or this returned last.
    ///
    /// - Returns: `false` where waiting is over: the service stops, the task was cancelled,
    ///   or another one waits at this place.
    func change(at place: Place) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isClosed || Task.isCancelled
                        || state.waiters[place.number]?.isReplaced != false
                        || state.waiters[place.number]?.isTold != false
                        || state.waiters[place.number]?.continuation != nil
                    {
                        return true
                    }
                    state.waiters[place.number]?.continuation = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            wake(place)
        }
        return state.withLock { state in
            guard !state.isClosed, let waiter = state.waiters[place.number], waiter.isTold,
                !waiter.isReplaced
            else { return false }
            state.waiters[place.number]?.isTold = false
            return true
        }
    }

    /// Says that jobs have changed. Never waits.
    func tell(_ jobs: Set<JobID>) {
        let begins = state.withLock { state in
            guard !state.byJob.isEmpty else { return false }
            let news = jobs.filter { state.byJob[$0] != nil }
            guard !news.isEmpty else { return false }
            state.changed.formUnion(news)
            if state.isTelling { return false }
            state.isTelling = true
            return true
        }
        if begins { Task { await tellInRounds() } }
    }

    /// Wakes everybody who waits; nobody waits from now on.
    func close() {
        let continuations = state.withLock { state in
            state.isClosed = true
            return state.waiters.keys.compactMap { state.takeContinuation(of: $0) }
        }
        for continuation in continuations { continuation.resume() }
    }

    /// The first round is at once, the next ones after a pause each, until there is no news.
    private func tellInRounds() async {
        while true {
            let continuations = state.withLock { state in
                let numbers = state.changed.flatMap { state.byJob[$0] ?? [] }
                state.changed = []
                return numbers.compactMap { number in
                    state.waiters[number]?.isTold = true
                    return state.takeContinuation(of: number)
                }
            }
            for continuation in continuations { continuation.resume() }
            try? await time.sleep(for: limits.pause)
            let isDone = state.withLock { state in
                state.isTelling = !state.changed.isEmpty
                return !state.isTelling
            }
            if isDone { return }
        }
    }

    private func wake(_ place: Place) {
        state.withLock { $0.takeContinuation(of: place.number) }?.resume()
    }
}

extension LongPollHub.State {
    /// - Returns: what the waiter waits with, if it does already.
    fileprivate mutating func replaceOldest(
        of user: String
    ) -> CheckedContinuation<Void, Never>? {
        let own = waiters.filter { $0.value.user == user && !$0.value.isReplaced }
        guard let oldest = own.keys.min() else { return nil }
        waiters[oldest]?.isReplaced = true
        countLess(user)
        return takeContinuation(of: oldest)
    }

    fileprivate mutating func countLess(_ user: String) {
        perUser[user, default: 1] -= 1
        if perUser[user] == 0 { perUser[user] = nil }
    }

    fileprivate mutating func takeContinuation(
        of number: UInt64
    ) -> CheckedContinuation<Void, Never>? {
        defer { waiters[number]?.continuation = nil }
        return waiters[number]?.continuation
    }
}
