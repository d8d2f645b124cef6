// When a watched job is polled again, and what is reported in between: a pure state machine.

import APIClient
import APITypes

/// Follows one job from observation to observation.
struct WatchState {
    /// The result of one poll.
    enum Observation {
        case job(JobResponse)
        /// The job has not changed; `wasHeld` where the service waited before it answered.
        case unchanged(wasHeld: Bool)
        case failure(APIClientError)
    }

    /// What follows an observation.
    enum Action: Equatable {
        /// The job has changed, or is seen for the first time.
        case show(JobResponse)
        /// The service does not answer; polling goes on for so many seconds.
        case reportLost(APIClientError, patienceSeconds: Int)
        /// The service answers again after so many seconds.
        case reportFound(afterSeconds: Int)
        /// Poll again after this time.
        case wait(Duration)
        /// The job has ended.
        case finish(JobResponse)
        /// The error is permanent, or patience has run out.
        case giveUp(APIClientError)
    }

    /// The fastest and the slowest interval of polling: 1 s feels live, and 5 s costs a service
    /// nothing while a job makes no progress.
    static let waitMin = Duration.seconds(1)
    static let waitMax = Duration.seconds(5)
    /// How long a service may be unreachable: a restart of its machine takes some minutes.
    static let patience = Duration.seconds(300)

    private var lastJob: JobResponse?
    private var wait = WatchState.waitMin
    private var lostSince: Duration?
    private var lastSeen: Duration?

    /// - Parameter isKnown: whether the service is known to be reachable and to have the job, so
    ///   that even a first failure is retried.
    init(isKnown: Bool) {
        self.isKnown = isKnown
    }

    private var isKnown: Bool

    /// Takes an observation in.
    ///
    /// - Parameter now: time since any fixed moment.
    mutating func observe(_ observation: Observation, at now: Duration) -> [Action] {
        defer { lastSeen = now }
        return switch observation {
        case .job(let job): observe(job, at: now)
        case .unchanged(let wasHeld): found(at: now) + [.wait(waitUnchanged(wasHeld, at: now))]
        case .failure(let error): observe(error, at: now)
        }
    }

    /// A service that held its answer is polled again at once, unless it held it for a moment only.
    private mutating func waitUnchanged(_ wasHeld: Bool, at now: Duration) -> Duration {
        if wasHeld, let lastSeen, now - lastSeen >= WatchState.waitMin * 2 {
            wait = WatchState.waitMin
            return .zero
        }
        wait = min(wait * 3 / 2, WatchState.waitMax)
        return wait
    }

    private mutating func found(at now: Duration) -> [Action] {
        isKnown = true
        guard let since = lostSince else { return [] }
        lostSince = nil
        return [.reportFound(afterSeconds: Int((now - since).components.seconds))]
    }

    private mutating func observe(_ job: JobResponse, at now: Duration) -> [Action] {
        var actions = found(at: now)
        if WatchState.isFinal(job.status) { return actions + [.finish(job)] }
        if job == lastJob {
            _ = waitUnchanged(false, at: now)
        } else {
            wait = WatchState.waitMin
            lastJob = job
            actions.append(.show(job))
        }
        return actions + [.wait(wait)]
    }

    private mutating func observe(_ error: APIClientError, at now: Duration) -> [Action] {
        guard error.isTransient, isKnown else { return [.giveUp(error)] }
        var actions: [Action] = []
        if let since = lostSince {
            if now - since >= WatchState.patience { return [.giveUp(error)] }
            wait = min(wait * 2, WatchState.waitMax)
        } else {
            lostSince = now
            wait = WatchState.waitMin
            let patienceSeconds = Int(WatchState.patience.components.seconds)
            actions.append(.reportLost(error, patienceSeconds: patienceSeconds))
        }
        if case .refused(let refusal) = error, let seconds = refusal.retryAfterSeconds {
            // Retry-After counts up to a minute: the service may be back long before.
            return actions + [.wait(max(wait, .seconds(min(seconds, 60))))]
        }
        return actions + [.wait(wait)]
    }

    private static func isFinal(_ status: String) -> Bool {
        status == "completed" || status == "failed" || status == "cancelled"
    }
}
