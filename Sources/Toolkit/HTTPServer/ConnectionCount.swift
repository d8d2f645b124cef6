// How many connections all loops hold together. It must not know what a connection is.

import Posix
import Synchronization

/// A counter with a ceiling, shared by the loops.
final class ConnectionCount: Sendable {
    private let held = Atomic<Int>(0)
    private let max: Int

    /// - Parameters:
    ///   - wanted: the ceiling that the settings ask for.
    ///   - descriptors: how many descriptors the process may have open. An eighth, at least 64,
    ///     is left to files, databases and transfers; of very few, a half.
    init(wanted: Int, descriptors: Int = DescriptorLimit.current) {
        let reserve = descriptors > 128 ? Swift.max(64, descriptors / 8) : descriptors / 2
        max = Swift.max(1, min(wanted, descriptors - reserve))
    }

    /// Counts one more, unless the ceiling is reached.
    func take() -> Bool {
        if held.add(1, ordering: .relaxed).newValue <= max { return true }
        giveBack()
        return false
    }

    /// Counts one less.
    func giveBack() {
        held.subtract(1, ordering: .relaxed)
    }
}
