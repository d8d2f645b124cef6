// How jobs are stopped one by one, whatever is under way of them, and why others do not get on.
//
// A run of a job is over as soon as the store says so; what is still under way of it then records
// nothing. A job is made `pending` again only after that has ended, and its next run begins after
// that too, so no doing of one run is ever taken for one of another.

import Datasets
package import Jobs
import Logging

extension JobQueue: JobConducting {
    package func release(_ id: JobID) async {
        guard let lane = reins[id] else {
            // It may have been claimed this very moment: whoever takes it up looks again.
            if dispatcher.isClaimingJob || !hasRecovered { releasedUnseen.insert(id) }
            return
        }
        let release = Release(job: id, lane: lane)
        releases.append(release)
        bell.ring()
        await release.done.wait()
    }

    package nonisolated func tell() {
        outbox.wake()
    }

    package func note(_ control: JobControl, of id: JobID) {
        dispatcher.note(control, of: id)
    }

    // MARK: Releases

    func takeReleases() -> [Release] {
        defer { releases = [] }
        return releases
    }

    func perform(_ release: Release) async {
        defer { release.done.give() }
        let id = release.job
        let found = await store.insist(on: "look at a job") { try await $0.job(id) }
        // Looked at after its reins were taken: if it is not running now, they are of a run that is
        // over, even if it runs again a moment later.
        guard let job = found.flatMap({ $0 }), job.state != .running else { return }
        cut(id, release.lane)
        await release.lane.ended.wait()
        worker.downloader.forget(filesOf: job)
    }

    // MARK: Reins

    /// Gives a job that the store has as running its lane.
    ///
    /// - Returns: `false` where it is not running any more by now.
    func takeUp(_ job: Job) async -> Bool {
        if let former = reins[job.id] {
            // That run is over: a job that runs is not claimed.
            cut(job.id, former)
            await former.ended.wait()
        }
        var job = job
        while releasedUnseen.remove(job.id) != nil {
            let id = job.id
            let found = await store.insist(on: "look at a job") { try await $0.job(id) }
            guard let present = found.flatMap({ $0 }), present.state == .running else {
                return false
            }
            job = present
        }
        reins[job.id] = Reins()
        dispatcher.admit(job, at: clock.now)
        return true
    }

    /// The reins of a job that something is being done for.
    func lane(of id: JobID) -> Reins {
        guard let lane = reins[id] else { preconditionFailure("an action belongs to a lane") }
        return lane
    }

    /// Lets go of a job's reins where its lane is gone.
    func dropReins(of id: JobID) {
        guard !dispatcher.hasLane(id) else { return }
        reins.removeValue(forKey: id)?.ended.give()
    }

    /// Lets go of all: nothing is under way any more.
    func dropReins() {
        for release in takeReleases() { release.done.give() }
        for lane in reins.values { lane.ended.give() }
        reins = [:]
    }

    private func cut(_ id: JobID, _ lane: Reins) {
        guard reins[id] === lane else { return }
        logger.info("job stopped", metadata: ["job": "\(id)"])
        lane.stop.give()
        dispatcher.cut(id)
        dropReins(of: id)
        bell.ring()
    }
}
