// Takes up what the last process left. It must not decide who is to blame for a crash.

import Datasets
import Jobs
import Logging

extension JobQueue {
    /// Puts files back, counts crashes, and goes on with the jobs that were running.
    func recover() async {
        if let rest = await park.recall(), rest.until > clock.now {
            _ = dispatcher.park(until: rest.until)
            (restReason, pausedSince) = (rest.reason, clock.now)
            logger.warning("the upstream still rests", metadata: ["until": "\(rest.until)"])
        }
        let end = await record.lastEnd(crashLimit)
        let now = wallClock.now
        let found = await store.retrying("recover jobs") { store in
            try await store.recover(after: end, at: now)
        }
        guard let found else { return }
        await record.begin()
        for job in found.jobs {
            if job.control.crashes > 0 {
                logger.warning(
                    "the service died while a job was at work",
                    metadata: ["job": "\(job.id)", "crashes_in_a_row": "\(job.control.crashes)"])
            }
            if found.poisoned.contains(job.id) {
                await giveUp(job)
            } else if await attach(job) {
                logger.notice("a job goes on after a restart", metadata: ["job": "\(job.id)"])
            }
        }
        hasRecovered = true
    }

    private func giveUp(_ job: Job) async {
        let failure = PoisonJobPolicy.failure(after: job.control.crashes)
        _ = await store.retrying("end a job's files") { store in
            try await store.endRemainingFiles(of: job.id, as: .failed, because: failure)
        }
        await finish(
            job, as: .failed, errorMessage: PoisonJobPolicy.message(for: job), in: JobRun())
    }
}
