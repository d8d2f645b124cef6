// GET /jobs/{job_id}/status: what a script polls for.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs

/// Shows where a job stands.
struct GetJobStatus: Endpoint {
    let store: any JobStoring
    let presenter: WaitReasonPresenter

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/jobs/{job_id}/status"),
            identifier: "get_job_status", summary: "Show a job's status",
            details: "The few members of a job that a script polls for.",
            parameters: [JobReference.parameter],
            ownAnswers: [
                .init(
                    status: .ok, details: "Where it stands.",
                    content: .json(schema: "JobStatusResponse")),
                .unknownJob, .invalid,
            ])
    }

    func answer(_ call: RequestContext) async throws -> Response {
        let found = try await JobReference.job(of: call, in: store)
        let remembered = store.jobInMemory(found.id)
        let job = remembered?.job ?? found
        let content = JSONCoding.encode(
            JobStatusResponse(
                jobID: job.id.rawValue, status: job.state.rawValue, createdBy: job.createdBy,
                createdAt: job.createdAt.iso8601, errorMessage: job.errorMessage,
                waiting: try await presenter.waiting(of: job, countingJobs: false)))
        remembered?.keep(content)
        return .json(.ok, content)
    }

    /// As it was when it was made, a second ago at most: why a job waits may change meanwhile.
    func answerAtOnce(_ call: RequestContext) throws -> Response? {
        guard let id = try JobReference.id(of: call) else { return nil }
        return store.jobInMemory(id)?.answer.map { .json(.ok, $0) }
    }
}
