// Tells a transfer that has stalled from one that was held back. Time is passed in.

/// Measures the speed of a transfer while only the peer slows it down.
///
/// curl's own low-speed limit counts the time in which a transfer was paused, and so ends transfers
/// that this client slows down itself.
struct StallDetector {
    private let bytesPerSecondMin: Int
    private let timeout: Duration
    /// The length of one sample: curl's five seconds, or the time-out if that is shorter.
    private let sampleLength: Duration
    /// When the clock was started; `nil` while it is stopped.
    private var runningSince: ContinuousClock.Instant?
    private var hasBegun = false
    /// The current sample: its length so far, and its bytes.
    private var sample = Duration.zero
    private var bytes = 0
    /// How long the transfer has been too slow.
    private var slowFor = Duration.zero

    private static let sampleMax = Duration.seconds(5)

    /// - Parameter timeout: fewer than `bytesPerSecondMin` for this long is a stall.
    init(bytesPerSecondMin: Int, timeout: Duration) {
        self.bytesPerSecondMin = bytesPerSecondMin
        self.timeout = timeout
        sampleLength = min(timeout, StallDetector.sampleMax)
    }

    /// Starts the clock: the request is about to be sent.
    mutating func begin(at now: ContinuousClock.Instant) {
        self = StallDetector(bytesPerSecondMin: bytesPerSecondMin, timeout: timeout)
        hasBegun = true
        runningSince = now
    }

    mutating func received(_ count: Int) {
        bytes += count
    }

    /// Stops the clock: the transfer is held back on this side.
    mutating func pause(at now: ContinuousClock.Instant) {
        pass(until: now)
        runningSince = nil
    }

    mutating func resume(at now: ContinuousClock.Instant) {
        if hasBegun { runningSince = now }
    }

    /// Whether the transfer has been too slow for the time-out. To be called about once a second.
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
