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

    /// Raises the soft limit to the hard one: the soft one is kept low by habit, for the sake of
    /// programs that call select(2).
    package static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // Where that is forbidden, the soft limit holds.
        _ = setrlimit(resource, &limit)
    }
}
