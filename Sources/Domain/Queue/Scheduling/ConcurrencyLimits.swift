// How much the dispatcher may have under way. It must not know who sets the limits.

import Jobs

/// The dispatcher's bounds, and what it may go beyond them by so that nobody is kept out.
struct ConcurrencyLimits: Hashable, Sendable {
    /// Files claimed at once, over all jobs together.
    var filesInWorkMax: Int
    /// Files beyond that, for users of whom nothing is in work: otherwise a user's one file would
    /// wait for another's long transfers.
    var overflowFiles: Int
    /// Jobs that run at once.
    var runningJobsMax: Int
    /// Jobs beyond that, one for each user of whom nothing as urgent runs. Running jobs cost
    /// little, since files take turns between users; the bound keeps that little small.
    var jobsBeyondMax = 64

    init(filesInWorkMax: Int, overflowFiles: Int = 1, runningJobsMax: Int) {
        precondition(filesInWorkMax > 0, "without files in work no job ever ends")
        precondition(runningJobsMax > 0, "without running jobs no job ever ends")
        self.filesInWorkMax = filesInWorkMax
        self.overflowFiles = overflowFiles
        self.runningJobsMax = runningJobsMax
    }

    init(_ limits: ServiceLimits) {
        self.init(
            // Half of them in transfer, half on their way there or from there to the disk: what is
            // being proven, synced and recorded keeps nobody from asking for the next file, and
            // that file has been claimed by then.
            filesInWorkMax: 2 * limits.transfers, overflowFiles: limits.transfersBeyond,
            runningJobsMax: limits.runningJobs)
    }

    /// What may be claimed beside a number of running jobs; `nil` where nothing may.
    func room(beside jobs: Int) -> ClaimSlot? {
        if jobs < runningJobsMax { return .regular }
        return jobs < runningJobsMax + jobsBeyondMax ? .overflow : nil
    }
}
