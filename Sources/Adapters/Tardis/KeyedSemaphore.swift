// Who may go in, and who waits outside: the one waiting list of this room. It must not know what is
// done inside.

import Synchronization

/// Lets so many in per place, first come, first served, but for those who go ahead of all others.
/// Waiting ends when the task is cancelled.
final class KeyedSemaphore<Place: Hashable & Sendable, Refusal: Sendable>: Sendable {
    /// What became of waiting.
    enum Entry: Sendable {
        /// To be followed by ``KeyedSemaphore/leave(_:)``.
        case entered
        /// The task was cancelled.
        case cancelled
        /// Waiting is pointless, for this reason.
        case turnedAway(Refusal)
    }

    private struct Waiter {
        let id: UInt64
        /// How far the place may be beyond its room with this one in it; 0 for those in line.
        let beyond: Int
        let continuation: CheckedContinuation<Entry, Never>
    }

    /// One place while somebody is in it.
    private struct WaitQueue {
        var inside = 0
        /// In the order of their coming.
        var waiting: [Waiter] = []
    }

    private struct State {
        var room: Int
        var crowds: [Place: WaitQueue] = [:]
        var cancelled: Set<UInt64> = []
        var lastID: UInt64 = 0
    }

    private let state: Mutex<State>

    /// - Parameter room: how many may be in one place at once, at least one.
    init(room: Int) {
        precondition(room > 0, "nobody could ever go in")
        state = Mutex(State(room: room))
    }

    /// How many wait before a place; for tests.
    func waitingCount(at place: Place) -> Int {
        state.withLock { $0.crowds[place]?.waiting.count ?? 0 }
    }

    /// Waits until there is room in a place.
    ///
    /// - Parameter beyond: so many may be in it beyond its room with this one, who then goes ahead
    ///   of all who wait in line; 0 for them.
    func enter(_ place: Place, beyond: Int = 0) async -> Entry {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let entry: Entry? = state.withLock { state in
                    if state.cancelled.contains(id) { return .cancelled }
                    var crowd = state.crowds[place, default: WaitQueue()]
                    defer { state.crowds[place] = crowd }
                    // Room for one more means that nobody waits whom this one would pass by.
                    if crowd.inside < state.room + beyond {
                        crowd.inside += 1
                        return .entered
                    }
                    let line = crowd.waiting.firstIndex { $0.beyond == 0 }
                    crowd.waiting.insert(
                        Waiter(id: id, beyond: beyond, continuation: continuation),
                        at: beyond > 0 ? line ?? crowd.waiting.endIndex : crowd.waiting.endIndex)
                    return nil
                }
                if let entry { continuation.resume(returning: entry) }
            }
        } onCancel: {
            cancel(id, at: place)
        }
    }

    /// Makes room for the next one.
    func leave(_ place: Place) {
        let next = state.withLock { state in
            state.crowds[place]?.inside -= 1
            return Self.admit(to: place, in: &state)
        }
        for waiter in next { waiter.continuation.resume(returning: .entered) }
    }

    /// Changes how many may be in one place. Those inside stay, even where they are too many now.
    func setRoom(_ room: Int) {
        precondition(room > 0, "nobody could ever go in")
        let next = state.withLock { state in
            guard room != state.room else { return [Waiter]() }
            state.room = room
            return Array(state.crowds.keys).flatMap { Self.admit(to: $0, in: &state) }
        }
        for waiter in next { waiter.continuation.resume(returning: .entered) }
    }

    /// Tells everybody who waits now not to wait.
    func failWaiters(from place: Place, because refusal: Refusal) {
        let waiting = state.withLock { state in
            defer { state.crowds[place]?.waiting = [] }
            return state.crowds[place]?.waiting ?? []
        }
        for waiter in waiting { waiter.continuation.resume(returning: .turnedAway(refusal)) }
    }

    /// Takes in as many as there is room for.
    private static func admit(to place: Place, in state: inout State) -> [Waiter] {
        guard var crowd = state.crowds[place] else { return [] }
        var next: [Waiter] = []
        while let first = crowd.waiting.first, crowd.inside < state.room + first.beyond {
            next.append(crowd.waiting.removeFirst())
            crowd.inside += 1
        }
        state.crowds[place] = crowd.inside == 0 ? nil : crowd
        return next
    }

    private func cancel(_ id: UInt64, at place: Place) {
        let waiter = state.withLock { state -> Waiter? in
            let waiting = state.crowds[place]?.waiting
            guard let index = waiting?.firstIndex(where: { $0.id == id }) else {
                // It does not wait yet, or no longer.
                state.cancelled.insert(id)
                return nil
            }
            return state.crowds[place]?.waiting.remove(at: index)
        }
        waiter?.continuation.resume(returning: .cancelled)
    }
}
