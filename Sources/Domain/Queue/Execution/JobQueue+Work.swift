// The work of one job: it is claimed, planned, its files are fetched, and it ends.
//
// A run of a job is over as soon as the store no longer has the job as running; work still in
// progress then records nothing. A stopped job becomes `pending` again only after that work has
// ended, so results of one run are never recorded for the next.

import Concurrency
import Datasets
import Jobs
import Logging

extension JobQueue {
    /// Folders in which a file is looked for before it is fetched.
    private static let copiesMax = 3

    // MARK: Starting

    func claimJob(for slot: ClaimSlot) async {
        guard await canStartJob() else {
            scheduler.claimedNoJob()
            return scheduler.jobsMayWait()
        }
        let now = wallClock.now
        runs.pendingStops.removeAll()
        let claimed = await store.retrying("claim a job") { store in
            try await store.claimJob(for: slot, at: now)
        }
        guard let job = claimed.flatMap({ $0 }) else { return scheduler.claimedNoJob() }
        logger.info("job started", metadata: ["job": "\(job.id)", "user": "\(job.createdBy)"])
        outbox.wake()
        guard await start(job) else {
            scheduler.claimedNoJob()
            return scheduler.jobsMayWait()
        }
    }

    /// Begins a run of a job that the store has as running.
    ///
    /// - Returns: `false` where the job was stopped since.
    func start(_ job: Job) async -> Bool {
        if let former = runs[job.id] {
            // The store claims no running job, so that run is over.
            stop(job.id, former)
            await former.ended.wait()
        }
        var job = job
        while runs.pendingStops.remove(job.id) != nil {
            let id = job.id
            let found = await store.retrying("look at a job") { try await $0.job(id) }
            guard let present = found.flatMap({ $0 }), present.state == .running else {
                return false
            }
            job = present
        }
        runs.begin(job.id)
        scheduler.started(job, at: clock.now)
        return true
    }

    /// The run of a job that an action is performed for.
    private func run(of id: JobID) -> JobRun {
        guard let run = runs[id] else {
            preconditionFailure("a run lasts as long as the scheduler has actions for its job")
        }
        return run
    }

    /// Ends the run of a job that the scheduler has removed.
    func endRun(of id: JobID) {
        if scheduler.runningJob(id) == nil { runs.end(id) }
    }

    // MARK: Planning

    func plan(_ job: Job) async {
        let run = run(of: job.id)
        await marker.isolate(job)
        let outcome = await planner.plan(
            job, until: run.stop,
            catalogueFailed: { await self.catalogueFailed(job.id, because: $0) },
            planGrew: { await self.planGrew(job.id) })
        switch outcome {
        case .planned: scheduler.planned(job.id, at: clock.now)
        case .refused(let message): await refuse(job, message, in: run)
        case .interrupted: scheduler.planningStopped(job.id)
        }
        endRun(of: job.id)
    }

    private func catalogueFailed(_ id: JobID, because reason: String) {
        scheduler.catalogueFailed(id, because: reason)
    }

    private func planGrew(_ id: JobID) {
        scheduler.planGrew(id, at: clock.now)
        inbox.changed.signal()
    }

    /// Ends a job that cannot be planned; an earlier process may have saved a part of its plan.
    private func refuse(_ job: Job, _ message: String, in run: JobRun) async {
        if run.stop.isFired { return scheduler.planningStopped(job.id) }
        await failRemainingFiles(
            of: job.id, because: FileFailure(code: "not_planned", detail: message))
        await finish(job, as: .failed, errorMessage: message, in: run)
    }

    // MARK: Fetching

    /// Claims files and works on each of them in a child task.
    func fetchFiles(of job: Job, limit: Int) async {
        let run = run(of: job.id)
        defer { endRun(of: job.id) }
        guard await hasFreeSpace(), !run.stop.isFired else {
            scheduler.claimed(job.id, count: 0, nextDue: clock.now)
            return
        }
        await storage.recordDataRoot()
        await marker.isolate(job)
        let now = clock.now
        let records =
            await store.retrying("claim files") { store in
                try await store.claimFiles(of: job.id, limit: limit, at: now)
            } ?? []
        let due = records.count < limit ? await nextDue(of: job.id) : now
        let firstIsExpedited = scheduler.claimed(job.id, count: records.count, nextDue: due)
        inbox.changed.signal()
        await withDiscardingTaskGroup { group in
            for (index, record) in records.enumerated() {
                group.addTask {
                    await self.fetch(
                        record, of: job, in: run, isExpedited: firstIsExpedited && index == 0)
                }
            }
        }
    }

    private func nextDue(of id: JobID) async -> Timestamp? {
        let due = await store.retrying("look for due files") { store in
            try await store.nextDue(of: id)
        }
        return due.flatMap { $0 }
    }

    /// Makes one attempt at a file. If the job was stopped meanwhile, the store no longer has the
    /// file as running and records nothing.
    private func fetch(
        _ record: FileRecord, of job: Job, in run: JobRun, isExpedited: Bool
    ) async {
        // If the store refuses, the file is fetched, which only costs time.
        let copies = try? await store.store.copies(of: record.file, limit: JobQueue.copiesMax)
        let (id, day) = (job.id, record.file.day)
        let context = DownloadContext(
            expectedSHA256: record.expectedSHA256,
            acceptsRevision: job.integrity.acceptsRevision, copies: copies ?? [],
            refusal: scheduler.runningJob(id)?.upstreamRefusal,
            isUpstreamPaused: record.expectedSHA256 != nil && scheduler.upstreamPausedUntil != nil,
            isExpedited: isExpedited, formerFailure: record.failure)
        // The span is measured by the steady clock, since the wall clock may be set meanwhile.
        let (date, began) = (wallClock.now, clock.now)
        let isUnverified = scheduler.runningJob(id)?.isKeyVerified == false
        let inbox = inbox
        var attempt = await worker.attempt(
            record, to: job.outputPath, context: context, until: stopping,
            [storage.pausing, run.stop],
            admitted: { if isUnverified { inbox.transferBegan(id, day: day) } })
        let span = AttemptSpan(from: date, to: date + (clock.now - began))
        if let pause = attempt.pause { await pauseUpstream(pause) }
        if let shortage = attempt.shortage { await postpone(id, because: shortage) }
        // What was on the disk says nothing about the upstream.
        if !context.isUpstreamPaused { await settleUpstreamPause(after: attempt.result) }
        let result =
            attempt.awaitsUpstream
            ? .released(notBefore: scheduler.upstreamPausedUntil) : attempt.result
        _ = await store.retrying("record a file") { store in
            try await store.record(result, of: id, position: record.position, during: span)
        }
        if record.expectedSHA256 != nil, let fatal = attempt.fatalFailure.take() {
            scheduler.upstreamRefused(id, because: fatal)
        }
        scheduler.ended(id, day: day, result: result, fatal: attempt.fatalFailure, at: clock.now)
        endRun(of: id)
        inbox.changed.signal()
    }

    // MARK: Ending

    /// Ends a job with no file in flight, whose files have ended or fail without a request.
    func end(_ job: Job, because failure: FileFailure?) async {
        let run = run(of: job.id)
        await end(job, because: failure, in: run)
        endRun(of: job.id)
    }

    private func end(_ job: Job, because failure: FileFailure?, in run: JobRun) async {
        if run.stop.isFired { return scheduler.close(job.id) }
        if let failure { await failRemainingFiles(of: job.id, because: failure) }
        let counts = await store.retrying("count a job's files") { store in
            try await store.fileStateCounts(of: job.id)
        }
        guard let counts, !run.stop.isFired else { return scheduler.close(job.id) }
        if counts.open > 0 {
            let due = await nextDue(of: job.id)
            return scheduler.reopen(job.id, due: due ?? clock.now)
        }
        if counts.counts[.ok] != nil { await markSizeWarnings(of: job) }
        let result = JobResult(counts)
        await finish(job, as: result.state, errorMessage: result.errorMessage, in: run)
    }

    func failRemainingFiles(of id: JobID, because failure: FileFailure) async {
        _ = await store.retrying("end a job's files") { store in
            try await store.endRemainingFiles(of: id, as: .failed, because: failure)
        }
    }

    private func markSizeWarnings(of job: Job) async {
        _ = await store.retrying("compare a job's sizes") { store in
            let found = try await store.sizes(of: job.id).map(\.sizeWarnings)
            let warnings = found.reduce(into: [:]) { all, more in
                all.merge(more) { first, _ in first }
            }
            if warnings.isEmpty, job.integrity.filesSuspicious == 0 { return }
            try await store.setSizeWarnings(warnings, of: job.id)
        }
    }

    func finish(
        _ job: Job, as state: JobState, errorMessage: String?, in run: JobRun
    ) async {
        defer { scheduler.close(job.id) }
        guard !run.stop.isFired else { return }
        let now = wallClock.now
        let finished = await store.retrying("finish a job") { store in
            try await store.finish(job.id, as: state, errorMessage: errorMessage, at: now)
        }
        // Otherwise a user has cancelled or paused the job first.
        guard case .some(.some) = finished else { return }
        logger.info(
            "job ended",
            metadata: [
                "job": "\(job.id)", "state": "\(state.rawValue)",
                "error": "\(errorMessage ?? "none")",
            ])
        outbox.wake()
        worker.downloader.forget(filesOf: job)
    }
}
