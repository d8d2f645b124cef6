// GET /jobs: one page of the jobs, newest first.

import APITypes
import HTTP
import Jobs

/// Lists jobs.
struct ListJobs: Endpoint {
    private static let limitMax = 500
    private static let limitDefault = 50

    let store: any JobStoring

    var operation: Operation {
        let states = JSONValue.texts(JobState.allCases.map(\.rawValue))
        return Operation(
            method: .get, path: PathTemplate("/jobs"), identifier: "list_jobs",
            summary: "List jobs",
            details: "One page of the jobs that match, newest first, and how many match in all.",
            parameters: [
                .init(
                    name: "limit", place: .query, details: "Jobs on the page at most.",
                    schema: [
                        "type": "integer", "minimum": 1, "maximum": .integer(ListJobs.limitMax),
                        "default": .integer(ListJobs.limitDefault),
                    ]),
                .init(
                    name: "offset", place: .query, details: "Jobs to skip.",
                    schema: ["type": "integer", "minimum": 0, "default": 0]),
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
        let query = call.request.queryItems
        var problems: [ValidationProblem] = []
        let limit = integer(
            "limit", in: query, 1...ListJobs.limitMax, default: ListJobs.limitDefault, &problems)
        let offset = integer("offset", in: query, 0...Int.max, default: 0, &problems)
        let state = state(in: query, &problems)
        guard problems.isEmpty else { throw Refusal.invalid(problems) }
        let page = try await store.jobs(
            matching: JobFilter(state: state, user: query["user"], exchange: query["exchange"]),
            limit: limit, offset: offset)
        return .json(.ok, JobListAnswer(jobs: page.jobs.map(JobAnswer.init), total: page.total))
    }

    private func integer(
        _ name: String, in query: QueryItems, _ range: ClosedRange<Int>, default preset: Int,
        _ problems: inout [ValidationProblem]
    ) -> Int {
        guard let text = query[name] else { return preset }
        guard let number = IntegerText(text) else {
            problems.append(.notInteger(["query", .name(name)], input: text))
            return preset
        }
        let value = Int(number.clamped)
        if value < range.lowerBound {
            problems.append(
                .tooSmall(["query", .name(name)], input: text, least: range.lowerBound))
        } else if value > range.upperBound {
            problems.append(.tooLarge(["query", .name(name)], input: text, most: range.upperBound))
        }
        return value
    }

    private func state(
        in query: QueryItems, _ problems: inout [ValidationProblem]
    ) -> JobState? {
        guard let text = query["status"] else { return nil }
        if let state = JobState(rawValue: text) { return state }
        problems.append(
            .notOneOf(JobState.allCases.map(\.rawValue), ["query", "status"], input: text))
        return nil
    }
}
