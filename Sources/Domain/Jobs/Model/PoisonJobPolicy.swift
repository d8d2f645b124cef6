// When a job that was running each time the service crashed is given up.

/// How the last process ended, as far as the jobs are concerned.
package enum ProcessEnd: Hashable, Sendable {
    /// It was asked to stop: no job is to blame.
    case clean
    /// It died: the jobs that were at work may be to blame.
    ///
    /// - Parameters:
    ///   - limit: when a job is given up.
    ///   - alone: the job that had run isolated, if there was one: then only its crash counts.
    case crash(PoisonJobPolicy, alone: JobID?)

    /// The key of the moment of a clean shutdown, as ``Timestamp/iso8601``.
    package static let cleanKey = "service_stopped_at"
}

/// How often in a row a job may be running when the service crashes.
package struct PoisonJobPolicy: Hashable, Sendable {
    /// From this many crashes on a job runs isolated, so that no other job is blamed.
    package static let isolationMin = 2
    /// The code of files that were given up for this.
    package static let code = "crashed"

    /// After this many crashes the files in flight are given up (`CRASHES_MAX`), after twice as
    /// many all files of the job. At least 1.
    package var crashesMax: Int

    package init(crashesMax: Int) {
        precondition(crashesMax > 0, "a crash is needed to give up for crashes")
        self.crashesMax = crashesMax
    }

    /// Whether a job is given up as a whole.
    ///
    /// - Parameters:
    ///   - crashes: in a row, the last one included.
    ///   - files: how many of its files were in flight, and are given up.
    package func isPoisoned(after crashes: Int, filesGivenUp files: Int) -> Bool {
        crashes >= crashesMax && (files == 0 || crashes >= 2 * crashesMax)
    }

    /// Why a file is given up.
    package static func failure(after crashes: Int) -> FileFailure {
        FileFailure(
            code: code,
            detail: "The service died \(crashes) times in a row while it fetched this file, so it "
                + "was given up. Look into the service's log for the cause; then try it again "
                + "with POST /jobs/{id}/retry.")
    }

    /// Why a whole job is given up, for its owner.
    package static func message(for job: Job) -> String {
        let work = job.progress.isPlanned ? "worked on" : "planned"
        return "The service died \(job.control.crashes) times in a row while it \(work) this job, "
            + "so the job was given up. Look into the service's log for the cause; then try it "
            + "again with POST /jobs/\(job.id)/retry."
    }
}

/// The running jobs that the last process left.
package struct Recovery: Hashable, Sendable {
    /// The jobs that are `running`, oldest first.
    package var jobs: [Job]
    /// Those of them that are to be given up as a whole.
    package var poisoned: Set<JobID>

    package init(jobs: [Job], poisoned: Set<JobID> = []) {
        self.jobs = jobs
        self.poisoned = poisoned
    }
}
