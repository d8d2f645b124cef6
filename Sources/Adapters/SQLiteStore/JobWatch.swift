// Whoever wants to hear of changed jobs. It must not know why.

import Jobs
import Synchronization

/// Holds one listener.
final class JobWatch: Sendable {
    /// A closure alone in a `Mutex` gains a layer each time it is looked at, because reading it
    /// there converts it, and the lock writes back what was read: after ten thousand commits, a
    /// call went through ten thousand layers.
    private struct Listener {
        let hear: @Sendable (Set<JobID>) -> Void
    }

    private let listener = Mutex<Listener?>(nil)

    /// Sets the listener, in place of any other.
    func listen(_ hear: @escaping @Sendable (Set<JobID>) -> Void) {
        listener.withLock { $0 = Listener(hear: hear) }
    }

    /// Calls the listener, where there is one.
    func tell(_ jobs: Set<JobID>) {
        listener.withLock { $0 }?.hear(jobs)
    }
}
