// A stand-in for whoever runs jobs: runs none, and remembers what it was told.

import Jobs
import Synchronization

/// Nothing is ever under way.
final class FixedJobRunner: JobRunnerControl {
    private struct State {
        var calls: [String] = []
        var waitReason: WaitReason?
        var obstacles: [WaitReason] = []
        var pause: UpstreamPause?
        var storage: Result<StorageReading?, StorageRefusal> = .success(nil)
        var fails = false
        var neverReleases = false
    }

    private let state = Mutex(State())

    /// `wake`, `release 1` …, in their order.
    var calls: [String] { state.withLock(\.calls) }

    /// What holds jobs up from now on.
    func set(_ waitReason: WaitReason?) { state.withLock { $0.waitReason = waitReason } }

    /// What holds every job up from now on.
    func set(obstacles: [WaitReason]) { state.withLock { $0.obstacles = obstacles } }

    /// The upstream pauses from now on.
    func set(_ pause: UpstreamPause) { state.withLock { $0.pause = pause } }

    /// What confirming the data root comes to from now on.
    func set(_ storage: Result<StorageReading?, StorageRefusal>) {
        state.withLock { $0.storage = storage }
    }

    /// The store refuses from now on.
    func fail() { state.withLock { $0.fails = true } }

    /// Lets what is under way go on for ever.
    func hang() { state.withLock { $0.neverReleases = true } }

    func wake() { state.withLock { $0.calls.append("wake") } }

    func notificationsQueued() { state.withLock { $0.calls.append("tell") } }

    func waitUntilStopped(_ id: JobID) async {
        let hangs = state.withLock { state in
            state.calls.append("release \(id)")
            return state.neverReleases
        }
        if hangs { await untilCancelled() }
    }

    func controlsChanged(_ control: JobControl, of id: JobID) async {
        state.withLock { $0.calls.append("note \(id) \(control.priority.rawValue)") }
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
