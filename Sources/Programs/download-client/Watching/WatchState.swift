// When a watched job is asked about again, and what is said in between: a pure state machine. It
// must not know the network, the clock or the screen.

import APIClient
import APITypes

/// Follows one job from observation to observation.
struct WatchState {
    /// What has been seen.
    enum Observation {
        case job(JobResponse)
        /// The job is what it was; tells whether the service has waited before it said so.
        case unchanged(wasHeld: Bool)
        case failure(APIClientError)
    }

    /// What is to be done about it.
    enum Action: Equatable {
        /// The job has changed, or is seen for the first time.
        case show(JobResponse)
        /// The service has gone; it will be asked again for so many seconds.
        case sayLost(APIClientError, patienceSeconds: Int)
        /// The service is back after so many seconds.
        case sayFound(afterSeconds: Int)
        /// Ask again after this time.
        case wait(Duration)
        /// The job has ended.
        case finish(JobResponse)
        /// It makes no sense to go on.
        case giveUp(APIClientError)
    }

    /// The gentlest and the slowest rhythm of asking. 1 s feels live; 5 s is nothing to a service,
    /// and nobody misses the difference on a job that stands still.
    static let waitMin = Duration.seconds(1)
    static let waitMax = Duration.seconds(5)
    /// How long a service may be away. A restart takes seconds, one of the machine some minutes.
    static let patience = Duration.seconds(300)

    private var lastJob: JobResponse?
    private var wait = WatchState.waitMin
    private var lostSince: Duration?
    private var lastSeen: Duration?

    /// - Parameter isKnown: whether the service is known to be there and to have the job, so that
    ///   even a first failure is worth some patience.
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

    /// A service that has waited for a change is asked again at once, unless it was not long.
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
        return [.sayFound(afterSeconds: Int((now - since).components.seconds))]
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
            actions.append(.sayLost(error, patienceSeconds: patienceSeconds))
        }
        if case .refused(let refusal) = error, let seconds = refusal.retryAfterSeconds {
            // The service's own wish counts, up to a minute: it may be back long before.
            return actions + [.wait(max(wait, .seconds(min(seconds, 60))))]
        }
        return actions + [.wait(wait)]
    }

    private static func isFinal(_ status: String) -> Bool {
        status == "completed" || status == "failed" || status == "cancelled"
    }
}
