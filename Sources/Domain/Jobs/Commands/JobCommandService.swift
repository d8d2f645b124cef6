// Executes commands on jobs one at a time per job, so that one run never overlaps the next.

import Concurrency
import Datasets

/// Does what people want done to jobs; to one job one thing at a time.
package actor JobCommandService {
    /// An answer waits so long for a stopped job's transfers to end. They do within milliseconds,
    /// and have to within a second.
    private static let stopPatience = Duration.seconds(1)
    /// A job begins anew only when nothing of its last run is under way; whoever asks for that
    /// sooner waits so long.
    private static let releasePatience = Duration.seconds(10)

    private let store: any JobStore
    private let conductor: any JobRunnerControl
    private let clock: any Timekeeping
    /// Jobs that something is being done to, each with those who wait for their turn.
    private var turns: [JobID: [CheckedContinuation<Void, Never>]] = [:]

    package init(
        store: any JobStore, conductor: any JobRunnerControl, clock: any Timekeeping
    ) {
        self.store = store
        self.conductor = conductor
        self.clock = clock
    }

    /// Does something to a job, on behalf of somebody who may.
    ///
    /// - Parameter limits: what the job's owner may have.
    /// - Throws: ``JobError/notFound(_:)``, and what else the store throws.
    package func perform(
        _ action: JobAction, on id: JobID, by principal: Principal,
        within limits: UserQuota = .none
    ) async throws -> JobActionResult {
        await enter(id)
        defer { leave(id) }
        switch action {
        case .retry, .retryGaps, .resume:
            guard await isReleased(id, within: JobCommandService.releasePatience) else {
                guard let job = try await store.job(id) else { throw JobError.notFound(id) }
                return JobActionResult(
                    .refuse("Job \(id) is still being stopped. Please try again in a moment."), job)
            }
        case .cancel, .pause, .change: break
        }
        let result = try await store.act(
            action, on: id, by: principal, within: limits, at: clock.now)
        guard result.verdict == .act else { return result }
        if action == .cancel { conductor.tell() }
        switch action {
        case .cancel, .pause: _ = await isReleased(id, within: JobCommandService.stopPatience)
        case .change: await conductor.note(result.job.control, of: id)
        case .retry, .retryGaps, .resume: break
        }
        // There is a job to run, or a place to run one.
        conductor.wake()
        return result
    }

    private func isReleased(_ id: JobID, within limit: Duration) async -> Bool {
        let released: Void? = await withTimeout(limit, sleep: clock.sleep) { [conductor] in
            await conductor.release(id)
        }
        return released != nil
    }

    // MARK: Turns

    private func enter(_ id: JobID) async {
        guard turns[id] != nil else {
            turns[id] = []
            return
        }
        await withCheckedContinuation { turns[id, default: []].append($0) }
    }

    private func leave(_ id: JobID) {
        if turns[id]?.isEmpty == false {
            turns[id]?.removeFirst().resume()
        } else {
            turns[id] = nil
        }
    }
}
