// What a process leaves in the store for the next one to know how it ended. It must not know what
// that is made of.

import Datasets
import Jobs

/// Facts about the life of the process.
///
/// The word to stop is remembered when it is given, not when everything has stopped: whatever the
/// process does after it, even to be killed for being slow, is no crash that a job may be blamed
/// for. It holds for one start: the next one forgets it once it has recovered the jobs.
struct CleanShutdownMarker: Sendable {
    /// The fact's name; its value is the id of the job that was let to work alone last.
    static let aloneFact = "works_alone"

    let store: RetryingStore<any QueueStore>

    /// How the last process ended.
    func lastEnd(_ limit: PoisonJobPolicy) async -> ProcessEnd {
        let facts = await store.retrying("recall how the service ended") { store in
            (
                try await store.value(for: ProcessEnd.cleanKey),
                try await store.value(for: CleanShutdownMarker.aloneFact)
            )
        }
        // Told to stop before it could even look: nobody is blamed without knowing.
        guard let (stop, alone) = facts, stop == nil else { return .clean }
        return .crash(limit, alone: alone.flatMap { Int64($0) }.map { JobID($0) })
    }

    /// From now on an end is a crash.
    func begin() async {
        await remember(nil, as: ProcessEnd.cleanKey)
    }

    /// Somebody asked for the end.
    func stop(at now: Timestamp) async {
        await remember(now.iso8601, as: ProcessEnd.cleanKey)
    }

    /// A job that is under sizeWarning works alone: the next crash is its own.
    func isolate(_ job: Job) async {
        guard job.isQuarantined else { return }
        await remember("\(job.id)", as: CleanShutdownMarker.aloneFact)
    }

    private func remember(_ value: String?, as fact: String) async {
        _ = await store.retrying("remember how the service runs") { store in
            try await store.set(value, for: fact)
        }
    }
}

extension Job {
    /// Whether it may be this job that crashes the service.
    var isQuarantined: Bool { control.crashes >= PoisonJobPolicy.isolationMin }
}
