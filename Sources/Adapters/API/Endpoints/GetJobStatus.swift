// GET /jobs/{job_id}/status, answered from memory between two changes of the job.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import Synchronization

/// Shows a job's status.
struct GetJobStatus: Endpoint {
    let presenter: WaitReasonPresenter
    let statuses: StatusCache

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/jobs/{job_id}/status"),
            identifier: "get_job_status", summary: "Show a job's status",
            details: "The few members of a job that a script polls for.",
            parameters: [JobReference.parameter],
            responses: [
                .json(.ok, "JobStatusResponse", "Where it stands."),
                .unknownJob, .invalid,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        let changes = statuses.changes
        let job = try await JobReference.job(of: context, in: presenter.store)
        let content = JSONCoding.encode(
            JobStatusResponse(
                jobID: job.id.rawValue, status: job.state.rawValue, createdBy: job.createdBy,
                createdAt: job.createdAt.iso8601, errorMessage: job.errorMessage,
                waiting: try await presenter.waiting(of: job, countingJobs: false)))
        statuses.keep(content, of: job.id, madeAfter: changes)
        return .json(.ok, content)
    }

    func immediateResponse(to context: RequestContext) throws -> Response? {
        guard let id = try JobReference.id(of: context) else { return nil }
        return statuses.content(of: id).map { .json(.ok, $0) }
    }
}

/// The statuses that were shown last, as they are sent: scripts poll a few jobs hundreds of times
/// between two changes, and most of such a request would be reading and encoding the job.
///
/// A change of a job removes its status before the change is acknowledged. What causes no
/// notification, such as another reason to wait or a change by another process, shows once the
/// status is older than ``lifetime`` and the store has noticed.
final class StatusCache: Sendable {
    /// How long a status is shown without asking the store.
    static let lifetime = Duration.seconds(1)
    /// Statuses held at most, some hundred bytes each: 1 MiB in all. A full cache is emptied.
    private static let countMax = 4096

    private struct State {
        var contents: [JobID: [UInt8]] = [:]
        /// Until when they may be shown; all of them were made ``lifetime`` before it, or later.
        var end = ContinuousClock.now
        var changes = 0
    }

    private let state = Mutex(State())

    /// The content that was kept for the job, `nil` where the job may have changed since.
    ///
    /// - Parameter now: `nil` for the present.
    func content(of id: JobID, at now: ContinuousClock.Instant? = nil) -> [UInt8]? {
        state.withLock { state in
            guard let content = state.contents[id] else { return nil }
            if now ?? .now < state.end { return content }
            state.contents.removeAll(keepingCapacity: true)
            return nil
        }
    }

    /// The number of notifications of changes so far. Read it before the job is read.
    var changes: Int { state.withLock { $0.changes } }

    /// Keeps a content, unless any job has changed meanwhile.
    ///
    /// - Parameter changes: how many there were before the job was read.
    func keep(
        _ content: [UInt8], of id: JobID, madeAfter changes: Int,
        at now: ContinuousClock.Instant = .now
    ) {
        state.withLock { state in
            guard state.changes == changes else { return }
            if state.contents.count >= StatusCache.countMax { state.contents.removeAll() }
            if state.contents.isEmpty { state.end = now + StatusCache.lifetime }
            state.contents[id] = content
        }
    }

    /// Removes the contents of changed jobs.
    func forget(_ jobs: Set<JobID>) {
        state.withLock { state in
            state.changes += 1
            if state.contents.isEmpty { return }
            for job in jobs { state.contents[job] = nil }
        }
    }
}
