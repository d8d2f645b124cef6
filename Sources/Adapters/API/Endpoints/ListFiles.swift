// GET /jobs/{job_id}/files: one page of a job's files, with everything that is known of them.

import APITypes
import HTTP
import Jobs

/// Lists the files of a job.
struct ListFiles: Endpoint {
    private static let limitMax = 1_000
    private static let limitDefault = 100

    let store: any JobStoring

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/jobs/{job_id}/files"), identifier: "list_job_files",
            summary: "List a job's files",
            details: "One page of the job's planned files, sorted by name: what each is, what "
                + "proves it, and the last attempts at it. Empty until the job is planned.",
            parameters: [
                JobReference.parameter,
                .limit(
                    "Files on the page at most.", max: ListFiles.limitMax,
                    default: ListFiles.limitDefault),
                .offset("Files to skip."),
                .init(
                    name: "state", place: .query, details: "Only files in this state.",
                    schema: ["type": "string", "enum": .texts(FileState.allCases.map(\.rawValue))]),
            ],
            ownAnswers: [
                .init(
                    status: .ok, details: "The page.", content: .json(schema: "FileListResponse")),
                .unknownJob, .invalid,
            ])
    }

    func answer(_ call: Call) async throws -> Response {
        var query = QueryReader(call.request)
        let limit = query.integer(
            "limit", 1...ListFiles.limitMax, default: ListFiles.limitDefault)
        let offset = query.integer("offset", 0...Int.max, default: 0)
        let states = query.choice("state", of: FileState.self).map { Set([$0]) }
        try query.finish()
        let job = try await JobReference.job(of: call, in: store)
        let files = try await store.reports(of: job.id, in: states, limit: limit, offset: offset)
        let total = try await store.fileCount(of: job.id, in: states)
        return .json(.ok, FileListAnswer(files: files.map(FileAnswer.init), total: total))
    }
}
