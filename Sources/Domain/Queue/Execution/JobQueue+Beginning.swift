// How jobs begin: claimed when there is room for one, then planned. It must not decide which job
// that is, nor what its files are.

import Concurrency
import Jobs
import Logging

extension JobQueue {
    func claimJob(for room: ClaimSlot) async {
        guard await hasRoomForJob() else {
            dispatcher.admitNone()
            return dispatcher.jobsMayWait()
        }
        let now = wallClock.now
        pendingStops.removeAll()
        let claimed = await store.retrying("claim a job") { store in
            try await store.claimJob(for: room, at: now)
        }
        guard let job = claimed.flatMap({ $0 }) else { return dispatcher.admitNone() }
        logger.info("job started", metadata: ["job": "\(job.id)", "user": "\(job.createdBy)"])
        outbox.wake()
        guard await attach(job) else {
            dispatcher.admitNone()
            return dispatcher.jobsMayWait()
        }
    }

    func plan(_ job: Job) async {
        let lane = lane(of: job.id)
        await record.isolate(job)
        let outcome = await planner.plan(
            job, until: lane.stop,
            waits: { await self.catalogueFailed(job.id, because: $0) },
            keptSome: { await self.planGrew(job.id) })
        switch outcome {
        case .planned: dispatcher.planned(job.id, at: clock.now)
        case .refused(let message): await refuse(job, message, in: lane)
        case .interrupted: dispatcher.planBroke(job.id)
        }
        endRun(of: job.id)
    }

    private func catalogueFailed(_ id: JobID, because reason: String) {
        dispatcher.catalogueFailed(id, because: reason)
    }

    private func planGrew(_ id: JobID) {
        dispatcher.planGrew(id, at: clock.now)
        bell.signal()
    }

    /// Ends a job that cannot be planned; an earlier process may have kept a part of its plan.
    private func refuse(_ job: Job, _ message: String, in lane: JobRun) async {
        if lane.stop.isFired { return dispatcher.planBroke(job.id) }
        _ = await store.retrying("end a job's files") { store in
            try await store.endRemainingFiles(
                of: job.id, as: .failed, because: FileFailure(code: "not_planned", detail: message))
        }
        await finish(job, as: .failed, errorMessage: message, in: lane)
    }
}
