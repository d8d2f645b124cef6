// How long the machine has been up. It must not be used for dates: it knows no epoch.

import Glibc

/// A clock that never goes back and that no administrator sets.
package enum MonotonicClock {
    /// Nanoseconds since an arbitrary moment in the past (CLOCK_MONOTONIC).
    package static var nanoseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
