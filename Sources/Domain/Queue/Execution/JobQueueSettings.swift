// What the queue is told once, when it is made. It must not know where they are configured.

/// How patient the queue is, and what it leaves free. What it may do at once stands in
/// ``RuntimeLimits``.
package struct JobQueueSettings: Hashable, Sendable {
    /// Files in one job (`MAX_FILES_PER_JOB`).
    package var filesPerJobMax: Int
    /// When files are tried again (`RETRY_BASE_SECONDS`, `RETRY_MAX_ATTEMPTS`). Its back-off is
    /// also that of jobs whose catalogue is away when they are planned.
    package var retry: RetryPolicy
    /// Downloads pause while less is free on the data root's disk (`DISK_RESERVE`); 0 for never.
    package var diskReserveBytes: Int64
    /// After so many crashes in a row files are given up (`CRASHES_MAX`), see ``PoisonJobPolicy``.
    package var crashesMax: Int
    /// How long transfers may go on after the word to stop (`SHUTDOWN_GRACE`).
    package var shutdownGrace: Duration

    package init(
        filesPerJobMax: Int = 100_000,
        retry: RetryPolicy = RetryPolicy(), diskReserveBytes: Int64 = 1 << 30,
        crashesMax: Int = 5, shutdownGrace: Duration = .zero
    ) {
        self.filesPerJobMax = filesPerJobMax
        self.retry = retry
        self.diskReserveBytes = diskReserveBytes
        self.crashesMax = crashesMax
        self.shutdownGrace = shutdownGrace
    }
}
