// How much the scheduler may have in flight, and which new jobs it could start within that.

import Jobs

/// The scheduler's limits, and how far it may exceed them so that no user is shut out.
struct ConcurrencyLimits: Hashable, Sendable {
    /// Files claimed at once, over all jobs together.
    var filesInWorkMax: Int
    /// Files beyond that, for users with no file in work: otherwise a user's one file would wait
    /// for another user's long transfers.
    var overflowFiles: Int
    /// Jobs that run at once.
    var runningJobsMax: Int
    /// Jobs beyond that, for users who run nothing as urgent. Running jobs cost little, since
    /// files take turns between users; the limit keeps that little small.
    var overflowJobs = 64

    init(filesInWorkMax: Int, overflowFiles: Int = 1, runningJobsMax: Int) {
        precondition(filesInWorkMax > 0, "without files in work no job ever ends")
        precondition(runningJobsMax > 0, "without running jobs no job ever ends")
        self.filesInWorkMax = filesInWorkMax
        self.overflowFiles = overflowFiles
        self.runningJobsMax = runningJobsMax
    }

    init(_ limits: ServiceLimits) {
        self.init(
            // Twice the transfers: while one half is in transfer, the other half is claimed,
            // verified, synced or recorded, so a free transfer always finds a file to send for.
            filesInWorkMax: 2 * limits.transfers, overflowFiles: limits.transfersBeyond,
            runningJobsMax: limits.runningJobs)
    }

    /// The slot for one more job beside a number of running jobs; `nil` where there is none.
    func slot(beside jobs: Int) -> ClaimSlot? {
        if jobs < runningJobsMax { return .regular }
        return jobs < runningJobsMax + overflowJobs ? .overflow : nil
    }
}

/// Which submitted jobs the scheduler could claim at this moment. Submissions that it does not
/// accept do not wake the queue, since a claim would find nothing.
struct ClaimFilter: Hashable, Sendable {
    /// The slot that the next job would take; `nil` where no job can start.
    var slot: ClaimSlot?
    /// The highest priority that each user has running; decides for ``ClaimSlot/overflow``.
    var running: [String: Priority] = [:]

    static let all = ClaimFilter(slot: .regular)

    /// Whether a job might be claimed, by the rule of ``ClaimOrder``.
    func accepts(jobOf user: String, priority: Priority) -> Bool {
        switch slot {
        case nil: false
        case .regular: true
        case .overflow: running[user].map { priority > $0 } ?? true
        }
    }
}

extension Scheduler {
    /// The new jobs that a claim could return now. It widens only by events after which the
    /// scheduler claims by itself, so a job that it did not accept is found by that claim.
    var claimFilter: ClaimFilter {
        // The regular case first, since the queue reads this after every file.
        let slot = limits.slot(beside: jobs.count { !$0.isStopped })
        guard slot == .overflow else { return ClaimFilter(slot: slot) }
        return ClaimFilter(
            slot: slot,
            running: Dictionary(
                activeJobs.map { ($0.user, $0.job.control.priority) }, uniquingKeysWith: max))
    }
}
