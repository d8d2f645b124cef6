// How jobs begin: claimed when there is room for one, then planned. It must not decide which job
// that is, nor what its files are.

import Jobs
import Logging

extension JobQueue {
    func claimJob(for room: ClaimRoom) async {
        guard await hasRoomForJob() else {
            dispatcher.admitNone()
            return dispatcher.jobsMayWait()
        }
        let now = wallClock.now
        releasedUnseen.removeAll()
        let claimed = await store.insist(on: "claim a job") { store in
            try await store.claimJob(for: room, at: now)
        }
        guard let job = claimed.flatMap({ $0 }) else { return dispatcher.admitNone() }
        logger.info("job started", metadata: ["job": "\(job.id)", "user": "\(job.createdBy)"])
        outbox.wake()
        guard await takeUp(job) else {
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
        dropReins(of: job.id)
    }

    private func catalogueFailed(_ id: JobID, because reason: String) {
        dispatcher.catalogueFailed(id, because: reason)
    }

    private func planGrew(_ id: JobID) {
        dispatcher.planGrew(id, at: clock.now)
        bell.ring()
    }

    /// Ends a job that cannot be planned; an earlier process may have kept a part of its plan.
    private func refuse(_ job: Job, _ message: String, in lane: Reins) async {
        if lane.stop.isGiven { return dispatcher.planBroke(job.id) }
        _ = await store.insist(on: "end a job's files") { store in
            try await store.endRemainingFiles(
                of: job.id, as: .failed, because: FileFailure(code: "not_planned", detail: message))
        }
        await finish(job, as: .failed, errorMessage: message, in: lane)
    }
}
