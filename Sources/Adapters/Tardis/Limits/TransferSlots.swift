// How many files are asked for at once. Proving, syncing and recording take no slot: while one file
// goes to the disk, the next one's request is on its way. It must not know what is transferred.

import Concurrency
import Jobs
import Logging
import Synchronization

/// Slots for transfers, given out first come, first served: as many as the limit of the moment and
/// the upstream allow, and a few beyond for users of whom nothing else is in work.
final class TransferSlots: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What became of waiting for a slot.
    enum Entry: Sendable {
        case entered(TransferSlot)
        /// The task was cancelled.
        case cancelled
        /// Asking is pointless, for this reason.
        case turnedAway(DownloadOutcome)
    }

    /// The only place there is.
    private enum Place: Hashable {
        case upstream
    }

    private let turnstile: KeyedSemaphore<Place, DownloadOutcome>
    private let controller: Mutex<PaceController>
    private let bytes = Atomic<UInt64>(0)
    private let limits: RuntimeLimits
    private let logger: Logger
    private let now: @Sendable () -> Instant

    init(
        limits: RuntimeLimits, logger: Logger, now: @escaping @Sendable () -> Instant = { .now }
    ) {
        let count = limits.current.transfers
        turnstile = KeyedSemaphore(room: count)
        controller = Mutex(PaceController(limit: count, at: now()))
        self.limits = limits
        self.logger = logger
        self.now = now
        limits.observe { [weak self] in self?.adjust { _, _, _ in nil } }
    }

    /// Who waits now; for tests.
    var waitingCount: Int { turnstile.waitingCount(at: .upstream) }

    /// How many may transfer at once now.
    var allowed: Int { controller.withLock(\.allowed) }

    /// Waits for a slot.
    ///
    /// - Parameter isExpedited: see ``DownloadContext/isExpedited``.
    func enter(isExpedited: Bool = false) async -> Entry {
        let beyond = isExpedited ? limits.current.transfersBeyond : 0
        switch await turnstile.enter(.upstream, beyond: beyond) {
        case .entered:
            changeInUse(by: 1)
            return .entered(TransferSlot(of: self))
        case .cancelled: return .cancelled
        case .turnedAway(let outcome): return .turnedAway(outcome)
        }
    }

    /// Tells everybody who waits now not to ask.
    func failWaiters(with outcome: DownloadOutcome) {
        turnstile.failWaiters(from: .upstream, because: outcome)
    }

    /// Bytes have come, of whatever file.
    func received(_ count: Int) {
        bytes.add(UInt64(count), ordering: .relaxed)
    }

    /// The upstream has answered.
    ///
    /// - Parameter age: how long ago the request was sent; zero where nobody knows.
    func answered(status: Int, age: Duration) {
        adjust { controller, bytes, now in
            // Too many requests, and S3's "slow down".
            status == 429 || status == 503
                ? controller.refused(sent: now - age, bytes: bytes, at: now)
                : controller.answered(bytes: bytes, at: now)
        }
    }

    fileprivate func giveBack() {
        changeInUse(by: -1)
        turnstile.leave(.upstream)
    }

    private func changeInUse(by step: Int) {
        let limits = limits.current
        let isFree = limits.bytesPerSecond == 0 && limits.requestsPerSecond == 0
        adjust { controller, bytes, now in
            controller.changeInUse(by: step, bytes: bytes, isFree: isFree, at: now)
        }
    }

    private func adjust(
        _ body: (inout PaceController, _ bytes: UInt64, Instant) -> PaceController.Change?
    ) {
        // All of it under the lock: neither time nor bytes may seem to go back, and the latest
        // number is the one that stays.
        let change = controller.withLock { controller in
            controller.setLimit(limits.current.transfers)
            let change = body(&controller, bytes.load(ordering: .relaxed), now())
            turnstile.setRoom(controller.allowed)
            return change
        }
        if let change { tell(change) }
    }

    private func tell(_ change: PaceController.Change) {
        let (level, words, from, to): (Logger.Level, Logger.Message, Int, Int) =
            switch change {
            case .refused(let from, let to): (.info, "Tardis asks for less: transfers", from, to)
            case .slowed(let from, let to): (.info, "the rate has fallen: transfers", from, to)
            case .acquitted(let from, let to): (.debug, "fewer bring no more: transfers", from, to)
            case .recovered(let from, let to): (.debug, "all is well: transfers", from, to)
            }
        logger.log(level: level, words, metadata: ["from": "\(from)", "to": "\(to)"])
    }
}

/// The right to transfer one file.
final class TransferSlot: Sendable {
    private let slots: TransferSlots
    private let isLeft = Atomic(false)

    fileprivate init(of slots: TransferSlots) {
        self.slots = slots
    }

    deinit {
        leave()
    }

    /// Makes room for the next one; leaving twice is fine.
    func leave() {
        if !isLeft.exchange(true, ordering: .acquiringAndReleasing) { slots.giveBack() }
    }
}
