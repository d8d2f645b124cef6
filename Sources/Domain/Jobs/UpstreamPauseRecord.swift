// How it is remembered that the upstream asked everybody to stay away. It must not know why.

package import Datasets

/// The names of the facts that outlive a restart.
package enum UpstreamPauseRecord {
    /// The moment until which nobody is asked for anything, as ``Timestamp/iso8601``.
    package static let untilFact = "upstream_parked_until"
    /// Why, in words.
    package static let reasonFact = "upstream_parked_because"

    /// When running jobs go on, `nil` unless the upstream rests.
    package static func resumption(
        at now: Timestamp, in store: any KeyValueStore
    ) async throws -> Timestamp? {
        guard let text = try await store.fact(untilFact), let moment = Timestamp(text),
            moment > now
        else { return nil }
        return moment
    }

    /// When a job goes on, `nil` unless it is running and the upstream rests.
    package static func resumption(
        of job: Job, at now: Timestamp, in store: any KeyValueStore
    ) async throws -> Timestamp? {
        job.state == .running ? try await resumption(at: now, in: store) : nil
    }
}
