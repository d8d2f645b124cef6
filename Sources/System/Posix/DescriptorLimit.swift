// How many descriptors this process may have open.

import Glibc

/// The process's RLIMIT_NOFILE.
package enum DescriptorLimit {
    /// The soft limit; `Int.max` when there is none.
    package static var current: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Int.max
        }
        return Int(clamping: limit.rlim_cur)
    }
}
