// The clocks of the machine: the monotonic clock, and the date.

import Glibc

/// A clock that never goes back and cannot be set.
package enum MonotonicClock {
    /// Nanoseconds since an arbitrary moment in the past (CLOCK_MONOTONIC).
    package static var nanoseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// The date and time of the machine.
package enum WallClock {
    /// Microseconds since 1970-01-01 00:00 UTC.
    package static var microseconds: Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    /// Whole seconds since 1970-01-01 00:00 UTC, as of the kernel's last tick.
    package static var coarseSeconds: Int64 { Int64(read(CLOCK_REALTIME_COARSE).tv_sec) }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}
