// GET /jobs/{job_id}, at once or as soon as the job differs from the versions that the client has.

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
        guard let condition = IfNoneMatch(headers) else { return try await first.full() }
        guard let seconds = Preferences(headers).waitSeconds(most: longPolls.limits.secondsMax)
        else {
            return condition.names(first.tag) ? first.notModified() : try await first.full()
        }
        guard condition.names(first.tag) else {
            return try await first.full(afterWaiting: seconds)
        }
        // The limit of waiting requests is reached: the client may repeat the request.
        guard let ticket = longPolls.register(first.id, user: context.user) else {
            return first.notModified()
        }
        defer { longPolls.unregister(ticket) }
        let known = { @Sendable (version: JobVersion) in
            condition.isAny ? version.tag == first.tag : condition.names(version.tag)
        }
        if let version = try await version(of: context, for: ticket, within: seconds, unless: known)
        {
            return try await version.full(afterWaiting: seconds)
        }
        // Changes that cause no notification, such as another reason to wait.
        let last = try await JobVersion(of: context, presenter)
        return known(last)
            ? first.notModified(afterWaiting: seconds)
            : try await last.full(afterWaiting: seconds)
    }

    /// The first version that the client does not have; `nil` where there is none in time.
    private func version(
        of context: RequestContext, for ticket: LongPollHub.Ticket, within seconds: Int,
        unless isKnown: @escaping @Sendable (JobVersion) -> Bool
    ) async throws -> JobVersion? {
        let (presenter, longPolls, time) = (presenter, longPolls, time)
        let found: Result<JobVersion?, any Error>? = await withTimeout(
            .seconds(seconds), sleep: time.sleep
        ) {
            do {
                // The job may have changed before the request was registered.
                var mayChange = true
                while mayChange, !Task.isCancelled {
                    let version = try await JobVersion(of: context, presenter)
                    if !isKnown(version) { return .success(version) }
                    guard let moment = version.resumption else {
                        mayChange = await longPolls.change(for: ticket)
                        continue
                    }
                    // The end of an upstream pause causes no notification.
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

/// A job as the API shows it, and the entity tag of this version.
private struct JobVersion: Sendable {
    /// Bytes of the digest in the tag: enough that no two versions of a job share them.
    private static let tagBytes = 12

    let id: JobID
    /// Made from the job as lists show it: the symbols of a job never change.
    let tag: EntityTag
    /// When an upstream pause that holds the job up ends; `nil` where there is none.
    let resumption: Timestamp?
    private let shape: JobResponse
    private let store: any JobStore

    init(of context: RequestContext, _ presenter: WaitReasonPresenter) async throws {
        store = presenter.store
        let job = try await JobReference.job(of: context, in: store)
        shape = try await presenter.present(job.asShown)
        resumption = shape.resumeAt.flatMap { Timestamp($0) }
        id = job.id
        let content = JSONCoding.encode(shape)
        tag = EntityTag(
            Hexadecimal.text(SHA256.hash(data: content).prefix(JobVersion.tagBytes)))
    }

    func full(afterWaiting seconds: Int? = nil) async throws -> Response {
        try await .job(.ok, shape, in: store, headers(seconds))
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
    /// How long the client is willing to wait; `nil` without a valid number of seconds.
    fileprivate func waitSeconds(most: Int) -> Int? {
        // Digits only (RFC 7240 §4.3); more of them than an Int holds mean the longest wait.
        guard let text = self["wait"], !text.isEmpty,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let seconds = min(Int(text) ?? .max, most)
        return seconds > 0 ? seconds : nil
    }
}
