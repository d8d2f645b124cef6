// The rates of a client: which request may start, which bytes may pass, and in which order held
// transfers go on. Time is passed in.

/// Limits the rates of all transfers together. Confined to the transfer thread.
///
/// Both rates are first in, first out; a transfer that was released goes to the end of the queue
/// with its next piece, so all transfers get the same share.
final class RateLimiter {
    private var rates = TransferRates()
    private var requests: TokenBucket?
    private var bytes: TokenBucket?
    /// Transfers that wait to start.
    private var waiting: [QueuedTransfer] = []
    /// Transfers whose bytes wait.
    private var held: [UInt64] = []
    private var isReleasing = false

    /// Held bytes go on once this many seconds of the rate are saved: 10 ms, so that the thread
    /// wakes up at most a hundred times a second.
    private static let stepSeconds = 0.01

    /// Applies the current rates.
    func adopt(_ rates: TransferRates, at now: ContinuousClock.Instant) {
        guard rates != self.rates else { return }
        if rates.requestsPerSecondMax != self.rates.requestsPerSecondMax {
            requests = rates.requestsPerSecondMax.map { TokenBucket(rate: $0, at: now) }
        }
        if rates.bytesPerSecondMax != self.rates.bytesPerSecondMax {
            bytes = rates.bytesPerSecondMax.map { TokenBucket(rate: $0, at: now) }
        }
        self.rates = rates
    }

    // MARK: Requests

    /// Whether a transfer may start; if not, it is kept for ``next(at:)``.
    func mayStart(_ transfer: QueuedTransfer, at now: ContinuousClock.Instant) -> Bool {
        guard transfer.request.isPaced, requests != nil else { return true }
        guard waiting.isEmpty, takeRequest(at: now) else {
            let isBehind = { (other: QueuedTransfer) in !other.request.isExpedited }
            let index = transfer.request.isExpedited ? waiting.firstIndex(where: isBehind) : nil
            waiting.insert(transfer, at: index ?? waiting.endIndex)
            return false
        }
        return true
    }

    /// The next transfer that may start now: the one that waits longest, expedited ones first.
    func next(at now: ContinuousClock.Instant) -> QueuedTransfer? {
        guard !waiting.isEmpty, takeRequest(at: now) else { return nil }
        return waiting.removeFirst()
    }

    /// Removes a waiting transfer.
    func withdraw(_ id: UInt64) -> QueuedTransfer? {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
        return waiting.remove(at: index)
    }

    /// Removes all waiting transfers.
    func withdrawAll() -> [QueuedTransfer] {
        defer { waiting = [] }
        return waiting
    }

    private func takeRequest(at now: ContinuousClock.Instant) -> Bool {
        guard requests != nil else { return true }
        guard requests?.has(1, at: now) == true else { return false }
        requests?.take(1)
        return true
    }

    // MARK: Bytes

    /// Whether bytes need permission to pass.
    var holdsBytes: Bool { bytes != nil }

    /// Whether bytes of a transfer may pass now; if not, it is kept for the next release.
    func mayPass(_ id: UInt64, at now: ContinuousClock.Instant) -> Bool {
        guard bytes != nil else { return true }
        if held.isEmpty || isReleasing, hasBytes(RateLimiter.leastTokens, at: now) { return true }
        held.append(id)
        return false
    }

    /// Bytes have passed.
    func passed(_ count: Int) {
        bytes?.take(count)
    }

    /// Releases held transfers as far as the tokens go, longest wait first.
    ///
    /// - Parameter letPass: lets a transfer go on; it asks again for each piece.
    func release(at now: ContinuousClock.Instant, _ letPass: (UInt64) -> Void) {
        guard !held.isEmpty, hasBytes(step, at: now) else { return }
        isReleasing = true
        defer { isReleasing = false }
        // Each once: transfers that are held again are behind the others.
        for _ in 0..<held.count where hasBytes(RateLimiter.leastTokens, at: now) {
            letPass(held.removeFirst())
        }
    }

    private func hasBytes(_ count: Double, at now: ContinuousClock.Instant) -> Bool {
        bytes?.has(count, at: now) ?? true
    }

    /// A piece passes while any token is left; the bucket then goes into debt.
    private static let leastTokens = 1e-9

    private var step: Double {
        max(1, Double(rates.bytesPerSecondMax ?? 0) * RateLimiter.stepSeconds)
    }

    // MARK: Time

    /// The time until the next start or release; `nil` if no transfer waits.
    func wait(at now: ContinuousClock.Instant) -> Duration? {
        let forBytes = held.isEmpty ? nil : bytes?.wait(for: step, at: now)
        let forRequest = waiting.isEmpty ? nil : requests?.wait(for: 1, at: now)
        guard let forBytes else { return forRequest }
        return forRequest.map { min($0, forBytes) } ?? forBytes
    }
}

/// A token bucket. Tokens are bytes or requests.
///
/// A caller may take more tokens than there are, by one piece; the next one waits until the debt is
/// paid. So the mean rate is exact for pieces of any size.
struct TokenBucket {
    /// Tokens per second.
    let rate: Double
    /// What an idle bucket holds at most: 50 ms of the rate, so that a window of a second never
    /// sees more than 5 % above it, but at least one token.
    private let idleMax: Double
    private var tokens: Double
    private var latest: ContinuousClock.Instant
    /// Whether a caller waits: tokens since the last refill are then kept beyond `idleMax`, up to
    /// `lateSeconds`, which bounds the burst after a machine was suspended.
    private var isWaitedFor = false

    private static let idleSeconds = 0.05
    /// How late a waiting thread may wake up without losing tokens.
    private static let lateSeconds = 1.0

    /// A full one.
    init(rate: Int, at now: ContinuousClock.Instant) {
        precondition(rate > 0, "a rate of zero would never let a token pass")
        self.rate = Double(rate)
        idleMax = max(1, Double(rate) * TokenBucket.idleSeconds)
        tokens = idleMax
        latest = now
    }

    /// Whether this many tokens are there.
    mutating func has(_ count: Double, at now: ContinuousClock.Instant) -> Bool {
        refill(at: now)
        return tokens >= count
    }

    /// Takes tokens, if need be into debt.
    mutating func take(_ count: Int) {
        tokens -= Double(count)
        isWaitedFor = false
    }

    /// The time until this many tokens are there, if none are taken; the caller waits from now on.
    mutating func wait(
        for count: Double, at now: ContinuousClock.Instant
    ) -> Duration {
        refill(at: now)
        isWaitedFor = true
        return .seconds(max(0, (count - tokens) / rate))
    }

    private mutating func refill(at now: ContinuousClock.Instant) {
        guard now > latest else { return }
        let most = isWaitedFor ? max(idleMax, rate * TokenBucket.lateSeconds) : idleMax
        // Tokens saved during a wait stay until they are taken.
        tokens = max(tokens, min(most, tokens + rate * (now - latest).inSeconds))
        latest = now
    }
}

extension Duration {
    /// In seconds.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
