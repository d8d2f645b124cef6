// The clock that retries and rests are measured by. It must not be shown to anybody: what it says
// is not the time of day.

import Datasets
import Jobs
import Synchronization

/// Like the wall clock, but for one thing: when that is set back, this one stands still at first
/// and then goes on from where it was. Otherwise a file that is due in two seconds would be due in
/// an hour and two seconds after the clock has been put right by an hour.
///
/// A wall clock that is set forward makes everything due earlier, which costs a request at most.
final class SteadyClock: Timekeeping {
    private struct State {
        var latest: Timestamp
        /// By how much the wall clock has been set back since the start, at least.
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
