// GET /jobs/{job_id}/files: one page of a job's files, with their checksums and last attempts.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs

/// Lists the files of a job.
struct ListFiles: Endpoint {
    private static let limitMax = 1_000
    private static let limitDefault = 100
    /// Files read and written at a time.
    private static let pieceFiles = 50

    let store: any JobStore

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
                    name: "state", location: .query, details: "Only files in this state.",
                    schema: ["type": "string", "enum": .texts(FileState.allCases.map(\.rawValue))]),
            ],
            responses: [
                .json(.ok, "FileListResponse", "The page."),
                .unknownJob, .invalid,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        var query = QueryReader(context.request)
        let limit = query.integer(
            "limit", 1...ListFiles.limitMax, default: ListFiles.limitDefault)
        let offset = query.integer("offset", 0...Int.max, default: 0)
        let states = query.choice("state", of: FileState.self).map { Set([$0]) }
        try query.finish()
        let job = try await JobReference.job(of: context, in: store)
        let total = try await LongComputation.answer {
            try await store.fileCount(of: job.id, in: states)
        }
        return stream(files(of: job.id, in: states, from: offset, limit: limit), total: total)
    }

    /// Reads the list in pieces, as a file may have many attempts.
    private func files(
        of job: JobID, in states: Set<FileState>?, from offset: Int, limit: Int
    ) -> @Sendable (_ done: Int) async throws -> [FileResponse] {
        { [store] done in
            let rest = min(limit - done, ListFiles.pieceFiles)
            guard rest > 0 else { return [] }
            let (start, overflows) = offset.addingReportingOverflow(done)
            guard !overflows else { return [] }
            return try await store.reports(of: job, in: states, limit: rest, offset: start)
                .map(FileResponse.init)
        }
    }

    private func stream(
        _ next: @escaping @Sendable (Int) async throws -> [FileResponse], total: Int
    ) -> Response {
        Response(
            status: .ok, headers: Headers(["Content-Type": "application/json"]),
            body: .stream(length: nil) { sink in
                var list = JSONListWriter(beginning: "files")
                var done = 0
                while true {
                    let (count, soFar) = (done, list)
                    let (files, piece, after) = try await LongComputation.answer {
                        var list = soFar
                        let files = try await next(count)
                        for file in files { _ = list.add(file) }
                        return (files.count, list.take(), list)
                    }
                    (done, list) = (done + files, after)
                    // The first piece begins the list, also where there are no files.
                    if !piece.isEmpty { try await sink.write(piece) }
                    if files == 0 { break }
                }
                try await sink.write(list.finish(["total": .integer(total)]))
            })
    }
}

extension FileResponse {
    /// The file as the API shows it.
    init(_ report: FileReport) {
        let record = report.record
        let attempts = report.attempts.map(FileAttemptResponse.init)
        self.init(
            name: record.file.name, state: record.state.rawValue,
            dataType: record.file.dataType.name, day: record.file.day.description,
            symbol: record.file.symbol, bytes: record.checksum?.bytes, rows: record.checksum?.rows,
            firstTimestamp: record.checksum?.firstTimestamp?.iso8601,
            lastTimestamp: record.checksum?.lastTimestamp?.iso8601, sha256: record.checksum?.sha256,
            origin: record.checksum?.origin.rawValue, suspicious: record.sizeWarning,
            code: record.failure?.code, detail: record.failure?.detail, attempts: attempts,
            seconds: attempts.reduce(0) { $0 + $1.seconds },
            attemptsTotal: report.attemptsTotal, finding: record.finding?.rawValue,
            revision: record.revision.map { revision in
                FileRevisionResponse(
                    sha256: revision.sha256, recordedSHA256: revision.recordedSHA256,
                    seenAt: revision.seenAt.iso8601,
                    accepted: revision.sha256 == record.checksum?.sha256)
            })
    }
}

extension FileAttemptResponse {
    init(_ attempt: FileAttempt) {
        let span = attempt.span.ended - attempt.span.began
        let (seconds, attoseconds) = span.components
        self.init(
            at: attempt.span.began.iso8601,
            seconds: Double(seconds) + Double(attoseconds) / 1e18,
            httpStatus: attempt.httpStatus, code: attempt.code, detail: attempt.detail)
    }
}
