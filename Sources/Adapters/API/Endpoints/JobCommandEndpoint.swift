// POST /jobs/{job_id}/cancel, /retry, /pause and /resume, and DELETE /jobs/{job_id}: one job.

import APITypes
import HTTP
import Jobs

/// Does one of the things that people do to jobs.
struct JobCommandEndpoint: Endpoint {
    private let verb: JobVerb
    private let method: Method
    private let actions: JobActions

    var writes: WriteRates.Kind? { .command }

    init(_ verb: JobVerb, by method: Method = .post, _ actions: JobActions) {
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
            ownAnswers: [
                .init(
                    status: verb.status, details: "The job as it is now.",
                    content: .json(schema: "JobResponse")),
                .unknownJob, .invalid, .conflict,
            ] + (verb == .retry ? [JobCommandEndpoint.overLimit] : [])
                + (method == .delete ? [Operation.Answer.anotherVersion] : []))
    }

    private static let overLimit = Operation.Answer(
        status: .tooManyRequests,
        details: "The job's owner has as many jobs that have not ended as one may.",
        content: .json(schema: "Error"), headers: [.retryAfter])

    func answer(_ call: RequestContext) async throws -> Response {
        let job = try await JobReference.job(of: call, in: actions.store)
        try JobActions.check(call.principal, may: verb.rawValue, job)
        // Accepted gaps are asked for again only by a retry of this one job.
        let retriesGaps = verb == .retry && job.state == .completed && job.progress.gapsAccepted > 0
        let result = try await actions.perform(
            retriesGaps ? .retryGaps : verb.action, on: job.id, by: call.principal)
        switch result.verdict {
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

extension JobVerb {
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
