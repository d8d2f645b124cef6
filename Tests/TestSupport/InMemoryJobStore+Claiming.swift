// What the store in memory keeps of waiting jobs, plans and limits.

package import Datasets
package import Jobs

extension InMemoryJobStore {
    package func claimJob(for room: ClaimSlot, at now: Timestamp) throws -> Job? {
        try begin("claimJob")
        let running = Dictionary(
            grouping: jobs.values.filter { $0.state == .running }, by: \.createdBy)
        let order = ClaimOrder(
            running: running.mapValues { own in
                RunningJobs(
                    count: own.count,
                    priorityMax: own.map(\.control.priority).max() ?? .normal)
            }, at: now)
        let waiting = jobs.values.filter { $0.state == .pending && !$0.control.isPaused }
            .map { job in
                WaitingJob(
                    id: job.id, user: job.createdBy, priority: job.control.priority,
                    since: waitingSince(job))
            }
        guard let next = order.next(of: waiting, for: room), var job = jobs[next.id] else {
            return nil
        }
        job.state = .running
        job.control.crashes = 0
        job.startedAt = job.startedAt ?? now
        jobs[job.id] = job
        verifyingSince[job.id] =
            verifying.contains(job.id) ? verifyingSince[job.id] ?? now : nil
        add(.started, to: job.id, by: .service, at: now)
        if !verifying.contains(job.id), announced.insert(job.id).inserted {
            notify(.started, job, at: now)
        }
        return job
    }

    /// Since when a job has been pending.
    func waitingSince(_ job: Job) -> Timestamp { queued[job.id] ?? job.createdAt }

    /// Changes what somebody has decided about a job.
    package func change(_ id: JobID, _ body: @Sendable (inout JobControl) -> Void) {
        guard var job = jobs[id] else { return }
        body(&job.control)
        jobs[id] = job
    }

    package func plannedFiles(of id: JobID) throws -> Set<DatasetFile> {
        try begin("plannedFiles")
        return Set(files[id, default: []].map(\.file))
    }

    package func save(_ piece: PlanBatch, of id: JobID, at now: Timestamp) throws -> Bool {
        try begin("keep")
        guard let job = jobs[id], job.state == .running else { return false }
        if job.progress.isPlanned { return true }
        let kept = files[id]?.count ?? 0
        for (offset, planned) in piece.files.enumerated() where piece.position + offset >= kept {
            let record = FileRecord(
                job: id, position: piece.position + offset, file: planned.file,
                state: planned.state, failure: planned.failure)
            files[id, default: []].append(record)
            if record.state.isFinal { add(record, to: &jobs[id]!.progress) }
        }
        let notes = piece.notes.filter { !job.notes.contains($0) }
        jobs[id]?.notes += notes
        jobs[id]?.progress.filesTotal = piece.filesTotal
        jobs[id]?.progress.isPlanned = piece.isLast
        if piece.isLast {
            add(
                .planned, to: id, by: .service, at: now,
                TextFormat.counted(piece.filesTotal, "file"))
        }
        return true
    }

    // MARK: Limits

    package func limitSettings() throws -> [ServiceLimit: LimitSetting] {
        try begin("limitSettings")
        return limits
    }

    package func set(
        _ values: [ServiceLimit: Int?], by principal: Principal, detail: String, at now: Timestamp
    ) throws -> [ServiceLimit: LimitSetting] {
        try begin("setLimits")
        for (limit, value) in values {
            let revision = limits.values.map(\.revision).max() ?? 0
            limits[limit] = LimitSetting(
                value: value, changedBy: principal.name, changedAt: now, revision: revision + 1)
        }
        limitDetails.append(detail)
        add(.limitsChanged, to: nil, by: principal, at: now, detail)
        return limits.filter { values.keys.contains($0.key) }
    }
}
