// How much may pass at a moment, so that a rate holds over any longer time. Pure: it neither reads
// a clock nor knows what passes.

/// A token bucket. Tokens are bytes, requests or whatever is counted.
///
/// Whoever takes may take more than there is, by one piece: the debt is waited for before the next
/// one. So the mean is exact, whatever the size of the pieces.
struct TokenBucket {
    /// Tokens per second.
    let rate: Double
    /// What an idle bucket holds at most: 50 ms of the rate, so that a window of a second never
    /// sees more than 5 % above it, but at least one token.
    private let idleMax: Double
    private var tokens: Double
    private var latest: ContinuousClock.Instant
    /// Somebody has been waiting since the last refill: what has come since is not idle's to lose,
    /// but for a machine that stood still.
    private var isWaitedFor = false

    private static let idleSeconds = 0.05
    /// How late the thread that waits may wake up without losing anything.
    private static let lateSeconds = 1.0

    /// A full one.
    init(rate: Int, at now: ContinuousClock.Instant) {
        precondition(rate > 0, "what never passes needs no bucket")
        self.rate = Double(rate)
        idleMax = max(1, Double(rate) * TokenBucket.idleSeconds)
        tokens = idleMax
        latest = now
    }

    /// Whether so many tokens are there.
    mutating func has(_ count: Double, at now: ContinuousClock.Instant) -> Bool {
        refill(at: now)
        return tokens >= count
    }

    /// Takes tokens, also those that are not there yet.
    mutating func take(_ count: Int) {
        tokens -= Double(count)
        isWaitedFor = false
    }

    /// How long it lasts until so many tokens are there, if nobody takes any; the bucket is waited
    /// for from now on.
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
        // What was saved while somebody waited stays until it is taken.
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
