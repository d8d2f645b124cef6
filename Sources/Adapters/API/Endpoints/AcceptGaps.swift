// POST /jobs/{job_id}/accept-gaps: lets a job be completed although Tardis lacks some of its days.

import APITypes
import HTTP
import Jobs
import Logging

/// Accepts files that Tardis does not have.
struct AcceptGaps: Endpoint {
    /// Names in one request; without any, a request is about all gaps.
    private static let namesMax = 1_000

    let parts: APIDependencies

    init(_ parts: APIDependencies) {
        self.parts = parts
    }

    var writes: WriteRates.Kind? { .command }

    var operation: Operation {
        Operation(
            method: .post, path: PathTemplate("/jobs/{job_id}/accept-gaps"),
            identifier: "accept_gaps", summary: "Accept a job's gaps",
            details: "A gap is a file that Tardis does not have (404) although its catalogue gives "
                + "no reason; Tardis must have been asked on two days, or have other days of the "
                + "symbol. Accepted gaps are `unavailable`; once nothing else is missing, the job "
                + "is `completed`, and its notes, manifest and digest name them. Without `files` "
                + "all gaps are accepted. A retry asks for them again. For the job's owner and "
                + "administrators.",
            parameters: [JobReference.parameter], requestBody: "GapAcceptance", mayOmitBody: true,
            ownAnswers: [
                .init(
                    status: .ok, details: "The job as it is now.",
                    content: .json(schema: "JobResponse")),
                .unknownJob, .invalid, .conflict,
            ])
    }

    func answer(_ call: RequestContext) async throws -> Response {
        let job = try await JobReference.job(of: call, in: parts.store)
        let names = try AcceptGaps.names(in: call.request)
        try JobActions.check(call.principal, may: "accept gaps of", job)
        let result = try await parts.store.acceptGaps(
            of: job.id, named: names, by: call.principal, at: parts.time.now)
        if case .refuse(let reason) = result.verdict { throw APIError.conflict(reason) }
        parts.conductor.tell()
        parts.logger.info(
            "gaps accepted",
            metadata: [
                "job": "\(job.id)", "user": "\(call.user)",
                "gaps": "\(result.job.progress.gapsAccepted)",
            ])
        return .json(.ok, JobResponse(result.job))
    }

    /// The names that are sent; `nil` where all gaps are meant.
    private static func names(in request: Request) throws(APIError) -> [String]? {
        guard let body = try RequestBody.objectIfAny(of: request) else { return nil }
        var members = BodyReader(body)
        let names = members.texts("files", 1...namesMax)
        try members.finish()
        return names
    }
}
