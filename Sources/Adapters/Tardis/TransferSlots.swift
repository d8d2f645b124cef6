// How many files are asked for at once. Proving, syncing and recording take no slot: while one file
// goes to the disk, the next one's request is on its way. It must not know what is transferred.

import Jobs
import Synchronization

/// A fixed number of slots, given out first come, first served.
final class TransferSlots: Sendable {
    /// What became of waiting for a slot.
    enum Entry: Sendable {
        case entered(TransferSlot)
        /// The task was cancelled.
        case cancelled
        /// Asking is pointless, for this reason.
        case turnedAway(DownloadOutcome)
    }

    private struct State {
        var free: Int
        /// In the order of their coming: identifiers only grow.
        var waiting: [(id: UInt64, continuation: CheckedContinuation<Entry, Never>)] = []
        var cancelled: Set<UInt64> = []
        var lastID: UInt64 = 0
    }

    private let state: Mutex<State>

    init(count: Int) {
        precondition(count > 0, "without a slot nothing is ever transferred")
        state = Mutex(State(free: count))
    }

    /// Who waits now; for tests.
    var waitingCount: Int { state.withLock(\.waiting.count) }

    /// Waits for a slot.
    func enter() async -> Entry {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let entry: Entry? = state.withLock { state in
                    if state.cancelled.contains(id) { return .cancelled }
                    if state.free > 0 {
                        state.free -= 1
                        return .entered(TransferSlot(of: self))
                    }
                    state.waiting.append((id, continuation))
                    return nil
                }
                if let entry { continuation.resume(returning: entry) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Tells everybody who waits now not to ask.
    func turnAway(with outcome: DownloadOutcome) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting { waiter.continuation.resume(returning: .turnedAway(outcome)) }
    }

    fileprivate func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Entry, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: .entered(TransferSlot(of: self)))
    }

    private func cancel(_ id: UInt64) {
        let continuation = state.withLock { state -> CheckedContinuation<Entry, Never>? in
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else {
                // It does not wait yet, or no longer.
                state.cancelled.insert(id)
                return nil
            }
            return state.waiting.remove(at: index).continuation
        }
        continuation?.resume(returning: .cancelled)
    }
}

/// The right to transfer one file.
final class TransferSlot: Sendable {
    private let slots: TransferSlots
    private let isLeft = Atomic(false)

    fileprivate init(of slots: TransferSlots) {
        self.slots = slots
    }

    deinit {
        leave()
    }

    /// Makes room for the next one; leaving twice is fine.
    func leave() {
        if !isLeft.exchange(true, ordering: .acquiringAndReleasing) { slots.giveBack() }
    }
}
