// What people do to jobs in the store in memory, and the history.

package import Datasets
package import Jobs
import Synchronization

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

    // MARK: History

    package func events(of id: JobID, limit: Int, offset: Int) throws -> EventPage {
        try begin("events")
        let all = events.filter { $0.job == id }
        return EventPage(events: Array(all.dropFirst(offset).prefix(limit)), total: all.count)
    }

    package func events(limit: Int, offset: Int) throws -> EventPage {
        try begin("events")
        let all = events.reversed()
        return EventPage(events: Array(all.dropFirst(offset).prefix(limit)), total: all.count)
    }

    package func lastEvent(of id: JobID, _ kind: JobEvent.Kind) throws -> JobEvent? {
        try begin("lastEvent")
        return events.last { $0.job == id && $0.kind == kind }
    }

    package func jobsAhead(of job: Job) throws -> Int {
        try begin("jobsAhead")
        guard let job = jobs[job.id] else { return 0 }
        return jobs.values.count { other in
            guard other.state == .pending, !other.control.isPaused else { return false }
            if other.control.priority != job.control.priority {
                return other.control.priority > job.control.priority
            }
            return (waitingSince(other), other.id) < (waitingSince(job), job.id)
        }
    }

    package func note(
        _ kind: JobEvent.Kind, of jobs: [JobID], detail: String,
        setting values: [String: String],
        at now: Timestamp
    ) throws {
        try begin("note")
        facts.merge(values) { $1 }
        for id in jobs { add(kind, to: id, by: .service, at: now, detail) }
    }

    package func note(
        _ kind: JobEvent.Kind, by principal: Principal, detail: String,
        setting values: [String: String?], at now: Timestamp
    ) throws {
        try begin("note")
        for (name, value) in values { facts[name] = value }
        add(kind, to: nil, by: principal, at: now, detail)
    }

    package func endUpstreamPause(
        by principal: Principal, detail: String, at now: Timestamp
    ) throws {
        try begin("endUpstreamPause")
        facts[UpstreamPause.untilKey] = nil
        facts[UpstreamPause.reasonKey] = nil
        for (id, records) in files {
            for index in records.indices where records[index].state == .pending {
                files[id]?[index].notBefore = nil
            }
        }
        add(.upstreamResumed, to: nil, by: principal, at: now, detail)
        listener.withLock { $0 }?(Set(jobs.keys))
    }

    func add(
        _ kind: JobEvent.Kind, to id: JobID?, by principal: Principal, at now: Timestamp,
        _ detail: String? = nil
    ) {
        events.append(
            JobEvent(
                id: Int64(events.count + 1), job: id, kind: kind, at: now, by: principal,
                detail: detail))
    }
}
