// Executes commands on jobs one at a time per job, so that one run never overlaps the next.

import Concurrency
import Datasets

/// Executes commands on jobs, one at a time per job.
package actor JobCommandService {
    /// How long a response waits for the transfers of a stopped job to end, which they do within
    /// milliseconds.
    private static let stopTimeout = Duration.seconds(1)
    /// How long a command that starts a job again waits for the end of its last run.
    private static let restartTimeout = Duration.seconds(10)

    private let store: any JobStore
    private let runner: any JobRunnerControl
    private let clock: any Timekeeping
    /// Jobs with a command under way, each with the commands that wait.
    private var turns: [JobID: [CheckedContinuation<Void, Never>]] = [:]

    package init(store: any JobStore, runner: any JobRunnerControl, clock: any Timekeeping) {
        self.store = store
        self.runner = runner
        self.clock = clock
    }

    /// Executes a command on a job; the caller has checked that the principal may.
    ///
    /// - Parameter limits: the quota of the job's owner.
    /// - Throws: ``JobError/notFound(_:)``, and what else the store throws.
    package func execute(
        _ action: JobAction, on id: JobID, by principal: Principal,
        within limits: UserQuota = .none
    ) async throws -> JobActionResult {
        await enter(id)
        defer { leave(id) }
        switch action {
        case .retry, .retryGaps, .resume:
            guard await isStopped(id, within: JobCommandService.restartTimeout) else {
                guard let job = try await store.job(id) else { throw JobError.notFound(id) }
                return JobActionResult(
                    .refuse("Job \(id) is still being stopped. Please try again in a moment."), job)
            }
        case .cancel, .pause, .change: break
        }
        let result = try await store.execute(
            action, on: id, by: principal, within: limits, at: clock.now)
        guard result.eligibility == .act else { return result }
        if action == .cancel { runner.notificationsQueued() }
        switch action {
        case .cancel, .pause: _ = await isStopped(id, within: JobCommandService.stopTimeout)
        case .change: await runner.controlsChanged(result.job.control, of: id)
        case .retry, .retryGaps, .resume: break
        }
        // There is a job to run, or a slot to run one.
        runner.wake()
        return result
    }

    private func isStopped(_ id: JobID, within limit: Duration) async -> Bool {
        let stopped: Void? = await withTimeout(limit, sleep: clock.sleep) { [runner] in
            await runner.waitUntilStopped(id)
        }
        return stopped != nil
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
