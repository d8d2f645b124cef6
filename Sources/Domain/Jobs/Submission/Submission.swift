// A request submitted as a job: its options, the user's quota, and its idempotency key
// (draft-ietf-httpapi-idempotency-key-header).

package import Datasets

/// A request with everything that decides whether it becomes a job.
package struct Submission: Sendable {
    package var request: DownloadRequest
    /// Who submits; the quota does not apply to administrators.
    package var principal: Principal
    /// The priority and the pin of the job: a new one is not paused, and has not crashed.
    package var control: JobControl
    /// Whether to make a job even where an equal one is active.
    package var isForced: Bool
    /// Makes repeating this submission harmless; `nil` without a key.
    package var idempotency: Idempotency?
    package var limits: UserQuota

    package init(
        _ request: DownloadRequest, by principal: Principal, control: JobControl = JobControl(),
        isForced: Bool = false, idempotency: Idempotency? = nil, limits: UserQuota = .none
    ) {
        self.request = request
        self.principal = principal
        self.control = control
        self.isForced = isForced
        self.idempotency = idempotency
        self.limits = limits
    }

    /// The job that it becomes.
    package func job(_ id: JobID, at now: Timestamp) -> Job {
        Job(
            id: id, state: .pending, exchange: request.exchange,
            dataTypes: request.dataTypes.map(\.name), symbols: request.symbols,
            startDate: request.days.lowerBound.description,
            endDate: request.days.upperBound.description, outputPath: request.outputPath,
            createdAt: now, createdBy: request.createdBy, notes: request.notes,
            progress: JobProgress(filesTotal: request.fileCount),
            control: control)
    }
}

/// The outcome of a submission. Only ``accepted(_:)`` has made a job.
package enum SubmissionOutcome: Hashable, Sendable {
    case accepted(Job)
    /// An equal request of the same user is active: this job.
    case duplicate(of: Job)
    /// The same key and content were submitted before, with this outcome.
    case replayed(StoredSubmission)
    /// The key was used before, with other content.
    case keyReused
    case overLimit(QuotaExceeded)
}

/// How many unfinished jobs one user may have, and how many files per day.
package struct UserQuota: Hashable, Sendable {
    package static let none = UserQuota(queuedJobsMax: 0, filesPerDayMax: 0)

    /// Jobs that have not ended; 0 sets no bound.
    package var queuedJobsMax: Int
    /// Files of the jobs accepted on one day (UTC); 0 sets no bound.
    package var filesPerDayMax: Int

    package init(queuedJobsMax: Int, filesPerDayMax: Int) {
        self.queuedJobsMax = queuedJobsMax
        self.filesPerDayMax = filesPerDayMax
    }

    /// The quota of every user by the service's limits.
    package init(_ limits: ServiceLimits) {
        self.init(queuedJobsMax: limits.userQueuedJobs, filesPerDayMax: limits.userFilesPerDay)
    }

    /// The limit that a request exceeds; `nil` where it exceeds none.
    ///
    /// - Parameters:
    ///   - files: of the request.
    ///   - usage: of its user, as it is without the request.
    package func excess(of files: Int, over usage: QuotaUsage) -> QuotaExceeded? {
        if queuedJobsMax > 0, usage.activeJobs >= queuedJobsMax {
            return .queuedJobs(usage.activeJobs, max: queuedJobsMax)
        }
        if filesPerDayMax > 0, usage.filesToday > filesPerDayMax - files {
            return .filesPerDay(files, used: usage.filesToday, max: filesPerDayMax)
        }
        return nil
    }
}

/// What one user has used of the quota.
package struct QuotaUsage: Hashable, Sendable {
    /// Jobs that have not ended.
    package var activeJobs: Int
    /// Files of the jobs accepted on the present day (UTC).
    package var filesToday: Int

    package init(activeJobs: Int = 0, filesToday: Int = 0) {
        self.activeJobs = activeJobs
        self.filesToday = filesToday
    }
}

/// A limit that a request exceeds.
package enum QuotaExceeded: Hashable, Sendable {
    /// So many jobs have not ended.
    case queuedJobs(Int, max: Int)
    /// The request has so many files, and so many were asked for today.
    case filesPerDay(Int, used: Int, max: Int)
}

/// A key that a user has chosen for one submission, and what the submission says.
package struct Idempotency: Hashable, Sendable {
    /// How long a key is remembered.
    package static let lifetime = Duration.seconds(24 * 60 * 60)
    /// Keys kept at most, over all users; beyond it the oldest expires early. Every key has cost a
    /// submission, so this is several days of a busy service.
    package static let keysMax = 1_000_000

    /// Unique per user.
    package var key: String
    /// SHA-256 of the content.
    package var fingerprint: [UInt8]

    package init(key: String, fingerprint: [UInt8]) {
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// What is stored under a key: the job that its submission led to, and the job's state then. The
/// response itself may have megabytes, and is made of the job again.
package struct StoredSubmission: Hashable, Sendable {
    package var job: JobID
    /// The job's state when the submission was answered.
    package var state: JobState
    /// Whether the job was paused then.
    package var isPaused: Bool
    /// Whether the job was there before.
    package var isDuplicate: Bool
    /// Files of the job, as was known then.
    package var files: Int
    /// How many of the job's notes the response had, the first ones. Those of a duplicate that was
    /// written in another way than its job are not kept.
    package var notes: Int

    package init(
        job: JobID, state: JobState, isPaused: Bool, isDuplicate: Bool, files: Int, notes: Int
    ) {
        self.job = job
        self.state = state
        self.isPaused = isPaused
        self.isDuplicate = isDuplicate
        self.files = files
        self.notes = notes
    }

    /// The outcome to store of a request that has just led to a job.
    package init(_ request: DownloadRequest, to job: Job, isDuplicate: Bool) {
        let hasNotes = job.notes.starts(with: request.notes)
        self.init(
            job: job.id, state: job.state, isPaused: job.control.isPaused,
            isDuplicate: isDuplicate, files: job.progress.filesTotal,
            notes: hasNotes ? request.notes.count : 0)
    }
}
