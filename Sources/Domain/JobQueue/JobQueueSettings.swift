// The limits of the queue. It must not know where they are configured.

/// What the queue may do at once, and how patient it is.
package struct JobQueueSettings: Hashable, Sendable {
    /// Files claimed at once, over all jobs together. More than may be in transfer, so that what
    /// is being proven, synced and recorded keeps nobody from asking for the next file, and that
    /// file has been claimed by then.
    package var filesInWorkMax: Int
    /// Jobs running at once (`MAX_RUNNING_JOBS`). Jobs that a restart found running all go on.
    package var runningJobsMax: Int
    /// Files in one job (`MAX_FILES_PER_JOB`).
    package var filesPerJobMax: Int
    /// When files are tried again (`RETRY_BASE_SECONDS`, `RETRY_MAX_ATTEMPTS`). Its back-off is
    /// also that of jobs whose catalogue is away when they are planned.
    package var retry: RetryPolicy
    /// Downloads pause while less is free on the data root's disk (`DISK_RESERVE`); 0 for never.
    package var diskReserveBytes: Int64
    /// After so many crashes in a row files are given up (`CRASHES_MAX`), see ``CrashLimit``.
    package var crashesMax: Int
    /// How long transfers may go on after the word to stop (`SHUTDOWN_GRACE`).
    package var shutdownGrace: Duration

    package init(
        filesInWorkMax: Int = 16, runningJobsMax: Int = 4, filesPerJobMax: Int = 100_000,
        retry: RetryPolicy = RetryPolicy(), diskReserveBytes: Int64 = 1 << 30,
        crashesMax: Int = 5, shutdownGrace: Duration = .zero
    ) {
        precondition(filesInWorkMax > 0, "without files in work no job ever ends")
        precondition(runningJobsMax > 0, "without running jobs no job ever ends")
        self.filesInWorkMax = filesInWorkMax
        self.runningJobsMax = runningJobsMax
        self.filesPerJobMax = filesPerJobMax
        self.retry = retry
        self.diskReserveBytes = diskReserveBytes
        self.crashesMax = crashesMax
        self.shutdownGrace = shutdownGrace
    }
}
