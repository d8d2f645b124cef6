// How long to wait before the next attempt, and when to give up: a pure function.

/// Exponential back-off with a ceiling, jitter, and a maximum of attempts.
package struct RetryPolicy: Hashable, Sendable {
    /// The wait after the first attempt; each further wait is twice as long.
    package var base: Duration
    /// The longest wait, without jitter. Tardis's own clients use two minutes.
    package var ceiling: Duration
    /// Attempts at one file, the first one included; at least 1.
    package var attemptsMax: Int
    /// The most that jitter adds, as a share of the wait: files that failed together should not
    /// be retried together.
    package var jitterShare: Double

    package init(
        base: Duration = .seconds(2), ceiling: Duration = .seconds(120), attemptsMax: Int = 12,
        jitterShare: Double = 0.25
    ) {
        precondition(base >= .zero, "a wait cannot be negative")
        precondition(attemptsMax > 0, "every file is attempted once")
        self.base = base
        self.ceiling = ceiling
        self.attemptsMax = attemptsMax
        self.jitterShare = jitterShare
    }

    /// The wait after a number of attempts; `nil` after the last one.
    ///
    /// - Parameters:
    ///   - attempts: those made so far, at least 1.
    ///   - least: what the upstream itself asked for.
    ///   - jitter: from 0 to 1, at random.
    func wait(
        after attempts: Int, atLeast least: Duration? = nil, jitter: Double
    ) -> Duration? {
        guard attempts < attemptsMax else { return nil }
        let wait = max(backOff(after: attempts), least ?? .zero)
        return wait + wait * (jitterShare * jitter)
    }

    /// The waits between attempts, without jitter, until their sum reaches the limit; none is
    /// longer than the limit. With a base of zero there are none.
    func waits(until limit: Duration) -> [Duration] {
        var waits: [Duration] = []
        var total = Duration.zero
        while total < limit {
            let wait = min(backOff(after: waits.count + 1), limit)
            // Without a wait the sum never grows.
            guard wait > .zero else { break }
            waits.append(wait)
            total += wait
        }
        return waits
    }

    /// `base · 2^(attempts - 1)`, at most the ceiling.
    func backOff(after attempts: Int) -> Duration {
        // Doubling beyond the ceiling has no effect, and would overflow at some point.
        var wait = base
        for _ in 1..<max(1, min(attempts, 64)) where wait < ceiling { wait *= 2 }
        return min(wait, ceiling)
    }
}
