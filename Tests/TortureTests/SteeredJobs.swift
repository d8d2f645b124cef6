// A model of jobs under commands: which states the responses allow.

/// The jobs and their expected states.
struct SteeredJobs {
    /// How a job must stand.
    enum Wish: String {
        /// Waiting, running or completed.
        case run
        case paused
        case cancelled
    }

    struct Steered {
        let id: Int64
        let user: String
        var wish = Wish.run
        /// Also right: the result of a command whose response was lost.
        var alternative: Wish?
    }

    /// A command on a job.
    enum Action: String, CaseIterable {
        case cancel
        case retry
        case pause
        case resume

        /// What it makes of a job, `nil` where it cannot be done.
        func result(on wish: Wish) -> Wish? {
            switch (self, wish) {
            case (.cancel, _): .cancelled
            case (.retry, .cancelled): .run
            case (.retry, _): nil
            case (.pause, .cancelled), (.resume, .cancelled): nil
            case (.pause, _): .paused
            case (.resume, _): .run
            }
        }
    }

    /// A job as the database has it.
    struct Row {
        let status: String
        let isPaused: Bool
    }

    private(set) var jobs: [Steered] = []

    mutating func add(_ id: Int64, of user: String) {
        jobs.append(Steered(id: id, user: user))
    }

    /// A response arrived.
    ///
    /// - Returns: what is wrong with it.
    mutating func answered(_ status: Int, to action: Action, on index: Int, row: Row?) -> String? {
        let job = jobs[index]
        let result = action.result(on: job.wish)
        switch status {
        case 200, 202:
            guard let result else { return "\(action) of job \(job.id), \(job.wish): \(status)" }
            jobs[index].wish = result
            return nil
        case 409:
            // A job may have ended by itself, and then there is nothing to steer.
            let isOver = row?.status == "completed"
            return result == nil || isOver && action != .retry || isOver && job.wish == .run
                ? nil
                : "\(action) of job \(job.id), \(job.wish): 409, and it is \(row?.status ?? "-")"
        default:
            return status >= 500 ? nil : "\(action) of job \(job.id): \(status)"
        }
    }

    /// The response was lost: the command was executed, or was not.
    mutating func unanswered(_ action: Action, on index: Int) {
        jobs[index].alternative = action.result(on: jobs[index].wish)
    }

    /// Decides the open commands by the rows, and returns what is wrong.
    mutating func check(against rows: [Int64: Row]) -> [String] {
        jobs.indices.compactMap { index in
            let job = jobs[index]
            guard let row = rows[job.id] else { return "job \(job.id) is lost" }
            if let other = job.alternative, !SteeredJobs.fits(row, job.wish) {
                jobs[index].wish = other
            }
            jobs[index].alternative = nil
            return SteeredJobs.fits(row, jobs[index].wish)
                ? nil
                : "job \(job.id) is \(row.status)\(row.isPaused ? ", paused" : ""), "
                    + "not \(jobs[index].wish)"
        }
    }

    private static func fits(_ row: Row, _ wish: Wish) -> Bool {
        switch wish {
        case .run: ["pending", "running", "completed"].contains(row.status) && !row.isPaused
        case .paused: row.status == "pending" && row.isPaused
        case .cancelled: row.status == "cancelled"
        }
    }
}
