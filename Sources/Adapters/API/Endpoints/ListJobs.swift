// GET /jobs: one page of the jobs, newest first.

import APITypes
import HTTP
import Jobs

/// Lists jobs.
struct ListJobs: Endpoint {
    private static let limitMax = 500
    private static let limitDefault = 50

    let store: any JobStoring
    let presenter: WaitReasonPresenter

    var operation: Operation {
        let states = JSONValue.texts(JobState.allCases.map(\.rawValue))
        return Operation(
            method: .get, path: PathTemplate("/jobs"), identifier: "list_jobs",
            summary: "List jobs",
            details: "One page of the jobs that match, newest first, and how many match in all. "
                + "`next_cursor`, and the Link field, lead to the next page, however long the list "
                + "is and whatever is submitted meanwhile.",
            parameters: [
                .limit(
                    "Jobs on the page at most.", max: ListJobs.limitMax,
                    default: ListJobs.limitDefault),
                .offset("Jobs to skip; the more, the longer it takes."),
                .init(
                    name: "cursor", place: .query,
                    details: "Where the page begins: `next_cursor` of the page before. Not "
                        + "together with `offset`.", schema: ["type": "string"]),
                .init(
                    name: "status", place: .query, details: "Only jobs with this status.",
                    schema: ["type": "string", "enum": states]),
                .init(
                    name: "user", place: .query, details: "Only jobs of this user.",
                    schema: ["type": "string"]),
                .init(
                    name: "exchange", place: .query, details: "Only jobs of this exchange.",
                    schema: ["type": "string"]),
            ],
            ownAnswers: [
                .init(
                    status: .ok, details: "The page.", content: .json(schema: "JobListResponse"),
                    headers: [.nextPage]),
                .invalid,
            ])
    }

    func answer(_ call: Call) async throws -> Response {
        var query = QueryReader(call.request)
        let limit = query.integer(
            "limit", 1...ListJobs.limitMax, default: ListJobs.limitDefault)
        let offset = query.integer("offset", 0...Int.max, default: 0)
        let state = query.choice("status", of: JobState.self)
        let cursor = query.cursor("cursor", insteadOf: "offset")
        try query.finish()
        let filter = JobFilter(
            state: state, user: query.text("user"), exchange: query.text("exchange"))
        let page =
            if let cursor {
                try await store.jobs(matching: filter, limit: limit, before: cursor.job)
            } else {
                try await store.jobs(matching: filter, limit: limit, offset: offset)
            }
        return try await response(page, to: call.request)
    }

    private func response(_ page: JobPage, to request: Request) async throws -> Response {
        let jobs = try await presenter.answers(page.jobs)
        let next = page.next.map { JobCursor(behind: $0).text }
        let answer = JobListAnswer(jobs: jobs, total: page.total, nextCursor: next)
        guard let next else { return .json(.ok, answer) }
        return .json(.ok, answer, Headers(["Link": PageLink.next(of: request, cursor: next)]))
    }
}
