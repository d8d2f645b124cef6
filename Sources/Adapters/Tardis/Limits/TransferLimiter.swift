// How many files are requested at once. Proving, syncing and recording hold no slot: while one file
// goes to the disk, the next one's request is on its way.

import Concurrency
import Jobs
import Logging
import Synchronization

/// Gives out slots for transfers, first come, first served: as many as the configured limit and the
/// upstream's refusals allow, and a few more for expedited files.
final class TransferLimiter: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// The result of waiting for a slot.
    enum Admission: Sendable {
        case admitted(TransferSlot)
        /// The task was cancelled.
        case cancelled
        /// A request is pointless, for this reason.
        case rejected(DownloadOutcome)
    }

    /// The semaphore's only key.
    private enum Key: Hashable {
        case upstream
    }

    private let semaphore: KeyedSemaphore<Key, DownloadOutcome>
    private let concurrency: Mutex<AdaptiveConcurrency>
    private let limits: RuntimeLimits
    private let logger: Logger
    private let now: @Sendable () -> Instant

    init(
        limits: RuntimeLimits, logger: Logger, now: @escaping @Sendable () -> Instant = { .now }
    ) {
        let count = limits.current.transfers
        semaphore = KeyedSemaphore(limit: count)
        concurrency = Mutex(AdaptiveConcurrency(limit: count, at: now()))
        self.limits = limits
        self.logger = logger
        self.now = now
        limits.observe { [weak self] in _ = self?.update { _, _ in } }
    }

    /// How many tasks wait for a slot; for tests.
    var waitingCount: Int { semaphore.waitingCount(for: .upstream) }

    /// How many transfers may run at once now.
    var allowed: Int { concurrency.withLock(\.allowed) }

    /// Waits for a slot.
    ///
    /// - Parameter isExpedited: see ``DownloadContext/isExpedited``.
    func acquire(isExpedited: Bool = false) async -> Admission {
        let overflow = isExpedited ? limits.current.transfersBeyond : 0
        switch await semaphore.acquire(.upstream, overflow: overflow) {
        case .acquired: return .admitted(TransferSlot(of: self))
        case .cancelled: return .cancelled
        case .failed(let outcome): return .rejected(outcome)
        }
    }

    /// Rejects every task that waits now.
    func failWaiters(with outcome: DownloadOutcome) {
        semaphore.failWaiters(of: .upstream, with: outcome)
    }

    /// Adapts the number of transfers to a response.
    ///
    /// - Parameter age: time since the request was sent; zero if unknown.
    func record(status: Int, age: Duration) {
        let (former, present) = update { concurrency, now in
            // Too many requests, and S3's "slow down".
            if status == 429 || status == 503 {
                concurrency.recordRefusal(sent: now - age, at: now)
            } else {
                concurrency.recordAnswer(at: now)
            }
        }
        let change: Logger.Metadata = ["from": "\(former)", "to": "\(present)"]
        if present < former {
            logger.info("the upstream refuses requests: fewer transfers", metadata: change)
        } else if present > former {
            logger.debug("the upstream refuses no requests: more transfers", metadata: change)
        }
    }

    fileprivate func release() {
        semaphore.release(.upstream)
    }

    /// Adapts the number of transfers.
    ///
    /// - Returns: the number before and after.
    @discardableResult
    private func update(
        _ body: (inout AdaptiveConcurrency, Instant) -> Void
    ) -> (former: Int, present: Int) {
        // All of it under the lock: time must not go back, and the latest number has to stay.
        concurrency.withLock { concurrency in
            concurrency.setLimit(limits.current.transfers)
            let former = concurrency.allowed
            body(&concurrency, now())
            semaphore.setLimit(concurrency.allowed)
            return (former, concurrency.allowed)
        }
    }
}

/// The right to transfer one file.
final class TransferSlot: Sendable {
    private let limiter: TransferLimiter
    private let isReleased = Atomic(false)

    fileprivate init(of limiter: TransferLimiter) {
        self.limiter = limiter
    }

    deinit {
        release()
    }

    /// Frees the slot for the next waiter; a second call does nothing.
    func release() {
        if !isReleased.exchange(true, ordering: .acquiringAndReleasing) { limiter.release() }
    }
}

/// The adaptive rule: each refusal (429 or 503) halves the number of transfers, at most once per
/// second and never for a request sent before the last refusal; each answer after two seconds
/// without a refusal or an increase adds a sixteenth of the limit, until the limit is reached.
struct AdaptiveConcurrency {
    typealias Instant = ContinuousClock.Instant

    /// Transfers that may run at once: from 1 to the limit.
    private(set) var allowed: Int
    private var limit: Int
    /// The last refusal that halved the number.
    private var lastRefusal: Instant?
    /// The last refusal or increase.
    private var quietSince: Instant

    private static let refusalPause = Duration.seconds(1)
    /// From 1 transfer to 16 in 30 s: half the minute that Tardis's own client pauses after a
    /// refusal.
    private static let increasePause = Duration.seconds(2)
    private static let increasePart = 16

    init(limit: Int, at now: Instant) {
        precondition(limit > 0, "every limit of transfers allows at least one")
        self.limit = limit
        allowed = limit
        quietSince = now
    }

    /// Takes over a changed limit: at once where the former limit was in use, otherwise as a new
    /// upper bound.
    mutating func setLimit(_ limit: Int) {
        precondition(limit > 0, "every limit of transfers allows at least one")
        allowed = allowed == self.limit ? limit : min(allowed, limit)
        self.limit = limit
    }

    /// The upstream responded with another status than 429 and 503.
    mutating func recordAnswer(at now: Instant) {
        guard allowed < limit, now - quietSince >= Self.increasePause else { return }
        quietSince = now
        allowed = min(limit, allowed + max(1, limit / Self.increasePart))
    }

    /// The upstream responded with 429 or 503.
    ///
    /// - Parameter sent: when the request was sent; `now` if unknown.
    mutating func recordRefusal(sent: Instant, at now: Instant) {
        quietSince = now
        if let lastRefusal, sent < lastRefusal || now - lastRefusal < Self.refusalPause { return }
        lastRefusal = now
        allowed = max(1, allowed / 2)
    }
}
