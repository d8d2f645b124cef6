// The real clock. Everything else takes time as a parameter.

import Datasets
import Glibc
import Jobs

/// The machine's wall clock, and real waiting.
struct SystemTime: Timekeeping {
    init() {}

    var now: Timestamp {
        var moment = timespec()
        clock_gettime(CLOCK_REALTIME, &moment)
        return Timestamp(
            microseconds: Int64(moment.tv_sec) * 1_000_000 + Int64(moment.tv_nsec) / 1_000)
    }

    func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration, tolerance: nil, clock: .continuous)
    }
}
