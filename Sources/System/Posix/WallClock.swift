// The date. It must not be used to measure: administrators and NTP set it.

import Glibc

/// The machine's idea of the date.
package enum WallClock {
    /// Whole seconds since 1970-01-01 00:00 UTC, as of the kernel's last tick.
    package static var coarseSeconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return Int64(time.tv_sec)
    }
}
