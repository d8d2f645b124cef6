// Where ended attempts wait for the writer: those that come while it is busy become one write. It
// must not know what is written about them.

import Jobs
import Synchronization

/// Gathers attempts that have ended into groups.
final class RecordingDesk: Sendable {
    /// An attempt and whoever waits until it has been recorded.
    struct Slip: Sendable {
        let attempt: AttemptRecord
        let continuation: CheckedContinuation<Void, any Error>
    }

    /// The slips of one write, taken when the writer comes to it and then kept: it may have to
    /// write twice.
    final class Group: Sendable {
        private let desk: RecordingDesk
        private let taken = Mutex<[Slip]?>(nil)

        fileprivate init(_ desk: RecordingDesk) {
            self.desk = desk
        }

        /// Whatever lies on the desk when this is first asked for.
        var slips: [Slip] {
            taken.withLock { taken in
                if let taken { return taken }
                let slips = desk.takeAll()
                taken = slips
                return slips
            }
        }
    }

    private let waiting = Mutex<[Slip]>([])

    /// Puts a slip on the desk.
    ///
    /// - Returns: the group that it belongs to where it is the first, for the caller to see to.
    func add(_ slip: Slip) -> Group? {
        let isFirst = waiting.withLock { waiting in
            waiting.append(slip)
            return waiting.count == 1
        }
        return isFirst ? Group(self) : nil
    }

    private func takeAll() -> [Slip] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
