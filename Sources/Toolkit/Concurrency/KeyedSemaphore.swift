// A counting semaphore per key, first in, first out.

import Synchronization

/// Admits a limited number of tasks per key, first in, first out; tasks that may exceed the limit
/// go ahead of the others. Waiting ends when the task is cancelled.
package final class KeyedSemaphore<Key: Hashable & Sendable, Failure: Sendable>: Sendable {
    /// How waiting ended.
    package enum Acquisition: Sendable {
        /// To be followed by ``KeyedSemaphore/release(_:)``.
        case acquired
        /// The task was cancelled.
        case cancelled
        /// Waiting was ended, for this reason.
        case failed(Failure)
    }

    private struct Waiter {
        let id: UInt64
        /// By how many holders the limit may be exceeded with this task; 0 for most.
        let overflow: Int
        let continuation: CheckedContinuation<Acquisition, Never>
    }

    /// One key while at least one task holds it.
    private struct WaitQueue {
        var holders = 0
        /// In the order of arrival.
        var waiting: [Waiter] = []
    }

    private struct State {
        var limit: Int
        var queues: [Key: WaitQueue] = [:]
        var cancelled: Set<UInt64> = []
        var lastID: UInt64 = 0
    }

    private let state: Mutex<State>

    /// - Parameter limit: tasks that may hold one key at once, at least one.
    package init(limit: Int) {
        precondition(limit > 0, "a limit of zero admits no task")
        state = Mutex(State(limit: limit))
    }

    /// Tasks that wait for a key; for tests.
    package func waitingCount(for key: Key) -> Int {
        state.withLock { $0.queues[key]?.waiting.count ?? 0 }
    }

    /// Waits until the task may hold a key.
    ///
    /// - Parameter overflow: by how many holders the limit may be exceeded with this task, which
    ///   then goes ahead of all tasks with 0.
    package func acquire(_ key: Key, overflow: Int = 0) async -> Acquisition {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result: Acquisition? = state.withLock { state in
                    if state.cancelled.contains(id) { return .cancelled }
                    var queue = state.queues[key, default: WaitQueue()]
                    defer { state.queues[key] = queue }
                    // A free holder means that no task waits that this one would overtake.
                    if queue.holders < state.limit + overflow {
                        queue.holders += 1
                        return .acquired
                    }
                    let first = overflow > 0 ? queue.waiting.firstIndex { $0.overflow == 0 } : nil
                    queue.waiting.insert(
                        Waiter(id: id, overflow: overflow, continuation: continuation),
                        at: first ?? queue.waiting.endIndex)
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            cancel(id, for: key)
        }
    }

    /// Gives a key back, and admits the next task.
    package func release(_ key: Key) {
        let next = state.withLock { state in
            state.queues[key]?.holders -= 1
            return Self.admit(to: key, in: &state)
        }
        for waiter in next { waiter.continuation.resume(returning: .acquired) }
    }

    /// Changes how many tasks may hold one key. Tasks that hold it keep it, even if they are too
    /// many now.
    package func setLimit(_ limit: Int) {
        precondition(limit > 0, "a limit of zero admits no task")
        let next = state.withLock { state in
            guard limit != state.limit else { return [Waiter]() }
            state.limit = limit
            return Array(state.queues.keys).flatMap { Self.admit(to: $0, in: &state) }
        }
        for waiter in next { waiter.continuation.resume(returning: .acquired) }
    }

    /// Ends the wait of every task that waits for the key now.
    package func failWaiters(of key: Key, with failure: Failure) {
        let waiting = state.withLock { state in
            defer { state.queues[key]?.waiting = [] }
            return state.queues[key]?.waiting ?? []
        }
        for waiter in waiting { waiter.continuation.resume(returning: .failed(failure)) }
    }

    /// Admits as many tasks as the limit allows.
    private static func admit(to key: Key, in state: inout State) -> [Waiter] {
        guard var queue = state.queues[key] else { return [] }
        var next: [Waiter] = []
        while let first = queue.waiting.first, queue.holders < state.limit + first.overflow {
            next.append(queue.waiting.removeFirst())
            queue.holders += 1
        }
        state.queues[key] = queue.holders == 0 ? nil : queue
        return next
    }

    private func cancel(_ id: UInt64, for key: Key) {
        let waiter = state.withLock { state -> Waiter? in
            let waiting = state.queues[key]?.waiting
            guard let index = waiting?.firstIndex(where: { $0.id == id }) else {
                // The task does not wait yet, or no longer.
                state.cancelled.insert(id)
                return nil
            }
            return state.queues[key]?.waiting.remove(at: index)
        }
        waiter?.continuation.resume(returning: .cancelled)
    }
}
