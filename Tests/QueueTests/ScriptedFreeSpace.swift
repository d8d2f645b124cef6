// A stand-in for the data root, whose free space and marker a test sets.

import Jobs
import Synchronization

/// A data root in memory.
final class ScriptedFreeSpace: FreeSpaceProviding {
    private struct State {
        var free: Int64?
        var inodes: InodeCount?
        var marker: String?
        var markers = 0
        var refusal: StorageRefusal?
    }

    let location = "/data sets"
    private let state: Mutex<State>

    init(_ free: Int64?) {
        state = Mutex(State(free: free))
    }

    var free: Int64? { state.withLock { $0.free } }

    /// `nil` is a folder that is not there.
    func set(_ bytes: Int64?) { state.withLock { $0.free = bytes } }

    func set(_ inodes: InodeCount) { state.withLock { $0.inodes = inodes } }

    func refuse(_ refusal: StorageRefusal?) { state.withLock { $0.refusal = refusal } }

    /// Mounts another file system there.
    func mount(marker: String?) { state.withLock { $0.marker = marker } }

    func look() async throws(StorageRefusal) -> StorageReading? {
        let found: Result<StorageReading?, StorageRefusal> = state.withLock { state in
            if let refusal = state.refusal { return .failure(refusal) }
            return .success(
                state.free.map {
                    StorageReading(freeBytes: $0, inodes: state.inodes, marker: state.marker)
                })
        }
        return try found.get()
    }

    func mark() async throws(StorageRefusal) -> String {
        state.withLock { state in
            if let marker = state.marker { return marker }
            state.markers += 1
            state.marker = "marker\(state.markers)"
            return "marker\(state.markers)"
        }
    }
}
