// Commands to one job: POST /jobs/{job_id}/cancel, /retry, /pause and /resume, DELETE and PATCH
// /jobs/{job_id}.

import APITypes
import HTTP
import JSON
import Jobs
import Logging

/// Executes one command on one job.
struct JobCommandEndpoint: Endpoint {
    private let command: JobCommandName
    private let method: Method
    private let actions: JobActions

    var writes: WriteRates.Kind? { .command }

    init(_ command: JobCommandName, by method: Method = .post, _ actions: JobActions) {
        self.command = command
        self.method = method
        self.actions = actions
    }

    var operation: Operation {
        let path = "/jobs/{job_id}" + (method == .post ? "/\(command.rawValue)" : "")
        let name = method == .post ? command.rawValue : method.rawValue.lowercased()
        return Operation(
            method: method, path: PathTemplate(path), identifier: "\(name)_job",
            summary: command.summary,
            details: command.details + " For the job's owner and administrators."
                + (method == .post ? "" : " The same as `POST /jobs/{job_id}/cancel`."),
            parameters: [JobReference.parameter],
            responses: [
                .json(command.status, "JobResponse", "The job as it is now."),
                .unknownJob, .invalid, .conflict,
            ] + (command == .retry ? [JobCommandEndpoint.overLimit] : [])
                + (method == .delete ? [DeclaredResponse.anotherVersion] : []))
    }

    private static let overLimit = DeclaredResponse.error(
        .tooManyRequests, "The job's owner has as many jobs that have not ended as one may.",
        headers: [.retryAfter])

    func respond(to context: RequestContext) async throws -> Response {
        let job = try await JobReference.job(of: context, in: actions.store)
        try JobActions.check(context.principal, may: command.rawValue, job)
        // Only a retry of this one job asks for its accepted gaps again.
        let retriesGaps =
            command == .retry && job.state == .completed && job.progress.gapsAccepted > 0
        let result = try await actions.perform(
            retriesGaps ? .retryGaps : command.action, on: job.id, by: context.principal)
        switch result.eligibility {
        case .act, .unchanged: break
        case .refuse(let reason): throw APIError.conflict(reason)
        case .overLimit(let excess):
            throw APIError.overLimit(
                SubmissionMessage.overLimit(excess), retryAfterSeconds: CreateJob.queueSeconds)
        }
        return try await .job(
            command.status, try await actions.presenter.present(result.job), in: actions.store)
    }
}

extension JobCommandName {
    fileprivate var status: Status {
        switch self {
        case .retry: .accepted
        case .cancel, .pause, .resume: .ok
        }
    }

    fileprivate var summary: String {
        switch self {
        case .cancel: "Cancel a job"
        case .retry: "Retry a job's failed files"
        case .pause: "Pause a job"
        case .resume: "Resume a paused job"
        }
    }

    fileprivate var details: String {
        switch self {
        case .cancel:
            "Ends a pending or running job: its transfers are closed at once, files that are "
                + "proven stay, and the others are `cancelled`. Once cancelled, the same again "
                + "changes nothing."
        case .retry:
            "Makes a failed or cancelled job `pending` again. Only its failed and cancelled files "
                + "are tried, as if never tried before. Of a completed job, accepted gaps are "
                + "tried."
        case .pause:
            "Stops a pending or running job until it is resumed: it is `pending` and `paused`, its "
                + "transfers are put back uncounted. Once paused, the same again changes nothing."
        case .resume:
            "Lets a paused job wait for its turn again. The same again changes nothing."
        }
    }
}

/// Changes a job's priority, or whether it is kept however old it is: members of the job as it is
/// shown, so that a repeated request changes nothing.
struct ChangeJob: Endpoint {
    let actions: JobActions

    var writes: WriteRates.Kind? { .command }

    var operation: Operation {
        Operation(
            method: .patch, path: PathTemplate("/jobs/{job_id}"), identifier: "change_job",
            summary: "Change a job's priority, or pin it",
            details: "What is not sent stays. A priority above \(Priority.normal.rawValue) is for "
                + "administrators; anything else for the job's owner, too.",
            parameters: [JobReference.parameter], requestBody: "JobChange",
            responses: [
                .json(.ok, "JobResponse", "The job as it is now."),
                .unknownJob, .anotherVersion, .invalid,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        let job = try await JobReference.job(of: context, in: actions.store)
        let body = try RequestBody.object(of: context.request)
        var members = BodyReader(body)
        let number = members.integer("priority", Priority.range)
        let isPinned = members.flag("pinned")
        try members.finish()
        guard number != nil || isPinned != nil else {
            throw APIError.invalid([
                .badValue(["body"], "name at least one of 'priority' and 'pinned'", input: body)
            ])
        }
        try JobActions.check(context.principal, may: "change", job)
        let priority = number.flatMap(Priority.init(rawValue:))
        if let priority, priority > .normal, !context.principal.isAdmin {
            throw APIError.forbidden(
                "Only administrators (ADMIN_USERS) may give a job a priority above "
                    + "\(Priority.normal.rawValue).")
        }
        let result = try await actions.perform(
            .change(priority: priority, isPinned: isPinned), on: job.id, by: context.principal)
        return try await .job(
            .ok, try await actions.presenter.present(result.job), in: actions.store)
    }
}

extension JobCommandName {
    var action: JobAction {
        switch self {
        case .cancel: .cancel
        case .retry: .retry
        case .pause: .pause
        case .resume: .resume
        }
    }
}

/// Executes commands on jobs, for those who may, and logs them.
struct JobActions: Sendable {
    let store: any JobStore
    let presenter: WaitReasonPresenter
    private let service: JobCommandService
    private let limits: RuntimeLimits
    private let logger: Logger

    init(_ dependencies: APIDependencies) {
        store = dependencies.store
        presenter = WaitReasonPresenter(dependencies)
        limits = dependencies.limits
        service = JobCommandService(
            store: dependencies.store, runner: dependencies.runner, clock: dependencies.time)
        logger = dependencies.logger
    }

    /// - Throws: ``APIError/forbidden(_:)`` unless the principal may act on the job.
    static func check(_ principal: Principal, may command: String, _ job: Job) throws(APIError) {
        guard !principal.mayAct(on: job) else { return }
        throw .forbidden(forbiddenReason(for: command, job))
    }

    /// Why a user may not act on a job of another user.
    static func forbiddenReason(for command: String, _ job: Job) -> String {
        "Only \(job.createdBy), who submitted job \(job.id), and administrators (ADMIN_USERS) may "
            + "\(command) it."
    }

    /// Executes a command for a principal who may.
    ///
    /// - Throws: what the store throws.
    func perform(
        _ action: JobAction, on id: JobID, by principal: Principal
    ) async throws -> JobActionResult {
        let result = try await service.execute(
            action, on: id, by: principal, within: UserQuota(limits.current))
        guard result.eligibility == .act else { return result }
        logger.info(
            "job changed",
            metadata: [
                "job": "\(id)", "action": "\(action)", "user": "\(principal.name)",
                "state": "\(result.job.state.rawValue)",
            ])
        return result
    }
}
