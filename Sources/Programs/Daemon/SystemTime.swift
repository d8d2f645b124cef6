// The real clock. Everything else takes time as a parameter.

import Datasets
import Jobs
import Posix

/// The machine's wall clock, and real waiting.
struct SystemTime: Timekeeping {
    var now: Timestamp { Timestamp(microseconds: WallClock.microseconds) }

    /// Longer than anything waits for; the runtime counts nanoseconds in 64 bits.
    private static let longest = Duration.seconds(366 * 86_400)

    func sleep(for duration: Duration) async throws {
        let span = min(max(duration, .zero), SystemTime.longest)
        try await Task.sleep(for: span, tolerance: nil, clock: .continuous)
    }
}
