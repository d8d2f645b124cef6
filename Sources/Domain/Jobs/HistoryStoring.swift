// The history as it is read, and what the queue adds to it. It must not know SQL.

package import Datasets

/// One page of the history.
package struct EventPage: Hashable, Sendable {
    package var events: [JobEvent]
    /// How many events there are, on all pages together.
    package var total: Int

    package init(events: [JobEvent], total: Int) {
        self.events = events
        self.total = total
    }
}

/// The history of jobs, and of the service.
///
/// The promises of ``JobStoring`` hold.
package protocol HistoryStoring: Sendable {
    /// What happened to a job, oldest first.
    func events(of id: JobID, limit: Int, offset: Int) async throws -> EventPage
    /// What happened to anything, newest first.
    func events(limit: Int, offset: Int) async throws -> EventPage
    /// What happened to a job last of this kind.
    func lastEvent(of id: JobID, _ kind: JobEvent.Kind) async throws -> JobEvent?
    /// How many pending jobs are claimed before this one, as things stand.
    func jobsAhead(of job: Job) async throws -> Int
    /// Adds the same event to the history of several jobs, the service being who did it, and
    /// remembers facts together with it.
    func note(
        _ kind: JobEvent.Kind, of jobs: [JobID], detail: String,
        remembering facts: [String: String],
        at now: Timestamp
    ) async throws
    /// Adds an event that belongs to no job, and remembers facts together with it; `nil` forgets
    /// one.
    func note(
        _ kind: JobEvent.Kind, by principal: Principal, detail: String,
        remembering facts: [String: String?], at now: Timestamp
    ) async throws
    /// Ends a pause of the upstream: forgets it, makes files due now that wait for its end, and
    /// adds `upstream_resumed` to the history.
    func endUpstreamPause(
        by principal: Principal, detail: String, at now: Timestamp
    ) async throws
}
