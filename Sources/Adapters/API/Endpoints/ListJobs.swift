// GET /jobs: one page of the jobs, newest first.

import APITypes
import HTTP
import Jobs

/// Lists jobs.
struct ListJobs: Endpoint {
    private static let limitMax = 500
    private static let limitDefault = 50

    let store: any JobStoring
    let time: any Timekeeping

    var operation: Operation {
        let states = JSONValue.texts(JobState.allCases.map(\.rawValue))
        return Operation(
            method: .get, path: PathTemplate("/jobs"), identifier: "list_jobs",
            summary: "List jobs",
            details: "One page of the jobs that match, newest first, and how many match in all.",
            parameters: [
                .limit(
                    "Jobs on the page at most.", max: ListJobs.limitMax,
                    default: ListJobs.limitDefault),
                .offset("Jobs to skip."),
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
                    status: .ok, details: "The page.", content: .json(schema: "JobListResponse")),
                .invalid,
            ])
    }

    func answer(_ call: Call) async throws -> Response {
        var query = QueryReader(call.request)
        let limit = query.integer(
            "limit", 1...ListJobs.limitMax, default: ListJobs.limitDefault)
        let offset = query.integer("offset", 0...Int.max, default: 0)
        let state = query.choice("status", of: JobState.self)
        try query.finish()
        let page = try await store.jobs(
            matching: JobFilter(
                state: state, user: query.text("user"), exchange: query.text("exchange")),
            limit: limit, offset: offset)
        var jobs: [JobAnswer] = []
        for job in page.jobs {
            let resumption = try await UpstreamRest.resumption(of: job, at: time.now, in: store)
            jobs.append(JobAnswer(job, resumption: resumption))
        }
        return .json(.ok, JobListAnswer(jobs: jobs, total: page.total))
    }
}
