// A job as it was read, kept in memory. It must not know who asks for it.

import Synchronization

/// A job that a store answers from memory, and the answer that was made of it: scripts ask for the
/// same few jobs hundreds of times between two changes.
package final class RememberedJob: Sendable {
    package let job: Job
    private let kept = Mutex<[UInt8]?>(nil)

    package init(_ job: Job) {
        self.job = job
    }

    /// What the closure makes of the job, made once. There is one answer that is worth it: whoever
    /// asks must always make the same.
    package func answer(_ make: (Job) -> [UInt8]) -> [UInt8] {
        kept.withLock { kept in
            if let kept { return kept }
            let made = make(job)
            kept = made
            return made
        }
    }
}
