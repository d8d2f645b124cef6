// Which pending job is claimed next.

package import Datasets

/// A free slot for a running job.
package enum ClaimSlot: Hashable, Sendable {
    /// Within the limit of running jobs, for any job.
    case regular
    /// Beyond the limit, only for a job whose user has no running job of the same or a higher
    /// priority. Otherwise a few long jobs of one user would block all other users, and the user's
    /// own urgent jobs.
    case overflow
}

/// A pending job, as far as the claim order needs to know it.
package struct WaitingJob: Hashable, Sendable {
    package var id: JobID
    package var user: String
    package var priority: Priority
    /// When it became pending.
    package var since: Timestamp

    package init(id: JobID, user: String, priority: Priority, since: Timestamp) {
        self.id = id
        self.user = user
        self.priority = priority
        self.since = since
    }
}

/// The running jobs of one user.
package struct RunningJobs: Hashable, Sendable {
    package var count: Int
    package var priorityMax: Priority

    package init(count: Int, priorityMax: Priority) {
        self.count = count
        self.priorityMax = priorityMax
    }
}

/// The order in which pending jobs are claimed: the most urgent first, then that of the user with
/// the fewest running jobs, then the one that has waited longest.
///
/// A waiting job gains one priority level every ``ageingInterval``, without limit, so no job
/// starves. Of one user's jobs of one priority the oldest always comes first.
package struct ClaimOrder: Sendable {
    /// With this a job of priority 0 overtakes a new one of the normal 5 after an hour.
    package static let ageingInterval = Duration.seconds(600)

    private let running: [String: RunningJobs]
    private let now: Timestamp

    /// - Parameter running: by user, without users that have no running job.
    package init(running: [String: RunningJobs], at now: Timestamp) {
        self.running = running
        self.now = now
    }

    /// The job that is claimed next, `nil` where none may be.
    ///
    /// - Parameter jobs: of every user and priority at least the one that has waited longest; the
    ///   others make no difference.
    package func next(of jobs: some Sequence<WaitingJob>, for slot: ClaimSlot) -> WaitingJob? {
        jobs.filter { isEligible($0, for: slot) }.min { key(of: $0) < key(of: $1) }
    }

    /// How many of these jobs are claimed before one of them, as things stand: while no running job
    /// ends, no time passes, and every slot is regular.
    ///
    /// Each claim makes one more running job of its user. So the jobs of one user come in their own
    /// order, each as if those before it ran already, and the whole order is that of these keys.
    ///
    /// - Parameter jobs: all that wait; 0 where the job is none of them.
    package func jobsAhead(of id: JobID, in jobs: [WaitingJob]) -> Int {
        guard let job = jobs.first(where: { $0.id == id }) else { return 0 }
        let least = urgency(of: job)
        let inOrderOfUsers = jobs.map { (urgency: urgency(of: $0), job: $0) }
            .filter { $0.urgency >= least }
            .sorted {
                (-$0.urgency, $0.job.since, $0.job.id) < (-$1.urgency, $1.job.since, $1.job.id)
            }
        var ranks: [String: Int] = [:]
        let keys = inOrderOfUsers.map { waiting in
            let rank = ranks[waiting.job.user, default: 0]
            ranks[waiting.job.user] = rank + 1
            return key(of: waiting.job, behind: rank)
        }
        guard let own = keys.first(where: { $0.3 == id }) else { return 0 }
        return keys.count { $0 < own }
    }

    /// The priority of a job plus one level for each interval that it has waited.
    package func urgency(of job: WaitingJob) -> Int64 {
        let (interval, waited) = (ClaimOrder.ageingInterval, now - job.since)
        // A clock that was set back never makes a job less urgent.
        guard waited > .zero else { return Int64(job.priority.rawValue) }
        return Int64(job.priority.rawValue) + waited.components.seconds
            / interval.components.seconds
    }

    private func isEligible(_ job: WaitingJob, for slot: ClaimSlot) -> Bool {
        guard slot == .overflow, let own = running[job.user] else { return true }
        return job.priority > own.priorityMax
    }

    /// - Parameter rank: jobs of the same user that are claimed before it.
    private func key(
        of job: WaitingJob, behind rank: Int = 0
    ) -> (Int64, Int, Timestamp, JobID) {
        (-urgency(of: job), (running[job.user]?.count ?? 0) + rank, job.since, job.id)
    }
}
