// Requests that wait for a job to change, and the notifications that wake them.

import Jobs
import Synchronization

/// How many requests may wait, for how long, and how often they are woken.
struct LongPollLimits: Sendable {
    /// Waiting requests in all: a connection and some KiB each, a quarter of the connections that
    /// the server takes.
    var waitersMax = 4_096
    /// Waiting requests of one user: more than one person has windows, and far from all.
    var waitersPerUserMax = 64
    /// Longest wait, in seconds: proxies give up on a response after a minute or two.
    var secondsMax = 60
    /// Between two rounds of waking: a job that ends a thousand files a second wakes its waiters
    /// ten times.
    var pause = Duration.milliseconds(100)
}

/// Holds the requests that wait, and wakes those of each changed job, in rounds.
final class LongPollHub: Sendable {
    /// A registered request.
    struct Ticket: Hashable {
        fileprivate let number: UInt64
    }

    fileprivate struct Waiter {
        let job: JobID
        let user: String
        /// Whether the job has changed since the request last read it.
        var hasChanged = false
        /// Whether a later request of the same user took its place.
        var isReplaced = false
        var continuation: CheckedContinuation<Void, Never>?
    }

    fileprivate struct State {
        var waiters: [UInt64: Waiter] = [:]
        var byJob: [JobID: Set<UInt64>] = [:]
        var perUser: [String: Int] = [:]
        /// Changed jobs with waiters that the next round wakes.
        var changed: Set<JobID> = []
        /// Whether rounds are under way.
        var isNotifying = false
        var isClosed = false
        var lastNumber: UInt64 = 0
    }

    let limits: LongPollLimits
    private let time: any Timekeeping
    private let state = Mutex(State())

    init(limits: LongPollLimits = LongPollLimits(), time: any Timekeeping) {
        self.limits = limits
        self.time = time
    }

    /// How many requests are registered.
    var count: Int { state.withLock { $0.waiters.count } }

    /// Registers a request for changes from now on. At the user's limit the user's oldest request
    /// ends now: its client may have disappeared, and one that has not sends the request again.
    ///
    /// - Returns: `nil` where too many wait in all, or the hub is closed.
    func register(_ job: JobID, user: String) -> Ticket? {
        let (ticket, replaced) = state.withLock {
            state -> (Ticket?, CheckedContinuation<Void, Never>?) in
            guard !state.isClosed, state.waiters.count < limits.waitersMax else {
                return (nil, nil)
            }
            let isFull = state.perUser[user, default: 0] >= limits.waitersPerUserMax
            let replaced = isFull ? state.replaceOldest(of: user) : nil
            state.lastNumber += 1
            state.waiters[state.lastNumber] = Waiter(job: job, user: user)
            state.byJob[job, default: []].insert(state.lastNumber)
            state.perUser[user, default: 0] += 1
            return (Ticket(number: state.lastNumber), replaced)
        }
        replaced?.resume()
        return ticket
    }

    /// Removes a request, and ends its wait, where one is under way.
    func unregister(_ ticket: Ticket) {
        let waiter = state.withLock { state -> Waiter? in
            guard let waiter = state.waiters.removeValue(forKey: ticket.number) else { return nil }
            state.byJob[waiter.job]?.remove(ticket.number)
            if state.byJob[waiter.job]?.isEmpty == true { state.byJob[waiter.job] = nil }
            if !waiter.isReplaced { state.countLess(waiter.user) }
            return waiter
        }
        waiter?.continuation?.resume()
    }

    /// Returns when the job has changed since the ticket was issued or this returned last.
    ///
    /// - Returns: `false` where waiting is over: the service stops, the task was cancelled,
    ///   or another task waits with this ticket.
    func change(for ticket: Ticket) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !state.isClosed, !Task.isCancelled,
                        let waiter = state.waiters[ticket.number], !waiter.isReplaced,
                        !waiter.hasChanged, waiter.continuation == nil
                    else { return true }
                    state.waiters[ticket.number]?.continuation = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            wake(ticket)
        }
        return state.withLock { state in
            guard !state.isClosed, let waiter = state.waiters[ticket.number], waiter.hasChanged,
                !waiter.isReplaced
            else { return false }
            state.waiters[ticket.number]?.hasChanged = false
            return true
        }
    }

    /// Reports that jobs have changed. Never waits.
    func notify(_ jobs: Set<JobID>) {
        let begins = state.withLock { state in
            guard !state.byJob.isEmpty else { return false }
            let awaited = jobs.filter { state.byJob[$0] != nil }
            guard !awaited.isEmpty else { return false }
            state.changed.formUnion(awaited)
            if state.isNotifying { return false }
            state.isNotifying = true
            return true
        }
        if begins { Task { await notifyInRounds() } }
    }

    /// Ends all waits; later ones end at once.
    func close() {
        let continuations = state.withLock { state in
            state.isClosed = true
            return state.waiters.keys.compactMap { state.takeContinuation(of: $0) }
        }
        for continuation in continuations { continuation.resume() }
    }

    /// The first round is at once; each further one follows after a pause while jobs change.
    private func notifyInRounds() async {
        while true {
            let continuations = state.withLock { state in
                let numbers = state.changed.flatMap { state.byJob[$0] ?? [] }
                state.changed = []
                return numbers.compactMap { number in
                    state.waiters[number]?.hasChanged = true
                    return state.takeContinuation(of: number)
                }
            }
            for continuation in continuations { continuation.resume() }
            try? await time.sleep(for: limits.pause)
            let isDone = state.withLock { state in
                state.isNotifying = !state.changed.isEmpty
                return !state.isNotifying
            }
            if isDone { return }
        }
    }

    private func wake(_ ticket: Ticket) {
        state.withLock { $0.takeContinuation(of: ticket.number) }?.resume()
    }
}

extension LongPollHub.State {
    /// - Returns: the continuation of the replaced request, if it waits already.
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
