// Why jobs make no progress at this moment, for their owners and for the health report.

import Datasets
import Jobs

/// Derives the reasons from the state of the queue.
struct WaitReasons {
    let scheduler: Scheduler
    let storageProblem: StorageProblem?
    let upstreamPauseReason: String?
    /// By the clock that the scheduler's moments are measured by.
    let now: Timestamp
    let wallNow: Timestamp

    /// Why a job waits; `nil` where it does not.
    func reason(of id: JobID) -> WaitReason? {
        if let storageProblem { return .storage(storageProblem) }
        return scheduler.runningJob(id).flatMap(reason(of:))
    }

    func reasons(of ids: [JobID]) -> [JobID: WaitReason] {
        if let storageProblem {
            return Dictionary(ids.map { ($0, .storage(storageProblem)) }) { first, _ in first }
        }
        let wanted = Set(ids)
        let found = scheduler.jobs.compactMap { job in
            wanted.contains(job.job.id) ? reason(of: job).map { (job.job.id, $0) } : nil
        }
        return Dictionary(found) { first, _ in first }
    }

    /// What holds up all jobs, and why folders or catalogues of single jobs fail.
    var obstacles: [WaitReason] {
        let jobs = scheduler.activeJobs
        var obstacles: [WaitReason] = []
        if let storageProblem { obstacles.append(.storage(storageProblem)) }
        if let upstreamPause { obstacles.append(upstreamPause) }
        obstacles += jobs.compactMap(\.storageInTheWay).map(WaitReason.storage)
        let reason = jobs.lazy.compactMap(\.catalogueReason).first
        if let reason { obstacles.append(.awaitsCatalogue(reason: reason)) }
        return obstacles
    }

    private var upstreamPause: WaitReason? {
        guard let moment = scheduler.upstreamPausedUntil, moment > now else { return nil }
        return .upstreamPaused(until: wallMoment(of: moment), reason: upstreamPauseReason)
    }

    private func reason(of job: RunningJob) -> WaitReason? {
        switch job.phase {
        case .unplanned, .planning: return .awaitsCatalogue(reason: job.catalogueReason)
        case .ending: return nil
        case .running:
            if let upstreamPause, !job.readsDisk(at: now) { return upstreamPause }
            if let problem = job.storageInTheWay { return .storage(problem) }
            guard job.isQuiet, let due = job.due else { return nil }
            if due > now {
                return .backsOff(until: wallMoment(of: due), reason: job.retryReason)
            }
            return scheduler.filesInWork < scheduler.limits.filesInWorkMax ? nil : .awaitsTurn
        }
    }

    private func wallMoment(of moment: Timestamp) -> Timestamp { wallNow + (moment - now) }
}
