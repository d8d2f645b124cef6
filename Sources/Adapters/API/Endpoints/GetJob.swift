// GET /jobs/{job_id}: one job, whole.

import APITypes
import HTTP
import Jobs

/// Shows a job.
struct GetJob: Endpoint {
    let store: any JobStoring
    let time: any Timekeeping

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/jobs/{job_id}"), identifier: "get_job",
            summary: "Show a job", details: "The job, and how far it has come.",
            parameters: [JobReference.parameter],
            ownAnswers: [
                .init(status: .ok, details: "The job.", content: .json(schema: "JobResponse")),
                .unknownJob, .invalid,
            ])
    }

    func answer(_ call: Call) async throws -> Response {
        let job = try await JobReference.job(of: call, in: store)
        let resumption = try await UpstreamRest.resumption(of: job, at: time.now, in: store)
        return .json(.ok, JobAnswer(job, resumption: resumption))
    }
}
