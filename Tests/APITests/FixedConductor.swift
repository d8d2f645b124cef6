// A stand-in for whoever runs jobs: runs none, and remembers what it was told.

import Jobs
import Synchronization

/// Nothing is ever under way.
final class FixedConductor: JobConducting {
    private struct State {
        var calls: [String] = []
        var hindrance: Hindrance?
        var neverReleases = false
    }

    private let state = Mutex(State())

    /// `wake`, `release 1` …, in their order.
    var calls: [String] { state.withLock(\.calls) }

    /// What holds jobs up from now on.
    func set(_ hindrance: Hindrance?) { state.withLock { $0.hindrance = hindrance } }

    /// Lets what is under way go on for ever.
    func hang() { state.withLock { $0.neverReleases = true } }

    func wake() { state.withLock { $0.calls.append("wake") } }

    func tell() { state.withLock { $0.calls.append("tell") } }

    func release(_ id: JobID) async {
        let hangs = state.withLock { state in
            state.calls.append("release \(id)")
            return state.neverReleases
        }
        if hangs { await untilCancelled() }
    }

    func note(_ control: JobControl, of id: JobID) async {
        state.withLock { $0.calls.append("note \(id) \(control.priority.rawValue)") }
    }

    func hindrance(of id: JobID) async -> Hindrance? { state.withLock(\.hindrance) }
}
