// How jobs are stopped one by one, whatever is under way of them, and why others do not get on.
//
// A run of a job is over as soon as the store says so; what is still under way of it then records
// nothing. A job is made `pending` again only after that has ended, and its next run begins after
// that too, so no doing of one run is ever taken for one of another.

import Concurrency
import Datasets
package import Jobs
import Logging

extension JobQueue: JobRunnerControl {
    package func waitUntilStopped(_ id: JobID) async {
        guard let lane = reins[id] else {
            // It may have been claimed this very moment: whoever takes it up looks again.
            if dispatcher.isClaimingJob || !hasRecovered { pendingStops.insert(id) }
            return
        }
        let release = StopRequest(job: id, lane: lane)
        releases.append(release)
        bell.signal()
        await release.done.wait()
    }

    package nonisolated func notificationsQueued() {
        outbox.wake()
    }

    package func controlsChanged(_ control: JobControl, of id: JobID) {
        dispatcher.note(control, of: id)
    }

    // MARK: Releases

    func takeReleases() -> [StopRequest] {
        defer { releases = [] }
        return releases
    }

    func perform(_ release: StopRequest) async {
        defer { release.done.fire() }
        let id = release.job
        let found = await store.retrying("look at a job") { try await $0.job(id) }
        // Looked at after its reins were taken: if it is not running now, they are of a run that is
        // over, even if it runs again a moment later.
        guard let job = found.flatMap({ $0 }), job.state != .running else { return }
        cut(id, release.lane)
        await release.lane.ended.wait()
        worker.downloader.forget(filesOf: job)
    }

    // MARK: JobRun

    /// Gives a job that the store has as running its lane.
    ///
    /// - Returns: `false` where it is not running any more by now.
    func attach(_ job: Job) async -> Bool {
        if let former = reins[job.id] {
            // That run is over: a job that runs is not claimed.
            cut(job.id, former)
            await former.ended.wait()
        }
        var job = job
        while pendingStops.remove(job.id) != nil {
            let id = job.id
            let found = await store.retrying("look at a job") { try await $0.job(id) }
            guard let present = found.flatMap({ $0 }), present.state == .running else {
                return false
            }
            job = present
        }
        reins[job.id] = JobRun()
        dispatcher.admit(job, at: clock.now)
        return true
    }

    /// The reins of a job that something is being done for.
    func lane(of id: JobID) -> JobRun {
        guard let lane = reins[id] else { preconditionFailure("an action belongs to a lane") }
        return lane
    }

    /// Lets go of a job's reins where its lane is gone.
    func endRun(of id: JobID) {
        guard !dispatcher.hasLane(id) else { return }
        reins.removeValue(forKey: id)?.ended.fire()
    }

    /// Lets go of all: nothing is under way any more.
    func endRun() {
        for release in takeReleases() { release.done.fire() }
        for lane in reins.values { lane.ended.fire() }
        reins = [:]
    }

    private func cut(_ id: JobID, _ lane: JobRun) {
        guard reins[id] === lane else { return }
        logger.info("job stopped", metadata: ["job": "\(id)"])
        lane.stop.fire()
        dispatcher.cut(id)
        endRun(of: id)
        bell.signal()
    }
}
