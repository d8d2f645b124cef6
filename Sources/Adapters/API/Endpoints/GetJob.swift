// GET /jobs/{job_id}, at once or as soon as the job differs from the versions that the client has,
// and GET /jobs/{job_id}/status.

import APITypes
import Bytes
import Concurrency
import Crypto
import Datasets
import HTTP
import JSON
import Jobs

/// Shows a job.
struct GetJob: Endpoint {
    let presenter: WaitReasonPresenter
    let longPolls: LongPollHub
    let time: any Timekeeping

    var hasVersions: Bool { true }

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/jobs/{job_id}"), identifier: "get_job",
            summary: "Show a job",
            details: "The job, and how far it has come. With If-None-Match and `Prefer: wait=30` "
                + "the answer waits up to 30 seconds for the job to change.",
            parameters: [
                JobReference.parameter,
                .init(
                    name: "If-None-Match", location: .header,
                    details: "Entity tags of versions that the client has, or `*`."),
                .init(
                    name: "Prefer", location: .header,
                    details: "`wait=SECONDS`: how long to wait for a version that If-None-Match "
                        + "does not name, \(longPolls.limits.secondsMax) seconds at most."),
            ],
            responses: [
                .json(.ok, "JobResponse", "The job.", headers: [.entityTag, .preferenceApplied]),
                .init(
                    status: .notModified, details: "It is still a version that the client has.",
                    content: .nothing, headers: [.entityTag, .preferenceApplied]),
                .unknownJob, .anotherVersion, .invalid,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        let first = try await JobVersion(of: context, presenter)
        let headers = context.request.headers
        guard let condition = IfNoneMatch(headers) else { return try await first.whole() }
        guard let seconds = Preferences(headers).waitSeconds(most: longPolls.limits.secondsMax)
        else {
            return condition.names(first.tag) ? first.notModified() : try await first.whole()
        }
        guard condition.names(first.tag) else {
            return try await first.whole(afterWaiting: seconds)
        }
        // Too many wait already: the client may ask again when it likes.
        guard let ticket = longPolls.register(first.id, user: context.user) else {
            return first.notModified()
        }
        defer { longPolls.unregister(ticket) }
        let known = { @Sendable (version: JobVersion) in
            condition.isAny ? version.tag == first.tag : condition.names(version.tag)
        }
        if let version = try await version(of: context, at: ticket, for: seconds, unless: known) {
            return try await version.whole(afterWaiting: seconds)
        }
        // Whatever nobody was told of.
        let last = try await JobVersion(of: context, presenter)
        return known(last)
            ? first.notModified(afterWaiting: seconds)
            : try await last.whole(afterWaiting: seconds)
    }

    /// The first version that is not known; `nil` where there is none in time.
    private func version(
        of context: RequestContext, at ticket: LongPollHub.Ticket, for seconds: Int,
        unless isKnown: @escaping @Sendable (JobVersion) -> Bool
    ) async throws -> JobVersion? {
        let (presenter, longPolls, time) = (presenter, longPolls, time)
        let found: Result<JobVersion?, any Error>? = await withTimeout(
            .seconds(seconds), sleep: time.sleep
        ) {
            do {
                // It may have changed before the place was taken.
                var mayChange = true
                while mayChange, !Task.isCancelled {
                    let version = try await JobVersion(of: context, presenter)
                    if !isKnown(version) { return .success(version) }
                    guard let moment = version.resumption else {
                        mayChange = await longPolls.change(for: ticket)
                        continue
                    }
                    // When the upstream has rested, only the clock tells.
                    mayChange =
                        await withTimeout(moment - time.now, sleep: time.sleep) {
                            await longPolls.change(for: ticket)
                        } ?? true
                }
                return .success(nil)
            } catch {
                return .failure(error)
            }
        }
        return try found?.get() ?? nil
    }
}

/// A job as it is shown, and the name of just this version.
private struct JobVersion: Sendable {
    /// Bytes of the digest that the tag has: no two versions of a job will ever share them.
    private static let tagBytes = 12

    let id: JobID
    /// Made of the job as lists show it: the other symbols stay as they are.
    let tag: EntityTag
    /// When the job goes on that the upstream holds up; `nil` where it does not.
    let resumption: Timestamp?
    private let answer: JobResponse
    private let store: any JobStore

    init(of context: RequestContext, _ presenter: WaitReasonPresenter) async throws {
        store = presenter.store
        let job = try await JobReference.job(of: context, in: store)
        answer = try await presenter.answer(job.asShown)
        resumption = answer.resumeAt.flatMap { Timestamp($0) }
        id = job.id
        let content = JSONCoding.encode(answer)
        tag = EntityTag(
            Hexadecimal.text(SHA256.hash(data: content).prefix(JobVersion.tagBytes)))
    }

    func whole(afterWaiting seconds: Int? = nil) async throws -> Response {
        try await .job(.ok, answer, in: store, headers(seconds))
    }

    func notModified(afterWaiting seconds: Int? = nil) -> Response {
        Response(status: .notModified, headers: headers(seconds))
    }

    private func headers(_ seconds: Int?) -> Headers {
        var headers = Headers(["ETag": tag.text])
        if let seconds { headers.append("Preference-Applied", "wait=\(seconds)") }
        return headers
    }
}

extension Preferences {
    /// How long the client would wait for its answer; `nil` where it would not, or says no number.
    fileprivate func waitSeconds(most: Int) -> Int? {
        // Digits alone (RFC 7240 §4.3); so many of them that they are no number mean long.
        guard let text = self["wait"], !text.isEmpty,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let seconds = min(Int(text) ?? .max, most)
        return seconds > 0 ? seconds : nil
    }
}

/// Shows where a job stands.
struct GetJobStatus: Endpoint {
    let store: any JobStore
    let presenter: WaitReasonPresenter

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/jobs/{job_id}/status"),
            identifier: "get_job_status", summary: "Show a job's status",
            details: "The few members of a job that a script polls for.",
            parameters: [JobReference.parameter],
            responses: [
                .json(.ok, "JobStatusResponse", "Where it stands."),
                .unknownJob, .invalid,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        let found = try await JobReference.job(of: context, in: store)
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
    func immediateResponse(to context: RequestContext) throws -> Response? {
        guard let id = try JobReference.id(of: context) else { return nil }
        return store.jobInMemory(id)?.answer.map { .json(.ok, $0) }
    }
}
