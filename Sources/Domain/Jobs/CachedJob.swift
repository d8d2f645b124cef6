// A job as it was read, kept in memory. It must not know who asks for it.

import Synchronization

/// A job that a store answers from memory, and the answer that was made of it: scripts ask for the
/// same few jobs hundreds of times between two changes.
package final class CachedJob: Sendable {
    package let job: Job
    private let kept = Mutex<[UInt8]?>(nil)

    package init(_ job: Job) {
        self.job = job
    }

    /// The answer that was made of the job, `nil` where none was. There is one that is worth it:
    /// callers that keep one must always make the same.
    package var answer: [UInt8]? { kept.withLock { $0 } }

    /// Keeps an answer for as long as the job is kept.
    package func keep(_ answer: [UInt8]) { kept.withLock { $0 = answer } }
}
