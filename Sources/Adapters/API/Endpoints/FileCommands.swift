// Commands to the files of a job: POST /jobs/{job_id}/verify and /accept-gaps.

import APITypes
import Datasets
import HTTP
import Jobs
import Logging

/// Starts a verification of a job's files.
struct VerifyJob: Endpoint {
    let dependencies: APIDependencies

    var writes: WriteRates.Kind? { .verification }

    var operation: Operation {
        Operation(
            method: .post, path: PathTemplate("/jobs/{job_id}/verify"), identifier: "verify_job",
            summary: "Verify a job's files",
            details:
                "Every published file is read from disk and proven again. One that is damaged, "
                + "or not what it was, is put aside as `NAME.quarantine`; that, or a missing one, "
                + "is put back with its recorded bytes. Where Tardis has other bytes now, the file "
                + "is left out and the job `failed`, unless `accept_revision` is true. The job is "
                + "`pending` and `running` meanwhile; `verification` then says what was found.",
            parameters: [JobReference.parameter], requestBody: "Verification", mayOmitBody: true,
            responses: [
                .json(.accepted, "JobSubmitResponse", "Its files will be verified."),
                .unknownJob, .invalid, .conflict,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        let job = try await JobReference.job(of: context, in: dependencies.store)
        var acceptsRevision = false
        if let body = try RequestBody.objectIfAny(of: context.request) {
            var members = BodyReader(body)
            acceptsRevision = members.flag("accept_revision") ?? false
            try members.finish()
        }
        let begun = try await dependencies.store.beginVerification(
            of: job.id, by: context.principal, acceptsRevision: acceptsRevision,
            at: dependencies.time.now)
        guard let verified = begun else {
            throw APIError.conflict(VerifyJob.conflictReason(for: job))
        }
        dependencies.submitted(verified)
        let files =
            verified.progress.filesTotal - verified.progress.filesDone
            - verified.progress.filesFailed - verified.progress.filesCancelled
        return .json(
            .accepted,
            SubmitResponse(
                jobID: job.id.rawValue,
                message:
                    "\(TextFormat.counted(files, "file")) of job \(job.id) will be proven again.",
                status: verified.state.rawValue, notes: []))
    }

    private static func conflictReason(for job: Job) -> String {
        job.state.isFinal
            ? "Job \(job.id) has no published files that could be verified."
            : "Job \(job.id) is \(job.state.rawValue). Its files can be verified once it has ended."
    }
}

/// Accepts files that Tardis does not have.
struct AcceptGaps: Endpoint {
    /// Names in one request; a request without names accepts all gaps.
    private static let namesMax = 1_000

    let dependencies: APIDependencies

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
            responses: [
                .json(.ok, "JobResponse", "The job as it is now."),
                .unknownJob, .invalid, .conflict,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        let job = try await JobReference.job(of: context, in: dependencies.store)
        let names = try AcceptGaps.names(in: context.request)
        try JobActions.check(context.principal, may: "accept gaps of", job)
        let result = try await dependencies.store.acceptGaps(
            of: job.id, named: names, by: context.principal, at: dependencies.time.now)
        if case .refuse(let reason) = result.eligibility { throw APIError.conflict(reason) }
        dependencies.runner.notificationsQueued()
        dependencies.logger.info(
            "gaps accepted",
            metadata: [
                "job": "\(job.id)", "user": "\(context.user)",
                "gaps": "\(result.job.progress.gapsAccepted)",
            ])
        return .json(.ok, JobResponse(result.job))
    }

    /// The names in the body; `nil` where all gaps are meant.
    private static func names(in request: Request) throws(APIError) -> [String]? {
        guard let body = try RequestBody.objectIfAny(of: request) else { return nil }
        var members = BodyReader(body)
        let names = members.texts("files", 1...namesMax)
        try members.finish()
        return names
    }
}
