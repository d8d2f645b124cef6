// Which of a server's listeners is the last to leave a port that it shares. It must not know what a
// listener is.

import Synchronization

/// Counts the listeners of one server that still have to close.
final class HandoverCount: Sendable {
    private let remaining: Atomic<Int>

    init(_ count: Int) {
        remaining = Atomic(count)
    }

    /// Counts one less.
    ///
    /// - Returns: whether it was the last.
    func isLast() -> Bool {
        remaining.subtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }
}
