// GET /jobs/{job_id}/status: what a script polls for.

import APITypes
import Datasets
import HTTP
import Jobs

/// Shows where a job stands.
struct GetJobStatus: Endpoint {
    let store: any JobStoring

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

    func answer(_ call: Call) async throws -> Response {
        let job = try await JobReference.job(of: call, in: store)
        return .json(
            .ok,
            JobStatusAnswer(
                jobID: job.id.rawValue, status: job.state.rawValue, createdBy: job.createdBy,
                createdAt: job.createdAt.iso8601, errorMessage: job.errorMessage))
    }
}
