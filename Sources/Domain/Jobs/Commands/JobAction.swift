// The commands on jobs, and the states in which each is possible.

import Datasets

/// A command on a job.
package enum JobAction: Hashable, Sendable {
    /// Ends it; published files stay.
    case cancel
    /// Tries its failed and cancelled files again.
    case retry
    /// Requests the accepted gaps of a completed job again.
    case retryGaps
    /// Stops it until it is resumed.
    case pause
    case resume
    /// Changes its priority, or whether retention may remove it, or both; `nil` changes nothing.
    case change(priority: Priority?, isPinned: Bool?)

    /// Whether an action is possible in the present state of a job.
    package enum Eligibility: Hashable, Sendable {
        case act
        /// The job is already as the action would make it.
        case unchanged
        /// It is impossible, for this reason.
        case refuse(String)
        /// The job's owner has reached the limit of unfinished jobs.
        case overLimit(QuotaExceeded)
    }

    /// Whether the action is possible.
    package func eligibility(of job: Job) -> Eligibility {
        switch self {
        case .cancel:
            switch job.state {
            case .pending, .running: .act
            case .cancelled: .unchanged
            case .completed, .failed: .refuse(JobAction.hasEnded(job, "cancelled"))
            }
        case .retry: JobAction.eligibilityForRetry(of: job)
        case .retryGaps:
            job.state == .completed && job.progress.gapsAccepted > 0
                ? .act : .refuse("Job \(job.id) has no accepted gaps that could be asked for.")
        case .pause:
            job.state.isFinal
                ? .refuse(JobAction.hasEnded(job, "paused"))
                : job.control.isPaused ? .unchanged : .act
        case .resume:
            job.state.isFinal
                ? .refuse(
                    JobAction.hasEnded(job, "resumed")
                        + " A failed or cancelled one can be retried.")
                : job.control.isPaused ? .act : .unchanged
        case .change(let priority, let isPinned):
            (priority ?? job.control.priority) == job.control.priority
                && (isPinned ?? job.control.isPinned) == job.control.isPinned ? .unchanged : .act
        }
    }

    private static func eligibilityForRetry(of job: Job) -> Eligibility {
        switch job.state {
        case .pending, .running:
            .refuse("Job \(job.id) is \(job.state.rawValue). It can be retried once it has ended.")
        case .completed:
            .refuse("Job \(job.id) is completed: none of its files failed.")
        case .failed
        where job.progress.isPlanned && job.progress.filesFailed + job.progress.filesCancelled == 0:
            .refuse("Job \(job.id) has no failed or cancelled files that could be tried again.")
        // A cancelled job may have had all its files by then, and is completed by a retry.
        case .failed, .cancelled: .act
        }
    }

    private static func hasEnded(_ job: Job, _ participle: String) -> String {
        "Job \(job.id) has ended: it is \(job.state.rawValue). Only a pending or running job can "
            + "be \(participle)."
    }
}

/// The result of an action on a job.
package struct JobActionResult: Hashable, Sendable {
    package var eligibility: JobAction.Eligibility
    /// The job as it is now.
    package var job: Job

    package init(_ eligibility: JobAction.Eligibility, _ job: Job) {
        self.eligibility = eligibility
        self.job = job
    }
}

/// The jobs of a bulk action.
package struct JobSelection: Hashable, Sendable {
    /// Those that it can change first, then the others; each kind newest first.
    package var jobs: [Job]
    /// How many jobs match the filter, selected or not.
    package var matched: Int
    /// How many of those the action can change.
    package var actionable: Int

    package init(jobs: [Job], matched: Int, actionable: Int) {
        self.jobs = jobs
        self.matched = matched
        self.actionable = actionable
    }
}

extension FileFailure {
    /// Why a file of a cancelled job is missing.
    package static func cancelled(by principal: Principal) -> FileFailure {
        FileFailure(code: "cancelled", detail: "Cancelled by \(principal.name).")
    }
}
