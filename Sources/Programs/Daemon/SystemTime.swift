// The real clock. Everything else takes time as a parameter.

import Datasets
import Jobs
import Posix

/// The machine's wall clock, and real waiting.
struct SystemTime: Timekeeping {
    var now: Timestamp { Timestamp(microseconds: WallClock.microseconds) }

    func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration, tolerance: nil, clock: .continuous)
    }
}
