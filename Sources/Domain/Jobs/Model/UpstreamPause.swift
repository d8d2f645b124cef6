// A time in which the service sends no request to the upstream, and how it outlives a restart.

package import Datasets

/// A pause that the upstream asked for.
package struct UpstreamPause: Hashable, Sendable {
    /// The key under which the store keeps ``until``, as ``Timestamp/iso8601``.
    package static let untilKey = "upstream_parked_until"
    /// The key under which the store keeps ``reason``.
    package static let reasonKey = "upstream_parked_because"

    /// When it ends, or would have ended.
    package var until: Timestamp
    /// Why, in sentences, where that is known.
    package var reason: String?

    package init(until: Timestamp, reason: String? = nil) {
        self.until = until
        self.reason = reason
    }

    /// What the store keeps, by key.
    package var values: [String: String?] {
        [UpstreamPause.untilKey: until.iso8601, UpstreamPause.reasonKey: reason]
    }

    /// The pause that was stored last, which may be over.
    package static func load(from store: any KeyValueStore) async throws -> UpstreamPause? {
        guard let until = try await store.value(for: untilKey).flatMap({ Timestamp($0) }) else {
            return nil
        }
        return UpstreamPause(until: until, reason: try await store.value(for: reasonKey))
    }

    package static func clear(in store: any KeyValueStore) async throws {
        try await store.set(nil, for: untilKey)
        try await store.set(nil, for: reasonKey)
    }

    /// When running jobs go on; `nil` unless the upstream pauses.
    package static func resumption(
        at now: Timestamp, in store: any KeyValueStore
    ) async throws -> Timestamp? {
        guard let text = try await store.value(for: untilKey), let moment = Timestamp(text),
            moment > now
        else { return nil }
        return moment
    }

    /// When a job goes on; `nil` unless it is running and the upstream pauses.
    package static func resumption(
        of job: Job, at now: Timestamp, in store: any KeyValueStore
    ) async throws -> Timestamp? {
        job.state == .running ? try await resumption(at: now, in: store) : nil
    }
}
