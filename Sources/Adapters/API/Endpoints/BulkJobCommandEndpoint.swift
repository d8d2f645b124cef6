// POST /jobs/actions: one command to many jobs, chosen by the filter of GET /jobs.

import APITypes
import HTTP
import JSON
import Jobs

/// Executes one command on all jobs that match.
struct BulkJobCommandEndpoint: Endpoint {
    /// More would take many seconds; a client repeats the request until `more` is false.
    static let jobsMax = 1_000
    /// Jobs changed at once: they share a commit.
    private static let batchJobsMax = 100
    /// Files of these jobs, unless one alone has more. A commit of this many takes a tenth of a
    /// second, in which no other write can begin.
    private static let batchFilesMax = 10_000

    let actions: JobActions

    var writes: WriteRates.Kind? { .command }

    var operation: Operation {
        Operation(
            method: .post, path: PathTemplate("/jobs/actions"), identifier: "act_on_jobs",
            summary: "Cancel, retry, pause or resume many jobs",
            details:
                "Does the same to all jobs that match, at most \(BulkJobCommandEndpoint.jobsMax) "
                + "per call and those that it can change first; `more` says whether it can change "
                + "further ones. Without `user`, administrators mean the jobs of all users and "
                + "others their own. With `dry_run` nothing is changed, and the response says what "
                + "would be.",
            requestBody: "JobActions",
            responses: [
                .json(.ok, "JobActionsResponse", "What became of each job."),
                .invalid,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        var members = BodyReader(try RequestBody.object(of: context.request))
        let requested = members.choice("action", of: JobCommandName.self, isRequired: true)
        let filter = JobFilter(
            state: members.choice("status", of: JobState.self), user: members.text("user"),
            exchange: members.text("exchange"))
        let isDryRun = members.flag("dry_run") ?? false
        try members.finish()
        guard let command = requested else {
            throw APIError.invalid([.missing(["body", "action"], from: nil)])
        }
        return try await LongComputation.answer { [self, filter] in
            try await respond(to: command, filter, isDryRun: isDryRun, by: context.principal)
        }
    }

    private func respond(
        to command: JobCommandName, _ filter: JobFilter, isDryRun: Bool, by principal: Principal
    ) async throws -> Response {
        var filter = filter
        if !principal.isAdmin, filter.user == nil { filter.user = principal.name }
        let selection = try await actions.store.selection(
            for: command.action, matching: filter, limit: BulkJobCommandEndpoint.jobsMax)
        let isOwn = principal.isAdmin || filter.user == principal.name
        var results: [BulkCommandResponse.CommandResult] = []
        for jobs in BulkJobCommandEndpoint.batches(of: selection.jobs) {
            results += try await outcomes(of: command, on: jobs, by: principal, isDryRun: isDryRun)
        }
        return .json(
            .ok,
            BulkCommandResponse(
                action: command.rawValue, dryRun: isDryRun, matched: selection.matched,
                actionable: isOwn ? selection.actionable : 0, jobs: results))
    }

    /// All jobs in their order, in batches that are changed at once.
    static func batches(of jobs: [Job]) -> [ArraySlice<Job>] {
        var batches: [ArraySlice<Job>] = []
        var start = jobs.startIndex
        var files = 0
        for (index, job) in jobs.enumerated() {
            files += job.progress.filesTotal
            if index > start, files > batchFilesMax || index - start == batchJobsMax {
                batches.append(jobs[start..<index])
                (start, files) = (index, job.progress.filesTotal)
            }
        }
        return start < jobs.endIndex ? batches + [jobs[start...]] : batches
    }

    /// The outcomes for some jobs, in their order.
    private func outcomes(
        of command: JobCommandName, on jobs: ArraySlice<Job>, by principal: Principal,
        isDryRun: Bool
    ) async throws -> [BulkCommandResponse.CommandResult] {
        try await withThrowingTaskGroup(of: (Int, BulkCommandResponse.CommandResult).self) {
            group in
            for (index, job) in jobs.enumerated() {
                group.addTask {
                    let result = try await outcome(
                        of: command, on: job, by: principal, isDryRun: isDryRun)
                    return (index, result)
                }
            }
            let results = try await group.reduce(into: []) { $0.append($1) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func outcome(
        of command: JobCommandName, on job: Job, by principal: Principal, isDryRun: Bool
    ) async throws -> BulkCommandResponse.CommandResult {
        guard principal.mayAct(on: job) else {
            return commandResult(
                .refuse(JobActions.forbiddenReason(for: command.rawValue, job)), job)
        }
        if isDryRun { return commandResult(command.action.eligibility(of: job), job) }
        do {
            let result = try await actions.perform(command.action, on: job.id, by: principal)
            return commandResult(result.eligibility, result.job)
        } catch JobError.notFound {
            return commandResult(.refuse("Job \(job.id) is gone."), job)
        }
    }

    private func commandResult(
        _ eligibility: JobAction.Eligibility, _ job: Job
    ) -> BulkCommandResponse.CommandResult {
        let (result, reason): (String, String?) =
            switch eligibility {
            case .act: ("done", nil)
            case .unchanged: ("unchanged", nil)
            case .refuse(let reason): ("passed_over", reason)
            case .overLimit(let excess): ("passed_over", SubmissionMessage.overLimit(excess))
            }
        return BulkCommandResponse.CommandResult(
            jobID: job.id.rawValue, status: job.state.rawValue, result: result, reason: reason)
    }
}
