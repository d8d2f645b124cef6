// POST /jobs/{job_id}/verify: has everything that a job published proven again.

import APITypes
import Datasets
import HTTP
import Jobs

/// Has a job's files proven from disk.
struct VerifyJob: Endpoint {
    let store: any JobStoring
    let time: any Timekeeping
    /// Wakes the queue.
    let submitted: @Sendable (Job) -> Void

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
            ownAnswers: [
                .init(
                    status: .accepted, details: "Its files will be verified.",
                    content: .json(schema: "JobSubmitResponse")),
                .unknownJob, .invalid, .conflict,
            ])
    }

    func answer(_ call: RequestContext) async throws -> Response {
        let job = try await JobReference.job(of: call, in: store)
        var acceptsRevision = false
        if let body = try RequestBody.objectIfAny(of: call.request) {
            var members = BodyReader(body)
            acceptsRevision = members.flag("accept_revision") ?? false
            try members.finish()
        }
        let begun = try await store.beginVerification(
            of: job.id, by: call.principal, acceptsRevision: acceptsRevision, at: time.now)
        guard let verified = begun else {
            throw APIError.conflict(VerifyJob.objection(to: job))
        }
        submitted(verified)
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

    private static func objection(to job: Job) -> String {
        job.state.isFinal
            ? "Job \(job.id) has no published files that could be verified."
            : "Job \(job.id) is \(job.state.rawValue). Its files can be verified once it has ended."
    }
}
