// The commands to jobs, and what POST /jobs/actions responds with.

package import JSON

/// A command to one job, or to many, as routes and `POST /jobs/actions` name it.
package enum JobCommandName: String, CaseIterable, Hashable, Sendable {
    case cancel
    case retry
    case pause
    case resume
}

/// The outcome of one command on many jobs.
package struct BulkCommandResponse: Hashable, Sendable, Decodable, JSONWritable {
    /// The outcome for one job.
    package struct CommandResult: Hashable, Sendable, Decodable, JSONWritable {
        package var jobID: Int64
        /// Its current status.
        package var status: String
        /// `done`, `unchanged` or `passed_over`; in a dry run, what it would be.
        package var result: String
        /// Why it was passed over.
        package var reason: String?

        package init(jobID: Int64, status: String, result: String, reason: String?) {
            self.jobID = jobID
            self.status = status
            self.result = result
            self.reason = reason
        }

        package var json: JSONValue {
            [
                "job_id": .integer(jobID),
                "status": .string(status),
                "result": .string(result),
                "reason": .text(reason),
            ]
        }

        private enum CodingKeys: String, CodingKey {
            case status, result, reason
            case jobID = "job_id"
        }
    }

    package var action: String
    package var dryRun: Bool
    /// Jobs that match, listed or not.
    package var matched: Int
    /// Those of them that the command can change for this user.
    package var actionable: Int
    /// Of those listed.
    package var done: Int
    package var passedOver: Int
    /// Whether the action can change more jobs than are listed.
    package var more: Bool
    package var jobs: [CommandResult]

    package init(
        action: String, dryRun: Bool, matched: Int, actionable: Int, jobs: [CommandResult]
    ) {
        self.action = action
        self.dryRun = dryRun
        self.matched = matched
        self.actionable = actionable
        done = jobs.count { $0.result == "done" }
        passedOver = jobs.count { $0.result == "passed_over" }
        // The jobs that it can change are listed first.
        more = actionable > jobs.count
        self.jobs = jobs
    }

    package var json: JSONValue {
        [
            "action": .string(action),
            "dry_run": .bool(dryRun),
            "matched": .integer(matched),
            "actionable": .integer(actionable),
            "done": .integer(done),
            "passed_over": .integer(passedOver),
            "more": .bool(more),
            "jobs": .array(jobs.map(\.json)),
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case action, matched, actionable, done, more, jobs
        case dryRun = "dry_run"
        case passedOver = "passed_over"
    }
}
