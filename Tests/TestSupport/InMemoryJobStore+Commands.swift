// Commands on jobs of the store in memory.

package import Datasets
package import Jobs

extension InMemoryJobStore {
    package func execute(
        _ action: JobAction, on id: JobID, by principal: Principal, within limits: UserQuota,
        at now: Timestamp
    ) throws -> JobActionResult {
        try begin("act")
        guard let job = jobs[id] else { throw JobError.notFound(id) }
        let eligibility = action.eligibility(of: job)
        guard eligibility == .act else { return JobActionResult(eligibility, job) }
        if action == .retry || action == .retryGaps, !principal.isAdmin {
            let usage = QuotaUsage(activeJobs: activeJobs(of: job.createdBy))
            if let excess = limits.excess(of: 0, over: usage) {
                return JobActionResult(.overLimit(excess), job)
            }
        }
        switch action {
        case .cancel: cancel(id, by: principal, at: now)
        case .retry:
            retry(id, by: principal, at: now) { $0.state == .failed || $0.state == .cancelled }
        case .retryGaps:
            retry(id, by: principal, at: now) { $0.failure?.code == Gaps.acceptedCode }
        case .pause:
            changeFiles(of: id) { if $0.state == .running { $0.state = .pending } }
            if job.state == .running { queued[id] = now }
            jobs[id]?.state = .pending
            jobs[id]?.control.isPaused = true
            add(.paused, to: id, by: principal, at: now)
        case .resume:
            jobs[id]?.control.isPaused = false
            add(.resumed, to: id, by: principal, at: now)
        case .change(let priority, let isPinned):
            if let priority, priority != job.control.priority {
                jobs[id]?.control.priority = priority
                add(.prioritized, to: id, by: principal, at: now)
            }
            if let isPinned, isPinned != job.control.isPinned {
                jobs[id]?.control.isPinned = isPinned
                add(isPinned ? .pinned : .unpinned, to: id, by: principal, at: now)
            }
        }
        return JobActionResult(eligibility, jobs[id]!)
    }

    private func cancel(_ id: JobID, by principal: Principal, at now: Timestamp) {
        let reason = FileFailure.cancelled(by: principal)
        changeFiles(of: id) { record in
            guard !record.state.isFinal else { return }
            (record.state, record.failure, record.notBefore) = (.cancelled, reason, nil)
        }
        if files[id] != nil { count(id) }
        jobs[id]?.state = .cancelled
        jobs[id]?.control.isPaused = false
        jobs[id]?.completedAt = now
        jobs[id]?.errorMessage = reason.detail
        jobs[id]?.integrity.acceptsRevision = false
        jobs[id]?.integrity.isBeingVerified = false
        setNotes(of: &jobs[id]!)
        withdrawDigest(of: id, by: principal, at: now)
        verifying.remove(id)
        announced.remove(id)
        if let job = jobs[id], job.startedAt != nil { notify(.cancelled, job, at: now) }
        add(.cancelled, to: id, by: principal, at: now)
    }

    private func retry(
        _ id: JobID, by principal: Principal, at now: Timestamp, where isMeant: (FileRecord) -> Bool
    ) {
        changeFiles(of: id) { record in
            guard isMeant(record) else { return }
            (record.state, record.failure, record.attempts) = (.pending, nil, 0)
        }
        queued[id] = now
        firstOpen[id] = nil
        if files[id] != nil { count(id) }
        jobs[id]?.state = .pending
        jobs[id]?.completedAt = nil
        jobs[id]?.errorMessage = nil
        jobs[id]?.control.crashes = 0
        jobs[id]?.outcomeNotes = []
        add(.retried, to: id, by: principal, at: now)
        withdrawDigest(of: id, by: principal, at: now)
    }

    package func selection(
        for action: JobAction, matching filter: JobFilter, limit: Int
    ) throws -> JobSelection {
        try begin("selection")
        let matches = matches(filter)
        // What is unchanged for a cancel or a pause is as it should be, and no work.
        let possible = matches.filter { action.eligibility(of: $0) == .act }
        let others = matches.filter { action.eligibility(of: $0) != .act }
        return JobSelection(
            jobs: Array((possible + others).prefix(limit)), matched: matches.count,
            actionable: possible.count)
    }

    func matches(_ filter: JobFilter) -> [Job] {
        jobs.values.sorted { $0.id > $1.id }.filter { job in
            (filter.state ?? job.state) == job.state
                && (filter.user ?? job.createdBy) == job.createdBy
                && (filter.exchange ?? job.exchange) == job.exchange
        }
    }
}
