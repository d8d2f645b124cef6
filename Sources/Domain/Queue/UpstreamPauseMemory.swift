// Remembers across restarts that the upstream asked everybody to stay away. It must not know what
// the quota is, or whose.

import Datasets
import Jobs
import Logging

/// The moment until which nobody is asked for anything, as facts in the store.
struct UpstreamPauseMemory: Sendable {
    let store: RetryingStore<any QueueStore>

    /// The moment of before the restart and why, `nil` where there is none.
    func recall() async -> (until: Timestamp, reason: String?)? {
        let facts = await store.retrying("recall the park") { store in
            (
                try await store.value(for: UpstreamPauseRecord.untilKey),
                try await store.value(for: UpstreamPauseRecord.reasonKey)
            )
        }
        guard let facts, let moment = facts.0.flatMap({ Timestamp($0) }) else { return nil }
        return (moment, facts.1)
    }

    /// Remembers the rest, and writes it into the history of the jobs that it holds up, if any.
    func remember(
        until moment: Timestamp, because reason: String, parking jobs: [JobID], detail: String,
        at now: Timestamp
    ) async {
        _ = await store.retrying("remember the park") { store in
            try await store.note(
                .parked, of: jobs, detail: detail,
                setting: [
                    UpstreamPauseRecord.untilKey: moment.iso8601,
                    UpstreamPauseRecord.reasonKey: reason,
                ], at: now)
        }
    }

    func forget() async {
        _ = await store.retrying("forget the park") { store in
            try await store.set(nil, for: UpstreamPauseRecord.untilKey)
            try await store.set(nil, for: UpstreamPauseRecord.reasonKey)
        }
    }
}
