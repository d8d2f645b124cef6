// What stops and pauses the queue from outside: users' commands, the data root and the upstream.

import Concurrency
import Datasets
package import Jobs
import Logging

// MARK: - Commands

extension JobQueue: JobRunnerControl {
    package func waitUntilStopped(_ id: JobID) async {
        guard let request = runs.requestStop(of: id) else {
            // A claim may be about to return the job; then `start(_:)` checks it again.
            if scheduler.isClaimingJob || !hasRecovered { runs.pendingStops.insert(id) }
            return
        }
        inbox.changed.signal()
        await request.done.wait()
    }

    package nonisolated func notificationsQueued() {
        outbox.wake()
    }

    package func controlsChanged(_ control: JobControl, of id: JobID) {
        scheduler.update(control, of: id)
    }

    func perform(_ request: StopRequest) async {
        defer { request.done.fire() }
        let id = request.job
        let found = await store.retrying("look at a job") { try await $0.job(id) }
        // The request was made before this read: if the job is not running now, its run is over,
        // even if the job runs again a moment later.
        guard let job = found.flatMap({ $0 }), job.state != .running else { return }
        stop(id, request.run)
        await request.run.ended.wait()
        worker.downloader.forget(filesOf: job)
    }

    func stop(_ id: JobID, _ run: JobRun) {
        guard runs[id] === run else { return }
        logger.info("job stopped", metadata: ["job": "\(id)"])
        run.stop.fire()
        scheduler.stop(id)
        endRun(of: id)
        inbox.changed.signal()
    }

    package func waitReason(of id: JobID) -> WaitReason? { waitReasons.reason(of: id) }

    package func waitReasons(of ids: [JobID]) -> [JobID: WaitReason] {
        waitReasons.reasons(of: ids)
    }

    package func obstacles() -> [WaitReason] { waitReasons.obstacles }

    private var waitReasons: WaitReasons {
        WaitReasons(
            scheduler: scheduler, storageProblem: storage.problem,
            upstreamPauseReason: upstreamPauseReason, now: clock.now, wallNow: wallClock.now)
    }
}

// MARK: - The data root

extension JobQueue {
    /// Checks the data root until the queue stops.
    func watchStorage() async {
        while !stopping.isFired {
            if storage.problem != nil || !scheduler.jobs.isEmpty { await checkStorage() }
            // A removed database is noticed even while nothing is written: the probe reports it.
            try? await store.store.probe()
            await stopping.pause(for: StorageMonitor.interval, sleep: clock.sleep)
        }
    }

    /// Whether a job can start. Always checks: a disk may have been unmounted since the last file
    /// ended, and files would be written to the empty folder in its place.
    func canStartJob() async -> Bool {
        if storage.problem == nil { await checkStorage() }
        return storage.problem == nil
    }

    /// Whether more files of a job can be claimed.
    func hasFreeSpace() async -> Bool {
        if storage.problem == nil, !storage.isRecent { await checkStorage() }
        return storage.problem == nil
    }

    package func confirmDataRoot(by principal: Principal) async throws -> StorageReading? {
        await checkStorage()
        guard try await storage.confirm(by: principal, at: wallClock.now) else { return nil }
        await checkStorage()
        return try await storage.reading()
    }

    /// Postpones a job whose folder could not take a file.
    func postpone(_ id: JobID, because shortage: FileFailure) async {
        scheduler.postpone(
            id, because: StorageProblem(puttingOff: shortage),
            until: clock.now + Worker.storageRetryDelay)
        logger.warning(
            "a file is put off", metadata: ["job": "\(id)", "reason": "\(shortage.detail)"])
        // The cause may be the data root, not only the job's folder: then all jobs wait.
        _ = await hasFreeSpace()
    }

    private func checkStorage() async {
        guard let finding = await storage.check(),
            let change = storage.evaluate(finding, transfers: scheduler.transfers)
        else { return }
        await perform(change)
    }

    private func perform(_ change: StorageMonitor.Change) async {
        switch change {
        case .paused(let problem):
            scheduler.pause()
            await storage.announce(change)
            let (jobs, now) = (scheduler.activeJobs.map(\.job.id), wallClock.now)
            guard !jobs.isEmpty else { return }
            _ = await store.retrying("note that jobs are held up") { store in
                try await store.note(
                    .parked, about: .jobs(jobs), by: .service, detail: "\(problem.summary).",
                    setting: [:], at: now)
            }
        case .resumed:
            scheduler.resume()
            inbox.changed.signal()
            await storage.announce(change)
        case .replaced, .firstSuccess:
            await storage.announce(change)
        }
    }
}

// MARK: - The upstream

extension JobQueue {
    /// Sends no request to the upstream until the pause ends, alerts the team, and stores the pause
    /// for the next process.
    func pauseUpstream(_ pause: UpstreamPause) async {
        let wasPaused = scheduler.upstreamPausedUntil != nil
        guard scheduler.pauseUpstream(until: pause.until) else { return }
        let reason = pause.reason ?? ""
        upstreamPauseReason = reason
        if upstreamPausedSince == nil { upstreamPausedSince = clock.now }
        logger.log(
            level: wasPaused ? .debug : .warning, "the upstream pauses",
            metadata: ["until": "\(pause.until)", "reason": "\(reason)"])
        let end = wallMoment(of: pause.until).iso8601.prefix(16)
        // Alert first: after a crash in between, the next refusal raises it no second time.
        await outbox.raise(
            ServiceAlert(.upstreamPaused, "\(reason) Downloads go on by themselves at \(end) UTC."))
        // One event per job is enough, however many refused transfers move the end a little.
        let (jobs, now) = (wasPaused ? [] : scheduler.activeJobs.map(\.job.id), wallClock.now)
        _ = await store.retrying("store the upstream's pause") { store in
            try await store.note(
                .parked, about: .jobs(jobs), by: .service, detail: "Until \(end) UTC. \(reason)",
                setting: pause.values, at: now)
        }
    }

    package func endUpstreamPause(by principal: Principal) async throws -> UpstreamPause? {
        guard let moment = scheduler.upstreamPausedUntil, moment > clock.now else { return nil }
        let pause = UpstreamPause(until: wallMoment(of: moment), reason: upstreamPauseReason)
        try await store.store.endUpstreamPause(
            by: principal,
            detail: "Until \(pause.until.iso8601.prefix(16)) UTC. \(pause.reason ?? "")",
            at: wallClock.now)
        scheduler.endUpstreamPause(at: clock.now)
        (upstreamPauseReason, upstreamPausedSince) = (nil, nil)
        logger.notice(
            "requests to the upstream resume", metadata: ["by": "\(principal.name)"])
        inbox.changed.signal()
        // If the upstream refuses again, the team is alerted again.
        await outbox.settle(.upstreamPaused)
        return pause
    }

    /// Settles the alert after a response that is no refusal of all requests.
    func settleUpstreamPause(after result: AttemptResult) async {
        guard scheduler.upstreamPausedUntil == nil else { return }
        switch result {
        case .published, .unavailable, .failed:
            let since = upstreamPausedSince
            upstreamPausedSince = nil
            await outbox.settle(.upstreamPaused, after: since.map { clock.now - $0 })
        case .retry, .released: return
        }
    }

    /// What the wall clock will show at a moment of the steady clock.
    private func wallMoment(of moment: Timestamp) -> Timestamp {
        wallClock.now + (moment - clock.now)
    }
}
