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
        var ahead = 0
        var ranks: [String: Int] = [:]
        let mostUrgentFirst = jobs.sorted {
            (-urgency(of: $0), $0.since, $0.id) < (-urgency(of: $1), $1.since, $1.id)
        }
        let own = mostUrgentFirst.filter { $0.user == job.user }.firstIndex { $0.id == id } ?? 0
        for other in mostUrgentFirst where urgency(of: other) >= urgency(of: job) {
            let rank = ranks[other.user, default: 0]
            ranks[other.user] = rank + 1
            if key(of: other, behind: rank) < key(of: job, behind: own) { ahead += 1 }
        }
        return ahead
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
