// Tells a process how the last one ended: by request, or by a crash.

import Datasets
import Jobs

/// Values in the store about the life of the process.
///
/// The request to stop is stored when it arrives, not when the work has stopped: if the process is
/// killed after that for being slow, no job caused it. The value holds for one start: the next
/// process removes it once it has recovered the jobs.
struct CleanShutdownMarker: Sendable {
    /// The key of the id of the job that worked alone last.
    private static let isolatedJobKey = "works_alone"

    let store: RetryingStore<any QueueStore>

    /// How the last process ended.
    func lastEnd(_ limit: PoisonJobPolicy) async -> ProcessEnd {
        let values = await store.retrying("load how the service ended") { store in
            (
                try await store.value(for: ProcessEnd.cleanKey),
                try await store.value(for: CleanShutdownMarker.isolatedJobKey)
            )
        }
        // Without the values, which only a stopping store withholds, no job is blamed.
        guard let (stop, isolatedJob) = values, stop == nil else { return .clean }
        return .crash(limit, alone: isolatedJob.flatMap { Int64($0) }.map { JobID($0) })
    }

    /// From now on, an end without ``stop(at:)`` is a crash.
    func begin() async {
        await set(nil, for: ProcessEnd.cleanKey)
    }

    /// The process was asked to stop.
    func stop(at now: Timestamp) async {
        await set(now.iso8601, for: ProcessEnd.cleanKey)
    }

    /// Stores that a quarantined job works alone: the next crash counts for this job only.
    func isolate(_ job: Job) async {
        guard job.isQuarantined else { return }
        await set("\(job.id)", for: CleanShutdownMarker.isolatedJobKey)
    }

    private func set(_ value: String?, for key: String) async {
        _ = await store.retrying("store how the service runs") { store in
            try await store.set(value, for: key)
        }
    }
}

extension Job {
    /// Whether this job may be what crashes the service.
    var isQuarantined: Bool { control.crashes >= PoisonJobPolicy.isolationMin }
}
