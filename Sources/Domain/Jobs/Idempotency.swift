// What makes sending a submission twice as good as sending it once
// (draft-ietf-httpapi-idempotency-key-header). It must not know how keys are sent.

/// A key that a user has chosen for one submission, and what the submission says.
package struct Idempotency: Hashable, Sendable {
    /// How long a key is remembered.
    package static let lifetime = Duration.seconds(24 * 60 * 60)
    /// Keys kept at most, over all users; beyond it the oldest is forgotten before its time. Every
    /// one has cost a submission, so that this is no day of a busy service but several.
    package static let keysMax = 1_000_000

    /// Keys of different users have nothing to do with each other.
    package var key: String
    /// SHA-256 of the content.
    package var fingerprint: [UInt8]

    package init(key: String, fingerprint: [UInt8]) {
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// What a key remembers of its submission: which job it led to, and how that stood. An answer may
/// have megabytes; a job has them once.
package struct KeptSubmission: Hashable, Sendable {
    package var job: JobID
    /// The job's state when the submission was answered.
    package var state: JobState
    /// Whether the job was paused then.
    package var isPaused: Bool
    /// Whether the job was there before.
    package var isDuplicate: Bool
    /// Files of the job, as was known then.
    package var files: Int
    /// How many of the job's notes the answer had, the first ones. Those of a duplicate that was
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

    /// What a request that has just led to a job leaves behind.
    package init(_ request: DownloadRequest, to job: Job, isDuplicate: Bool) {
        let hasNotes = job.notes.starts(with: request.notes)
        self.init(
            job: job.id, state: job.state, isPaused: job.control.isPaused,
            isDuplicate: isDuplicate, files: job.progress.filesTotal,
            notes: hasNotes ? request.notes.count : 0)
    }
}
