// GET /events: what happened to anything, for administrators.

import APITypes
import HTTP
import Jobs

/// Shows the whole history.
struct ListEvents: Endpoint {
    let store: any JobStoring

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/events"), identifier: "list_events",
            summary: "Show the service's history",
            details: "Who did what to which job or to the service, newest first. For "
                + "administrators.",
            parameters: [
                .limit(
                    "Events on the page at most.", max: EventPaging.limitMax,
                    default: EventPaging.limitDefault),
                .offset("Events to skip."),
            ],
            ownAnswers: [
                .init(
                    status: .ok, details: "The page.", content: .json(schema: "EventListResponse")),
                .invalid,
            ])
    }

    func answer(_ call: RequestContext) async throws -> Response {
        let paging = try EventPaging(call.request)
        guard call.principal.isAdmin else {
            throw APIError.forbidden(
                "Only administrators (ADMIN_USERS) may see the history of the whole service; that "
                    + "of a job is at /jobs/{job_id}/events.")
        }
        return try await LongComputation.answer { [store] in
            let page = try await store.events(limit: paging.limit, offset: paging.offset)
            return .json(
                .ok,
                EventListResponse(
                    events: page.events.map { EventResponse($0, showsAddress: true) },
                    total: page.total))
        }
    }
}
