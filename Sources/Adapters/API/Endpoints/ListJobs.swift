// GET /jobs: one page of the jobs, newest first.

import APITypes
import HTTP
import JSON
import Jobs

/// Lists jobs.
struct ListJobs: Endpoint {
    private static let limitMax = 500
    private static let limitDefault = 50
    /// Bytes of a page: 500 jobs with a few symbols and notes take half of it.
    private static let bytesMax = 1 << 20

    let store: any JobStore
    let presenter: WaitReasonPresenter

    var operation: Operation {
        let states = JSONValue.texts(JobState.allCases.map(\.rawValue))
        return Operation(
            method: .get, path: PathTemplate("/jobs"), identifier: "list_jobs",
            summary: "List jobs",
            details: "One page of the jobs that match, newest first, and how many match in all. "
                + "`next_cursor`, and the Link field, lead to the next page, however long the list "
                + "is and independent of new submissions. A page ends early where its jobs have "
                + "long texts. A job here has the first \(Job.symbolsShown) of its "
                + "`symbols_total`.",
            parameters: [
                .limit(
                    "Jobs on the page at most.", max: ListJobs.limitMax,
                    default: ListJobs.limitDefault),
                .offset(
                    "Jobs to skip; the more, the longer it takes. Without effect beside `cursor`."),
                .init(
                    name: "cursor", location: .query,
                    details: "Where the page begins: `next_cursor` of the page before.",
                    schema: ["type": "string", "pattern": .string(JobCursor.pattern)]),
                .init(
                    name: "status", location: .query, details: "Only jobs with this status.",
                    schema: ["type": "string", "enum": states]),
                .init(
                    name: "user", location: .query, details: "Only jobs of this user."),
                .init(
                    name: "exchange", location: .query, details: "Only jobs of this exchange."),
            ],
            responses: [
                .json(.ok, "JobListResponse", "The page.", headers: [.nextPage]),
                .invalid,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        var query = QueryReader(context.request)
        let limit = query.integer(
            "limit", 1...ListJobs.limitMax, default: ListJobs.limitDefault)
        let offset = query.integer("offset", 0...Int.max, default: 0)
        let state = query.choice("status", of: JobState.self)
        let cursor = query.cursor("cursor")
        try query.finish()
        let filter = JobFilter(
            state: state, user: query.text("user"), exchange: query.text("exchange"))
        return try await LongComputation.answer {
            let page = try await store.jobs(
                matching: filter, limit: limit,
                from: cursor.map { .before($0.job) } ?? .offset(offset))
            return try await response(page, to: context.request)
        }
    }

    /// As many of the page's jobs as fit into ``bytesMax``, and the cursor of the next page.
    private func response(_ page: JobPage, to request: Request) async throws -> Response {
        var writer = JSONListWriter(beginning: "jobs", bytesMax: ListJobs.bytesMax)
        var next = page.next
        for (index, shape) in try await presenter.present(page.jobs.map(\.asShown)).enumerated() {
            guard writer.add(shape) else {
                next = page.jobs[index - 1].id
                break
            }
        }
        let cursor = next.map { JobCursor(behind: $0).text }
        let content = writer.finish([
            "total": .integer(page.total), "next_cursor": .text(cursor),
        ])
        guard let cursor else { return .json(.ok, content) }
        return .json(.ok, content, Headers(["Link": PageLink.next(of: request, cursor: cursor)]))
    }
}
