// The clock that measures retries and pauses. It does not show the time of day.

import Datasets
import Jobs
import Synchronization

/// Follows the wall clock, but never goes back: if the wall clock is set back by an hour, a file
/// that is due in two seconds is still due in two seconds.
///
/// If the wall clock is set forward, files are due earlier, which costs one request each at most.
final class SteadyClock: Timekeeping {
    private struct State {
        var latest: Timestamp
        /// By how much the wall clock was set back since the start, at least.
        var lead = Duration.zero
    }

    private let wall: any Timekeeping
    private let state: Mutex<State>

    init(_ wall: any Timekeeping) {
        self.wall = wall
        state = Mutex(State(latest: wall.now))
    }

    var now: Timestamp {
        let present = wall.now
        return state.withLock { state in
            if present + state.lead < state.latest { state.lead = state.latest - present }
            state.latest = present + state.lead
            return state.latest
        }
    }

    func sleep(for duration: Duration) async throws {
        try await wall.sleep(for: duration)
    }
}
