// A job runner that runs nothing and records its calls.

import Jobs
import Synchronization

/// Runs nothing, and returns what it is given.
final class FixedJobRunner: JobRunnerControl {
    private struct State {
        var calls: [String] = []
        var waitReason: WaitReason?
        var obstacles: [WaitReason] = []
        var pause: UpstreamPause?
        var storage: Result<StorageReading?, StorageRefusal> = .success(nil)
        var fails = false
        var neverStops = false
    }

    private let state = Mutex(State())

    /// `wake`, `stop 1` …, in their order.
    var calls: [String] { state.withLock(\.calls) }

    /// Why jobs wait from now on.
    func set(_ waitReason: WaitReason?) { state.withLock { $0.waitReason = waitReason } }

    /// Why all jobs wait from now on.
    func set(obstacles: [WaitReason]) { state.withLock { $0.obstacles = obstacles } }

    /// The upstream pause from now on.
    func set(_ pause: UpstreamPause) { state.withLock { $0.pause = pause } }

    /// The result of confirming the data root from now on.
    func set(_ storage: Result<StorageReading?, StorageRefusal>) {
        state.withLock { $0.storage = storage }
    }

    /// Calls that reach the store fail from now on.
    func fail() { state.withLock { $0.fails = true } }

    /// Jobs never stop from now on.
    func hang() { state.withLock { $0.neverStops = true } }

    func wake() { state.withLock { $0.calls.append("wake") } }

    func notificationsQueued() { state.withLock { $0.calls.append("notify") } }

    func waitUntilStopped(_ id: JobID) async {
        let hangs = state.withLock { state in
            state.calls.append("stop \(id)")
            return state.neverStops
        }
        if hangs { await untilCancelled() }
    }

    func controlsChanged(_ control: JobControl, of id: JobID) async {
        state.withLock { $0.calls.append("controls \(id) \(control.priority.rawValue)") }
    }

    func waitReason(of id: JobID) async -> WaitReason? { state.withLock(\.waitReason) }

    func waitReasons(of ids: [JobID]) async -> [JobID: WaitReason] {
        guard let waitReason = state.withLock(\.waitReason) else { return [:] }
        return Dictionary(ids.map { ($0, waitReason) }) { first, _ in first }
    }

    func obstacles() async -> [WaitReason] { state.withLock(\.obstacles) }

    func endUpstreamPause(by principal: Principal) async throws -> UpstreamPause? {
        try state.withLock { state in
            if state.fails { throw JobError.storeFailed("broken") }
            defer { state.pause = nil }
            return state.pause
        }
    }

    func confirmDataRoot(by principal: Principal) async throws -> StorageReading? {
        try state.withLock { state in
            if state.fails { throw JobError.storeFailed("broken") }
            return try state.storage.get()
        }
    }
}
