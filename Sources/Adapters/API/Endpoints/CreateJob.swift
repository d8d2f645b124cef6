// POST /download: reads a request, stores it as a job, and only then accepts it.

import APITypes
import Crypto
import Datasets
import HTTP
import JSON
import Jobs
import Logging

/// Accepts a job.
struct CreateJob: Endpoint {
    /// Seconds within which one of a thousand waiting jobs is likely to end.
    static let queueSeconds = 60

    let dependencies: APIDependencies
    private let inFlightKeys = InFlightKeys()

    var writes: WriteRates.Kind? { .submission }

    func respond(to context: RequestContext) async throws -> Response {
        guard let key = try IdempotencyKey.read(from: context.request) else {
            return try await accept(context, key: nil)
        }
        let userKey = InFlightKeys.UserKey(user: context.user, key: key)
        guard inFlightKeys.insert(userKey) else { throw APIError.keyInUse }
        defer { inFlightKeys.remove(userKey) }
        let fingerprint = Array(SHA256.hash(data: context.request.body))
        let outcome = try await dependencies.store.outcome(
            of: key, fingerprint: fingerprint, by: context.user, at: dependencies.time.now)
        // Before validation: a request that was accepted may be invalid today.
        if let outcome { return try await response(to: outcome, context, key: key) }
        return try await accept(context, key: (key, fingerprint))
    }

    private func accept(
        _ context: RequestContext, key: (text: String, fingerprint: [UInt8])?
    ) async throws -> Response {
        let parsed = try await SubmissionParser(dependencies: dependencies).parse(context)
        let control = parsed.options.control
        guard control.priority <= .normal || context.principal.isAdmin else {
            throw APIError.adminsOnly(
                "A priority above \(Priority.normal.rawValue) is for administrators. "
                    + "Ask for \(Priority.normal.rawValue) or less.")
        }
        let submission = Submission(
            parsed.request, by: context.principal, control: control,
            isForced: parsed.options.isForced,
            idempotency: key.map { Idempotency(key: $0.text, fingerprint: $0.fingerprint) },
            limits: UserQuota(dependencies.limits.current))
        let outcome = try await dependencies.store.submit(submission, at: dependencies.time.now)
        switch outcome {
        case .accepted(let job):
            dependencies.submitted(job)
            log("job accepted", job.id, context, files: job.progress.filesTotal)
            return accepted(job.id, parsed.content(about: job, isDuplicate: false))
        case .duplicate(let job):
            log("equal request", job.id, context)
            return accepted(job.id, parsed.content(about: job, isDuplicate: true))
        default:
            return try await response(to: outcome, context, key: key?.text ?? "")
        }
    }

    /// The response where no job was made.
    private func response(
        to outcome: SubmissionOutcome, _ context: RequestContext, key: String
    ) async throws -> Response {
        switch outcome {
        case .replayed(let kept):
            log("repeated request", kept.job, context)
            let job = try await dependencies.store.job(kept.job)
            return accepted(kept.job, kept.content(about: job), isReplayed: true)
        case .keyReused: throw APIError.invalid([.reusedKey(key)])
        case .overLimit(let excess):
            throw APIError.overLimit(
                SubmissionMessage.overLimit(excess), retryAfterSeconds: seconds(until: excess))
        case .accepted, .duplicate: preconditionFailure("the caller handles these")
        }
    }

    private func accepted(
        _ job: JobID, _ content: [UInt8], isReplayed: Bool = false
    ) -> Response {
        // Relative to `/download`, so that a path prefix of a proxy is kept (RFC 9110 §10.2.2).
        var headers = Headers(["Location": "jobs/\(job)"])
        if isReplayed { headers.append("Idempotency-Replayed", "true") }
        return .json(.accepted, content, headers)
    }

    /// Seconds until a quota may have room again; `nil` where waiting does not help.
    private func seconds(until excess: QuotaExceeded) -> Int? {
        switch excess {
        case .queuedJobs: return CreateJob.queueSeconds
        case .filesPerDay(let files, _, let most):
            guard files <= most else { return nil }
            let now = dependencies.time.now
            let microseconds = now.day.advanced(by: 1).start.microseconds - now.microseconds
            return Int((microseconds + 999_999) / 1_000_000)
        }
    }

    private func log(
        _ message: Logger.Message, _ job: JobID, _ context: RequestContext, files: Int? = nil
    ) {
        var metadata: Logger.Metadata = [
            "request": .string(context.request.id), "job": .string(job.description),
            "user": .string(context.user),
        ]
        if let files { metadata["files"] = .string(String(files)) }
        dependencies.logger.info(message, metadata: metadata)
    }
}

extension CreateJob {
    var operation: Operation {
        Operation(
            method: .post, path: PathTemplate("/download"), identifier: "submit_download",
            summary: "Submit a download",
            details: "Accepts a job that downloads one file per symbol, data type and day, both "
                + "days included. It is on disk when the answer comes and runs in the background. "
                + "Where an equal request of the same user is active, that job is the answer.",
            parameters: [CreateJob.key],
            requestBody: "DownloadRequest",
            responses: [
                .json(
                    .accepted, "JobSubmitResponse", "The job is kept and will run.",
                    headers: [.location, .replayed]),
                .error(
                    .conflict, "A request with the same Idempotency-Key is being answered.",
                    headers: [.retryAfter]),
                .invalid,
                .error(
                    .tooManyRequests,
                    "The user has as many jobs, or has asked for as many files today, as "
                        + "one may. `Retry-After` is missing where waiting does not help.",
                    headers: [.retryAfterIfAny]),
            ])
    }

    private static let key = Operation.Parameter(
        name: IdempotencyKey.headerName.text, location: .header,
        details: "Makes sending a request again harmless: for 24 hours the same key with the same "
            + "body brings the same answer, made anew of the job as it was, and no second "
            + "job. In quotes (RFC 8941), or a token without them. Chosen anew for each request, "
            + "such as a UUID.",
        schema: ["type": "string", "pattern": .string(IdempotencyKey.pattern)])
}
