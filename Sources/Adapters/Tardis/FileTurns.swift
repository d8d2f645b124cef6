// One at a time per dataset: two jobs that want the same file must not write the same part file,
// nor fetch it twice. It must not know what is done in a turn.

import Datasets
import Synchronization

/// Turns, first come, first served.
final class FileTurns: Sendable {
    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        /// Files in work, each with those who wait for it.
        var waiters: [DatasetFile: [Waiter]] = [:]
        var cancelled: Set<UInt64> = []
        var lastID: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Runs the body when nobody else has the file.
    ///
    /// - Returns: `nil` when the task was cancelled while it waited.
    func alone<Result>(with file: DatasetFile, _ body: () async -> Result) async -> Result? {
        guard await enter(file) else { return nil }
        defer { leave(file) }
        return await body()
    }

    private func enter(_ target: DatasetFile) async -> Bool {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let entered: Bool? = state.withLock { state in
                    if state.cancelled.contains(id) { return false }
                    guard state.waiters[target] != nil else {
                        state.waiters[target] = []
                        return true
                    }
                    state.waiters[target, default: []].append(
                        Waiter(id: id, continuation: continuation))
                    return nil
                }
                if let entered { continuation.resume(returning: entered) }
            }
        } onCancel: {
            cancel(id, target)
        }
    }

    private func leave(_ target: DatasetFile) {
        let next: Waiter? = state.withLock { state in
            guard state.waiters[target]?.isEmpty == false else {
                state.waiters[target] = nil
                return nil
            }
            return state.waiters[target]?.removeFirst()
        }
        next?.continuation.resume(returning: true)
    }

    private func cancel(_ id: UInt64, _ target: DatasetFile) {
        let waiter: Waiter? = state.withLock { state in
            guard let index = state.waiters[target]?.firstIndex(where: { $0.id == id }) else {
                // It does not wait yet, or no longer.
                state.cancelled.insert(id)
                return nil
            }
            return state.waiters[target]?.remove(at: index)
        }
        waiter?.continuation.resume(returning: false)
    }
}
