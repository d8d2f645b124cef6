// PATCH /jobs/{job_id}: a job's urgency, and whether age may take it. One route for both, since
// both are members of the job as it is shown: what is sent is what is seen afterwards, however
// often it is sent.

import APITypes
import HTTP
import JSON
import Jobs

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
            ownAnswers: [
                .init(
                    status: .ok, details: "The job as it is now.",
                    content: .json(schema: "JobResponse")),
                .unknownJob, .anotherVersion, .invalid,
            ])
    }

    func answer(_ call: RequestContext) async throws -> Response {
        let job = try await JobReference.job(of: call, in: actions.store)
        let body = try RequestBody.object(of: call.request)
        var members = BodyReader(body)
        let number = members.integer("priority", Priority.range)
        let isPinned = members.flag("pinned")
        try members.finish()
        guard number != nil || isPinned != nil else {
            throw APIError.invalid([
                .badValue(["body"], "name at least one of 'priority' and 'pinned'", input: body)
            ])
        }
        try JobActions.check(call.principal, may: "change", job)
        let priority = number.flatMap(Priority.init(rawValue:))
        if let priority, priority > .normal, !call.principal.isAdmin {
            throw APIError.forbidden(
                "Only administrators (ADMIN_USERS) may give a job a priority above "
                    + "\(Priority.normal.rawValue).")
        }
        let result = try await actions.perform(
            .change(priority: priority, isPinned: isPinned), on: job.id, by: call.principal)
        return try await .job(
            .ok, try await actions.presenter.answer(result.job), in: actions.store)
    }
}
