// Submissions and limits of the store in memory.

package import Datasets
package import Jobs

extension InMemoryJobStore {
    /// A user's key.
    struct UserKey: Hashable {
        var user: String
        var key: String
    }

    /// What a key has led to, and when.
    struct KeptKey {
        var fingerprint: [UInt8]
        var submission: StoredSubmission
        var since: Timestamp
    }

    /// A user's day.
    struct UserDay: Hashable {
        var user: String
        var day: Day
    }

    func activeJobs(of user: String) -> Int {
        jobs.values.count {
            $0.createdBy == user && !$0.state.isFinal && !verifying.contains($0.id)
        }
    }

    package func submit(_ submission: Submission, at now: Timestamp) throws -> SubmissionOutcome {
        try begin("insert")
        let user = submission.request.createdBy
        if let idempotency = submission.idempotency,
            let earlier = earlierOutcome(
                of: idempotency.key, fingerprint: idempotency.fingerprint, by: user, at: now)
        {
            return earlier
        }
        if !submission.isForced, let job = equalJob(to: submission.request) {
            keepKey(of: submission, for: job, isDuplicate: true, at: now)
            return .duplicate(of: job)
        }
        let usage = QuotaUsage(
            activeJobs: activeJobs(of: user),
            filesToday: filesOfDay[UserDay(user: user, day: now.day), default: 0])
        let files = submission.request.fileCount
        if !submission.principal.isAdmin,
            let excess = submission.limits.excess(of: files, over: usage)
        {
            return .overLimit(excess)
        }
        lastJob += 1
        let job = submission.job(JobID(lastJob), at: now)
        jobs[job.id] = job
        add(.submitted, to: job.id, by: submission.principal, at: now)
        filesOfDay[UserDay(user: user, day: now.day), default: 0] += files
        keepKey(of: submission, for: job, isDuplicate: false, at: now)
        return .accepted(job)
    }

    package func outcome(
        of key: String, fingerprint: [UInt8], by user: String, at now: Timestamp
    ) throws -> SubmissionOutcome? {
        try begin("outcome")
        return earlierOutcome(of: key, fingerprint: fingerprint, by: user, at: now)
    }

    private func earlierOutcome(
        of key: String, fingerprint: [UInt8], by user: String, at now: Timestamp
    ) -> SubmissionOutcome? {
        guard let kept = keys[UserKey(user: user, key: key)],
            now - kept.since < Idempotency.lifetime
        else { return nil }
        return kept.fingerprint == fingerprint ? .replayed(kept.submission) : .keyReused
    }

    private func equalJob(to request: DownloadRequest) -> Job? {
        let equal = jobs.values.filter { job in
            !job.state.isFinal && !verifying.contains(job.id)
                && job.createdBy == request.createdBy && job.fingerprint == request.fingerprint
        }
        return equal.min { left, right in
            left.control.isPaused == right.control.isPaused
                ? left.id < right.id : right.control.isPaused
        }
    }

    private func keepKey(
        of submission: Submission, for job: Job, isDuplicate: Bool, at now: Timestamp
    ) {
        guard let idempotency = submission.idempotency else { return }
        keys[UserKey(user: submission.request.createdBy, key: idempotency.key)] = KeptKey(
            fingerprint: idempotency.fingerprint,
            submission: StoredSubmission(submission.request, to: job, isDuplicate: isDuplicate),
            since: now)
    }

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
