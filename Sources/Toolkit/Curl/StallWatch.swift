// Tells a transfer that has stalled from one that was merely held. Pure: time is passed in.

/// Measures how fast a transfer is while nothing but the peer holds it up.
///
/// curl's own low-speed limit averages over time in which a transfer was paused, and so gives up
/// those that we ourselves slow down.
struct StallWatch {
    private let bytesPerSecondMin: Int
    private let timeout: Duration
    /// Speed is judged over so long at least: curl's five seconds, or less where the time-out is.
    private let sampleLength: Duration
    /// Since when the clock runs; `nil` while it stands still.
    private var runningSince: ContinuousClock.Instant?
    private var hasBegun = false
    /// The present sample: how long it has lasted, and what has come.
    private var sample = Duration.zero
    private var bytes = 0
    /// How long the transfer has been too slow.
    private var slowFor = Duration.zero

    private static let sampleMax = Duration.seconds(5)

    /// - Parameter timeout: fewer than `bytesPerSecondMin` for this long is a stall.
    init(bytesPerSecondMin: Int, timeout: Duration) {
        self.bytesPerSecondMin = bytesPerSecondMin
        self.timeout = timeout
        sampleLength = min(timeout, StallWatch.sampleMax)
    }

    /// The request is about to be sent: from now on the peer is waited for.
    mutating func begin(at now: ContinuousClock.Instant) {
        self = StallWatch(bytesPerSecondMin: bytesPerSecondMin, timeout: timeout)
        hasBegun = true
        runningSince = now
    }

    mutating func received(_ count: Int) {
        bytes += count
    }

    /// Stops the clock: it is not the peer who keeps the transfer.
    mutating func pause(at now: ContinuousClock.Instant) {
        pass(until: now)
        runningSince = nil
    }

    mutating func resume(at now: ContinuousClock.Instant) {
        if hasBegun { runningSince = now }
    }

    /// Whether the transfer has been too slow for too long. To be asked about once a second.
    mutating func hasStalled(at now: ContinuousClock.Instant) -> Bool {
        pass(until: now)
        guard sample >= sampleLength else { return slowFor >= timeout }
        let isSlow = Double(bytes) < Double(bytesPerSecondMin) * sample.inSeconds
        slowFor = isSlow ? slowFor + sample : .zero
        sample = .zero
        bytes = 0
        return slowFor >= timeout
    }

    private mutating func pass(until now: ContinuousClock.Instant) {
        guard let since = runningSince, now > since else { return }
        sample += now - since
        runningSince = now
    }
}
