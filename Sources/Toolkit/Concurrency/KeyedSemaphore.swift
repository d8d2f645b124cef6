// A counting semaphore per key, first in, first out.

import Synchronization

/// Admits a limited number of tasks per key, first in, first out; tasks that may exceed the limit
/// go ahead of the others. Waiting ends when the task is cancelled.
package final class KeyedSemaphore<Key: Hashable & Sendable, Refusal: Sendable>: Sendable {
    /// How waiting ended.
    package enum Entry: Sendable {
        /// To be followed by ``KeyedSemaphore/leave(_:)``.
        case entered
        /// The task was cancelled.
        case cancelled
        /// Waiting is pointless, for this reason.
        case turnedAway(Refusal)
    }

    private struct Waiter {
        let id: UInt64
        /// By how many the key's room may be exceeded with this task in it; 0 for most.
        let beyond: Int
        let continuation: CheckedContinuation<Entry, Never>
    }

    /// One key while at least one task holds it.
    private struct WaitQueue {
        var holders = 0
        /// In the order of arrival.
        var waiting: [Waiter] = []
    }

    private struct State {
        var room: Int
        var queues: [Key: WaitQueue] = [:]
        var cancelled: Set<UInt64> = []
        var lastID: UInt64 = 0
    }

    private let state: Mutex<State>

    /// - Parameter room: tasks that may hold one key at once, at least one.
    package init(room: Int) {
        precondition(room > 0, "a semaphore without room admits no task")
        state = Mutex(State(room: room))
    }

    /// Tasks that wait for a key; for tests.
    package func waitingCount(at key: Key) -> Int {
        state.withLock { $0.queues[key]?.waiting.count ?? 0 }
    }

    /// Waits until there is room for a key.
    ///
    /// - Parameter beyond: by how many its room may be exceeded with this task, which then goes
    ///   ahead of all tasks with 0.
    package func enter(_ key: Key, beyond: Int = 0) async -> Entry {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let entry: Entry? = state.withLock { state in
                    if state.cancelled.contains(id) { return .cancelled }
                    var queue = state.queues[key, default: WaitQueue()]
                    defer { state.queues[key] = queue }
                    // Room for one more means that no task waits that this one would overtake.
                    if queue.holders < state.room + beyond {
                        queue.holders += 1
                        return .entered
                    }
                    let line = queue.waiting.firstIndex { $0.beyond == 0 }
                    queue.waiting.insert(
                        Waiter(id: id, beyond: beyond, continuation: continuation),
                        at: beyond > 0 ? line ?? queue.waiting.endIndex : queue.waiting.endIndex)
                    return nil
                }
                if let entry { continuation.resume(returning: entry) }
            }
        } onCancel: {
            cancel(id, at: key)
        }
    }

    /// Makes room for the next task.
    package func leave(_ key: Key) {
        let next = state.withLock { state in
            state.queues[key]?.holders -= 1
            return Self.admit(to: key, in: &state)
        }
        for waiter in next { waiter.continuation.resume(returning: .entered) }
    }

    /// Changes how many tasks may hold one key. Tasks that hold it keep it, even if they are too
    /// many now.
    package func setRoom(_ room: Int) {
        precondition(room > 0, "a semaphore without room admits no task")
        let next = state.withLock { state in
            guard room != state.room else { return [Waiter]() }
            state.room = room
            return Array(state.queues.keys).flatMap { Self.admit(to: $0, in: &state) }
        }
        for waiter in next { waiter.continuation.resume(returning: .entered) }
    }

    /// Ends the wait of every task that waits for the key now.
    package func failWaiters(from key: Key, because refusal: Refusal) {
        let waiting = state.withLock { state in
            defer { state.queues[key]?.waiting = [] }
            return state.queues[key]?.waiting ?? []
        }
        for waiter in waiting { waiter.continuation.resume(returning: .turnedAway(refusal)) }
    }

    /// Admits as many tasks as there is room for.
    private static func admit(to key: Key, in state: inout State) -> [Waiter] {
        guard var queue = state.queues[key] else { return [] }
        var next: [Waiter] = []
        while let first = queue.waiting.first, queue.holders < state.room + first.beyond {
            next.append(queue.waiting.removeFirst())
            queue.holders += 1
        }
        state.queues[key] = queue.holders == 0 ? nil : queue
        return next
    }

    private func cancel(_ id: UInt64, at key: Key) {
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
