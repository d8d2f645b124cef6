// GET /jobs/{job_id}/manifest: every file of a job with its checksum, as JSON or SHA256SUMS.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs

/// Shows a job's manifest, as JSON or as SHA256SUMS.
struct GetManifest: Endpoint {
    /// The forms of a manifest.
    private enum Format: String, CaseIterable {
        case json
        case sha256sums
    }

    /// Files read at a time: a manifest may have 100,000, and is sent as they are read.
    private static let pageFiles = 200
    /// Lines of SHA256SUMS: some hundred kilobytes.
    private static let pageChecksums = 2_000

    let store: any JobStore

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/jobs/{job_id}/manifest"),
            identifier: "get_job_manifest", summary: "Show a job's manifest",
            details: "Every planned file with its state and what proves it, by name. As "
                + "`sha256sums` it is what `sha256sum -c` reads in the job's folder, with the "
                + "request and accepted gaps as comments; the SHA-256 of that text is the job's "
                + "`dataset_digest`.",
            parameters: [
                JobReference.parameter,
                .init(
                    name: "format", location: .query, details: "The form of the manifest.",
                    schema: [
                        "type": "string", "enum": .texts(Format.allCases.map(\.rawValue)),
                        "default": .string(Format.json.rawValue),
                    ]),
            ],
            responses: [
                .init(
                    status: .ok, details: "The manifest.", content: .json(schema: "Manifest"),
                    otherContent: .text),
                .unknownJob, .invalid,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        var query = QueryReader(context.request)
        let format = query.choice("format", of: Format.self) ?? .json
        try query.finish()
        let job = try await JobReference.job(of: context, in: store)
        switch format {
        case .json: return json(job)
        case .sha256sums: return try await sums(job)
        }
    }

    /// At most `MAX_FILES_PER_JOB` lines of some hundred bytes, written page by page. The length is
    /// sent first, so that the client notices when the job changes meanwhile.
    private func sums(_ job: Job) async throws -> Response {
        let (head, length, count) = try await LongComputation.answer { [store] in
            let list = try await store.checksums(of: job.id)
            return (list.head, list.bytes, list.sums.count)
        }
        return Response(
            status: .ok, headers: Headers(["Content-Type": "text/plain; charset=utf-8"]),
            body: .stream(length: length) { [store] writer in
                try await writer.write(Array(head.utf8))
                for start in stride(from: 0, to: count, by: GetManifest.pageChecksums) {
                    let piece = try await LongComputation.answer {
                        try await store.files(
                            of: job.id, in: [.ok, .empty], limit: GetManifest.pageChecksums,
                            offset: start
                        ).compactMap(ChecksumLine.init).flatMap { Array($0.line.utf8) }
                    }
                    try await writer.write(piece)
                }
            })
    }

    /// Writes the object in pieces: its first members, the files page by page, the last members.
    private func json(_ job: Job) -> Response {
        Response(
            status: .ok, headers: Headers(["Content-Type": "application/json"]),
            body: .stream(length: nil) { [store] writer in
                let isShort = job.symbols.count >= job.symbolsTotal
                let beginning = GetManifest.beginning(job, symbols: isShort ? job.symbols : [])
                let content =
                    JSONCoding.encode(beginning).dropLast() + Array(#","files":["#.utf8)
                let symbols = LongSymbols(
                    job: job.id, total: isShort ? 0 : job.symbolsTotal, store: store)
                try await symbols.write(Array(content), to: writer)
                var offset = 0
                var gaps: [String] = []
                while true {
                    let start = offset
                    let (bytes, names, count) = try await LongComputation.answer {
                        let page = try await store.files(
                            of: job.id, in: nil, limit: GetManifest.pageFiles, offset: start)
                        var bytes: [UInt8] = []
                        for (index, record) in page.enumerated() {
                            if start + index > 0 { bytes.append(UInt8(ascii: ",")) }
                            bytes += JSONCoding.encode(GetManifest.entry(record))
                        }
                        let names = page.filter { $0.failure?.code == Gaps.acceptedCode }
                            .map(\.file.name)
                        return (bytes, names, page.count)
                    }
                    gaps += names
                    try await writer.write(bytes)
                    offset += count
                    if count < GetManifest.pageFiles { break }
                }
                try await writer.write(Array(#"],"gaps":"#.utf8))
                try await writer.write(JSONCoding.encode(JSONValue.texts(gaps)))
                try await writer.write(Array("}".utf8))
            })
    }

    private static func beginning(_ job: Job, symbols: [String]) -> JSONValue {
        [
            "job_id": .integer(job.id.rawValue),
            "status": .string(job.state.rawValue),
            "exchange": .string(job.exchange),
            "data_types": .texts(job.dataTypes),
            "symbols": .texts(symbols),
            "start_date": .string(job.startDate),
            "end_date": .string(job.endDate),
            "output_path": .string(job.outputPath),
            "dataset_digest": .text(job.integrity.datasetDigest),
            "former_digest": .text(job.integrity.formerDigest),
            "files_total": .integer(job.progress.filesTotal),
            "files_done": .integer(job.progress.filesDone),
            "files_empty": .integer(job.progress.filesEmpty),
            "files_unavailable": .integer(job.progress.filesUnavailable),
            "files_failed": .integer(job.progress.filesFailed),
            "files_cancelled": .integer(job.progress.filesCancelled),
            "gaps_accepted": .integer(job.progress.gapsAccepted),
        ]
    }

    private static func entry(_ record: FileRecord) -> JSONValue {
        [
            "name": .string(record.file.name),
            "state": .string(record.state.rawValue),
            "bytes": .integer(record.checksum?.bytes),
            "rows": .integer(record.checksum?.rows),
            "first_timestamp": .text(record.checksum?.firstTimestamp?.iso8601),
            "last_timestamp": .text(record.checksum?.lastTimestamp?.iso8601),
            "sha256": .text(record.checksum?.sha256),
            "suspicious": .text(record.sizeWarning),
            "code": .text(record.failure?.code),
            "detail": .text(record.failure?.detail),
        ]
    }
}
