// The commands on jobs, and the states in which each is possible.

import Datasets

/// Something that somebody does to a job.
package enum JobAction: Hashable, Sendable {
    /// Ends it; what has been proven stays.
    case cancel
    /// Has its failed and cancelled files tried again.
    case retry
    /// Has the gaps of a completed job that were accepted asked for again.
    case retryGaps
    /// Stops it until it is resumed.
    case pause
    case resume
    /// Gives it another urgency, or keeps it from going with age, or both; `nil` leaves that alone.
    case change(priority: Priority?, isPinned: Bool?)

    /// What an action comes to, as a job stands.
    package enum Eligibility: Hashable, Sendable {
        case act
        /// The job is already as the action would make it.
        case unchanged
        /// It makes no sense, for this reason.
        case refuse(String)
        /// The job's owner has as many jobs that have not ended as one may.
        case overLimit(QuotaExceeded)
    }

    /// What the action comes to.
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

/// What an action on a job came to.
package struct JobActionResult: Hashable, Sendable {
    package var eligibility: JobAction.Eligibility
    /// The job as it is now.
    package var job: Job

    package init(_ eligibility: JobAction.Eligibility, _ job: Job) {
        self.eligibility = eligibility
        self.job = job
    }
}

/// The jobs that an action on many is about.
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
