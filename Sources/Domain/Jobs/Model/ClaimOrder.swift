// Which pending job is claimed next.

package import Datasets

/// What a free place among the running jobs is for.
package enum ClaimSlot: Hashable, Sendable {
    /// Within the limit of running jobs: any job may have it.
    case regular
    /// Beyond the limit: only a job whose user has nothing running that is as urgent. Otherwise one
    /// user's few long jobs would keep everybody else out, and their own urgent ones.
    case overflow
}

/// A pending job as far as its turn is concerned.
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

/// What one user has running.
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
/// Waiting makes a job more urgent, by one step of priority for each ``ageingInterval``, without
/// end. So nothing starves: whatever is submitted so much later that its priority cannot make up
/// for it comes later. And of one user's jobs of one priority the oldest always comes first.
package struct ClaimOrder: Sendable {
    /// A job of priority 0 overtakes a new one of the usual 5 after an hour, with this.
    package static let ageingInterval = Duration.seconds(600)

    private let running: [String: RunningJobs]
    private let now: Timestamp

    /// - Parameter running: by user; nobody who has nothing running.
    package init(running: [String: RunningJobs], at now: Timestamp) {
        self.running = running
        self.now = now
    }

    /// The job that is claimed next, `nil` where none may be.
    ///
    /// - Parameter jobs: of every user and priority at least the one that has waited longest; the
    ///   others make no difference.
    package func next(of jobs: some Sequence<WaitingJob>, for room: ClaimSlot) -> WaitingJob? {
        jobs.filter { mayHave(room, $0) }.min { key(of: $0) < key(of: $1) }
    }

    /// How urgent a job is by now: its priority, and a step for each interval that it has waited.
    package func urgency(of job: WaitingJob) -> Int64 {
        let (interval, waited) = (ClaimOrder.ageingInterval, now - job.since)
        // A clock that was set back makes nothing less urgent than it is.
        guard waited > .zero else { return Int64(job.priority.rawValue) }
        return Int64(job.priority.rawValue) + waited.components.seconds
            / interval.components.seconds
    }

    private func mayHave(_ room: ClaimSlot, _ job: WaitingJob) -> Bool {
        guard room == .overflow, let own = running[job.user] else { return true }
        return job.priority > own.priorityMax
    }

    private func key(of job: WaitingJob) -> (Int64, Int, Timestamp, JobID) {
        (-urgency(of: job), running[job.user]?.count ?? 0, job.since, job.id)
    }
}
