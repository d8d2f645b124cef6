// GET /jobs/{job_id}/events and GET /events: the history of a job, and of the whole service.

import APITypes
import Datasets
import HTTP
import Jobs

/// Shows a job's history.
struct ListJobEvents: Endpoint {
    let store: any JobStore
    let presenter: WaitReasonPresenter

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/jobs/{job_id}/events"),
            identifier: "list_job_events", summary: "Show a job's history",
            details: "Who did what to the job, and when, oldest first; and in `waiting`, why the "
                + "job waits at this moment. Addresses are shown to the job's owner and "
                + "administrators only.",
            parameters: [JobReference.parameter] + EventPaging.parameters,
            responses: [
                .json(.ok, "JobEventsResponse", "The page."),
                .unknownJob, .invalid,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        let paging = try EventPaging(context.request)
        let job = try await JobReference.job(of: context, in: store)
        let showsAddresses = context.principal.mayAct(on: job)
        return try await LongComputation.answer { [store, presenter] in
            let page = try await store.events(
                of: job.id, limit: paging.limit, offset: paging.offset)
            return .json(
                .ok,
                JobEventsResponse(
                    jobID: job.id.rawValue,
                    events: page.events.map { EventResponse($0, showsAddress: showsAddresses) },
                    total: page.total,
                    waiting: try await presenter.waiting(of: job, countingJobs: true)))
        }
    }
}

extension EventResponse {
    /// The event as the API shows it.
    init(_ event: JobEvent, showsAddress: Bool) {
        let address = event.principal.address
        self.init(
            id: event.id, jobID: event.job?.rawValue, at: event.at.iso8601,
            event: event.kind.rawValue, by: event.principal.name,
            from: showsAddress && !address.isEmpty ? address : nil, detail: event.detail)
    }
}

/// Shows the history of the whole service.
struct ListEvents: Endpoint {
    let store: any JobStore

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/events"), identifier: "list_events",
            summary: "Show the service's history",
            details: "Who did what to which job or to the service, newest first. For "
                + "administrators.",
            parameters: EventPaging.parameters,
            responses: [
                .json(.ok, "EventListResponse", "The page."),
                .invalid,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        let paging = try EventPaging(context.request)
        guard context.principal.isAdmin else {
            throw APIError.forbidden(
                "Only administrators (ADMIN_USERS) may see the history of the whole service; that "
                    + "of a job is at /jobs/{job_id}/events.")
        }
        return try await LongComputation.answer { [store] in
            let page = try await store.events(
                of: nil, limit: paging.limit, offset: paging.offset)
            return .json(
                .ok,
                EventListResponse(
                    events: page.events.map { EventResponse($0, showsAddress: true) },
                    total: page.total))
        }
    }
}
