// Commands to one job: POST /jobs/{job_id}/cancel, /retry, /pause and /resume, DELETE and PATCH
// /jobs/{job_id}.

import APITypes
import HTTP
import JSON
import Jobs
import Logging

/// Does one of the things that people do to jobs.
struct JobCommandEndpoint: Endpoint {
    private let verb: JobCommandName
    private let method: Method
    private let actions: JobActions

    var writes: WriteRates.Kind? { .command }

    init(_ verb: JobCommandName, by method: Method = .post, _ actions: JobActions) {
        self.verb = verb
        self.method = method
        self.actions = actions
    }

    var operation: Operation {
        let path = "/jobs/{job_id}" + (method == .post ? "/\(verb.rawValue)" : "")
        let name = method == .post ? verb.rawValue : method.rawValue.lowercased()
        return Operation(
            method: method, path: PathTemplate(path), identifier: "\(name)_job",
            summary: verb.summary,
            details: verb.details + " For the job's owner and administrators."
                + (method == .post ? "" : " The same as `POST /jobs/{job_id}/cancel`."),
            parameters: [JobReference.parameter],
            responses: [
                .json(verb.status, "JobResponse", "The job as it is now."),
                .unknownJob, .invalid, .conflict,
            ] + (verb == .retry ? [JobCommandEndpoint.overLimit] : [])
                + (method == .delete ? [DeclaredResponse.anotherVersion] : []))
    }

    private static let overLimit = DeclaredResponse.error(
        .tooManyRequests, "The job's owner has as many jobs that have not ended as one may.",
        headers: [.retryAfter])

    func respond(to context: RequestContext) async throws -> Response {
        let job = try await JobReference.job(of: context, in: actions.store)
        try JobActions.check(context.principal, may: verb.rawValue, job)
        // Accepted gaps are asked for again only by a retry of this one job.
        let retriesGaps = verb == .retry && job.state == .completed && job.progress.gapsAccepted > 0
        let result = try await actions.perform(
            retriesGaps ? .retryGaps : verb.action, on: job.id, by: context.principal)
        switch result.eligibility {
        case .act, .unchanged: break
        case .refuse(let reason): throw APIError.conflict(reason)
        case .overLimit(let excess):
            throw APIError.overLimit(
                SubmissionMessage.overLimit(excess), retryAfterSeconds: CreateJob.queueSeconds)
        }
        return try await .job(
            verb.status, try await actions.presenter.answer(result.job), in: actions.store)
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
                + "are tried, as if never tried before. Of a completed job, gaps that were accepted "
                + "are."
        case .pause:
            "Stops a pending or running job until it is resumed: it is `pending` and `paused`, its "
                + "transfers are put back uncounted. Once paused, the same again changes nothing."
        case .resume:
            "Lets a paused job wait for its turn again. The same again changes nothing."
        }
    }
}

/// Changes members of a job.
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
            .ok, try await actions.presenter.answer(result.job), in: actions.store)
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

/// Does things to jobs.
struct JobActions: Sendable {
    let store: any JobStore
    let presenter: WaitReasonPresenter
    private let steward: JobCommandService
    private let limits: RuntimeLimits
    private let logger: Logger

    init(_ dependencies: APIDependencies) {
        store = dependencies.store
        presenter = WaitReasonPresenter(dependencies)
        limits = dependencies.limits
        steward = JobCommandService(
            store: dependencies.store, runner: dependencies.runner, clock: dependencies.time)
        logger = dependencies.logger
    }

    /// - Throws: ``APIError/forbidden(_:)`` unless the principal may act on the job.
    static func check(_ principal: Principal, may verb: String, _ job: Job) throws(APIError) {
        guard !principal.mayAct(on: job) else { return }
        throw .forbidden(objection(to: verb, job))
    }

    /// Why somebody may not do something to a job that is another's.
    static func objection(to verb: String, _ job: Job) -> String {
        "Only \(job.createdBy), who submitted job \(job.id), and administrators (ADMIN_USERS) may "
            + "\(verb) it."
    }

    /// Does something to a job, on behalf of somebody who may.
    ///
    /// - Throws: what the store throws.
    func perform(
        _ action: JobAction, on id: JobID, by principal: Principal
    ) async throws -> JobActionResult {
        let result = try await steward.execute(
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
