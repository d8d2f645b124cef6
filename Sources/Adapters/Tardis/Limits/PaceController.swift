// How many transfers the upstream bears at once. Pure: refusals, answers, bytes and time go in, a
// number comes out. It must not know who transfers what.

/// Adapts the number of transfers: half as many after a refusal, one more after each clean while,
/// and fewer on trial, step by step, where the same number of transfers brings clearly less.
///
/// It begins at the limit: whoever serves everything in time never meets it.
struct PaceController {
    typealias Instant = ContinuousClock.Instant

    /// What the controller has decided.
    enum Change: Hashable, Sendable {
        /// The upstream refused with 429 or 503.
        case refused(from: Int, to: Int)
        /// As many transfers brought clearly fewer bytes per second than before.
        case slowed(from: Int, to: Int)
        /// Fewer transfers brought less: their number was not the reason, or is no longer.
        case acquitted(from: Int, to: Int)
        /// Nothing has gone wrong for a while.
        case recovered(from: Int, to: Int)
    }

    /// Transfers that may be under way at once: from 1 to the limit.
    private(set) var allowed: Int
    private(set) var limit: Int
    /// Transfers under way.
    private(set) var inUse = 0

    /// The last one that counted.
    private var latestRefusal: Instant?
    private var cleanSince: Instant
    private var hasAnswer = false
    /// No step up before.
    private var heldUntil: Instant
    private var probePause = Self.probePauseMin
    private var window: Window
    private var trial = Trial.none

    /// One measurement of the rate, with one number of transfers allowed.
    private struct Window {
        let began: Instant
        /// Bytes that had come by then.
        let bytes: UInt64
        var latest: Instant
        /// Transfers, weighted with the seconds that they took.
        var transferSeconds = 0.0
        /// Nobody else held the rate down.
        var isFree = true
    }

    private enum Trial {
        /// Nothing to compare with yet.
        case none
        /// So many bytes per second are what this number of transfers brings.
        case usual(Double)
        /// The rate has fallen, and fewer transfers are tried.
        case fewer(Descent)
    }

    /// Steps down behind a fall of the rate.
    private struct Descent {
        /// Bytes per second before the fall, and behind it.
        let usual: Double
        let fallen: Double
        /// The most that any step brought.
        var best: Double
        /// Transfers before the latest step.
        var former: Int
    }

    /// A second refusal within this time, or of a request that was sent before the first one came
    /// back, tells nothing new.
    private static let refusalPause = Duration.seconds(1)
    /// So long without a refusal, and with an answer, earns a step up. From 1 to 16 in 30 s: less
    /// than the minute that Tardis's own client rests after a refusal.
    private static let cleanWindow = Duration.seconds(2)
    /// A rate is measured over so long: curl's own average.
    private static let rateWindow = Duration.seconds(5)
    /// A window counts where the allowed transfers were under way so much of its time.
    private static let busyShare = 0.8
    /// Below this part of the usual rate it has clearly fallen. Files differ more than that in
    /// size, but not whole windows of them.
    private static let fallShare = 0.6
    /// Above this part of it everything is well again.
    private static let healedShare = 0.8
    /// Fewer transfers that bring at least this part of what more brought do no harm.
    private static let harmlessShare = 0.97
    /// Fewer transfers that bring so many times as much have helped.
    private static let gainShare = 1.1
    /// How much a window counts against the ones before.
    private static let smoothing = 0.2
    /// So much later than the last step down that did no harm it is tried whether more transfers
    /// are borne again; twice as long each time that they were not.
    private static let probePauseMin = Duration.seconds(30)
    private static let probePauseMax = Duration.seconds(600)
    /// The first step down is a trial, and small; the next ones go by the quarter.
    private static let trialPart = 8
    private static let stepPart = 4
    /// A step up, as a part of the limit.
    private static let recoveryPart = 16

    init(limit: Int, at now: Instant) {
        precondition(limit > 0, "without a transfer nothing ever comes")
        self.limit = limit
        allowed = limit
        cleanSince = now
        heldUntil = now
        window = Window(began: now, bytes: 0, latest: now)
    }

    /// Takes over a limit that was changed. Who had all that there was has all that there is.
    mutating func setLimit(_ limit: Int) {
        precondition(limit > 0, "without a transfer nothing ever comes")
        guard limit != self.limit else { return }
        let wasAtLimit = allowed == self.limit
        self.limit = limit
        allowed = wasAtLimit ? limit : min(allowed, limit)
        trial = .none
    }

    // MARK: What happens

    /// Transfers have begun (`by` 1) or ended (`by` -1).
    ///
    /// - Parameters:
    ///   - bytes: how many have come in all, ever; never fewer than before.
    ///   - isFree: no rate is set that might hold the bytes down.
    mutating func changeInUse(
        by step: Int, bytes: UInt64, isFree: Bool, at now: Instant
    ) -> Change? {
        defer { inUse += step }
        window.transferSeconds += Double(inUse) * seconds(from: window.latest, to: now)
        window.latest = max(window.latest, now)
        window.isFree = window.isFree && isFree
        guard now - window.began >= Self.rateWindow else { return nil }
        return closeWindow(bytes: bytes, at: now)
    }

    /// The upstream answered, and not by a refusal.
    mutating func answered(bytes: UInt64, at now: Instant) -> Change? {
        hasAnswer = true
        guard allowed < limit, now >= heldUntil, now - cleanSince >= Self.cleanWindow else {
            return nil
        }
        cleanSince = now
        hasAnswer = false
        return move(
            to: min(limit, allowed + max(1, limit / Self.recoveryPart)), bytes: bytes, at: now
        ) { .recovered(from: $0, to: $1) }
    }

    /// The upstream refused with 429 or 503.
    ///
    /// - Parameter sent: when the request was; `now` where nobody knows.
    mutating func refused(sent: Instant, bytes: UInt64, at now: Instant) -> Change? {
        cleanSince = now
        hasAnswer = false
        if let latest = latestRefusal, sent < latest || now - latest < Self.refusalPause {
            return nil
        }
        latestRefusal = now
        trial = .none
        return move(to: max(1, allowed / 2), bytes: bytes, at: now) {
            .refused(from: $0, to: $1)
        }
    }

    // MARK: Falling rates

    private mutating func closeWindow(bytes: UInt64, at now: Instant) -> Change? {
        let span = seconds(from: window.began, to: now)
        let isBusy = window.transferSeconds >= Self.busyShare * Double(allowed) * span
        let rate = Double(bytes - window.bytes) / span
        let isFree = window.isFree
        window = Window(began: now, bytes: bytes, latest: now)
        guard isBusy, isFree else {
            // There was not enough to do, or too little was allowed to come.
            trial = .none
            return nil
        }
        return judge(rate, bytes: bytes, at: now)
    }

    private mutating func judge(_ rate: Double, bytes: UInt64, at now: Instant) -> Change? {
        switch trial {
        case .none:
            trial = .usual(rate)
        case .usual(let usual) where rate < usual * Self.fallShare && allowed > 1:
            return stepDown(
                Descent(usual: usual, fallen: rate, best: rate, former: allowed),
                by: max(1, allowed / Self.trialPart), bytes: bytes, at: now)
        case .usual(let usual):
            trial = .usual(max(rate, usual + Self.smoothing * (rate - usual)))
            // With all transfers and nothing amiss, the next fall is a new one.
            if allowed == limit { probePause = Self.probePauseMin }
        case .fewer(let descent) where rate >= descent.usual * Self.healedShare:
            trial = .usual(rate)
            hold(at: now)
        case .fewer(var descent) where rate >= descent.best * Self.harmlessShare && allowed > 1:
            descent.best = max(descent.best, rate)
            descent.former = allowed
            return stepDown(
                descent, by: max(1, allowed / Self.stepPart), bytes: bytes, at: now)
        case .fewer(let descent):
            // One step too many. What is best now is usual now.
            trial = .usual(descent.best)
            heldUntil = now
            if descent.best > descent.fallen * Self.gainShare { hold(at: now) }
            return move(to: min(descent.former, limit), bytes: bytes, at: now) {
                .acquitted(from: $0, to: $1)
            }
        }
        return nil
    }

    private mutating func stepDown(
        _ descent: Descent, by step: Int, bytes: UInt64, at now: Instant
    ) -> Change? {
        trial = .fewer(descent)
        // No step up while the effect is measured.
        heldUntil = now + Self.probePauseMin
        return move(to: allowed - step, bytes: bytes, at: now) { .slowed(from: $0, to: $1) }
    }

    /// Fewer transfers have helped: more are not tried for a while.
    private mutating func hold(at now: Instant) {
        heldUntil = now + probePause
        probePause = min(probePause * 2, Self.probePauseMax)
    }

    /// Each number is measured in windows of its own.
    private mutating func move(
        to count: Int, bytes: UInt64, at now: Instant, _ change: (Int, Int) -> Change
    ) -> Change? {
        guard count != allowed else { return nil }
        defer { allowed = count }
        window = Window(began: now, bytes: bytes, latest: now)
        return change(allowed, count)
    }

    private func seconds(from start: Instant, to end: Instant) -> Double {
        let (seconds, attoseconds) = (end - start).components
        return max(0, Double(seconds) + Double(attoseconds) * 1e-18)
    }
}
