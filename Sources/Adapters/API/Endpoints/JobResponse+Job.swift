// A job of the domain as the API shows it; its symbols may be a megabyte and are written as the
// client reads them.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs

extension JobResponse {
    /// The job as the API shows it.
    ///
    /// - Parameters:
    ///   - resumption: the end of an upstream pause that holds it up.
    ///   - waiting: why it waits.
    init(_ job: Job, resumption: Timestamp? = nil, waiting: WaitReasonResponse? = nil) {
        self.init(
            id: job.id.rawValue, status: job.state.rawValue, exchange: job.exchange,
            dataTypes: job.dataTypes, symbols: job.symbols, startDate: job.startDate,
            endDate: job.endDate, outputPath: job.outputPath, createdAt: job.createdAt.iso8601,
            startedAt: job.startedAt?.iso8601, completedAt: job.completedAt?.iso8601,
            errorMessage: job.errorMessage, createdBy: job.createdBy,
            filesTotal: job.progress.filesTotal, filesDone: job.progress.filesDone,
            filesFailed: job.progress.filesFailed, bytesDone: job.progress.bytesDone,
            notes: job.notes + job.outcomeNotes, datasetDigest: job.integrity.datasetDigest,
            bytesSaved: job.integrity.bytesSaved, filesSuspicious: job.integrity.filesSuspicious,
            verifiedAt: job.integrity.verifiedAt?.iso8601,
            filesRepaired: job.integrity.filesRepaired, priority: job.control.priority.rawValue,
            paused: job.control.isPaused, pinned: job.control.isPinned,
            resumeAt: resumption?.iso8601, filesEmpty: job.progress.filesEmpty,
            filesUnavailable: job.progress.filesUnavailable,
            filesCancelled: job.progress.filesCancelled, gapsAccepted: job.progress.gapsAccepted,
            verification: VerificationResponse(job.integrity), waiting: waiting,
            symbolsTotal: job.symbolsTotal)
    }
}

extension VerificationResponse {
    /// The result of the last verification; `nil` where there was none, or an earlier version of
    /// the service did not record it.
    fileprivate init?(_ integrity: JobIntegrity) {
        guard let found = integrity.verification else { return nil }
        self.init(
            startedAt: found.startedAt?.iso8601, at: found.endedAt.iso8601,
            filesChecked: found.filesChecked, filesDamaged: found.filesDamaged,
            filesMissing: found.filesMissing, filesRepaired: integrity.filesRepaired,
            filesChanged: found.filesChanged, formerDigest: integrity.formerDigest)
    }
}

extension Response {
    /// A response that shows one job with all its symbols.
    ///
    /// - Throws: what the store throws.
    static func job(
        _ status: Status, _ job: JobResponse, in store: any JobStore,
        _ headers: Headers = Headers()
    ) async throws -> Response {
        guard let total = job.symbolsTotal, job.symbols.count < total else {
            return .json(status, job, headers)
        }
        var head = job
        head.symbols = []
        let content = JSONCoding.encode(head)
        let symbols = LongSymbols(job: JobID(job.id), total: total, store: store)
        var headers = headers
        headers.set("Content-Type", "application/json")
        return Response(
            status: status, headers: headers,
            body: .stream(length: nil) { try await symbols.write(content, to: $0) })
    }
}

/// Writes JSON objects with a long list of symbols.
struct LongSymbols: Sendable {
    /// Some hundred kilobytes: each piece reads the whole list again, which takes 1 or 2 ms.
    private static let pieceSymbols = 8_000

    let job: JobID
    /// How many symbols the job has.
    let total: Int
    let store: any JobStore

    /// Writes an object in pieces.
    ///
    /// - Parameter content: the object, as JSON, with an empty list `symbols`.
    /// - Throws: what the store and the writer throw; ``JobError/notFound(_:)`` where the job was
    ///   removed meanwhile.
    func write(_ content: [UInt8], to writer: any BodyWriting) async throws {
        // No text holds these bytes: a quotation mark within one has a backslash before it.
        guard let list = content.firstRange(of: Array(#""symbols":["#.utf8)) else {
            return try await writer.write(content)
        }
        try await writer.write(Array(content[..<list.upperBound]))
        for start in stride(from: 0, to: total, by: LongSymbols.pieceSymbols) {
            try await writer.write(try await piece(from: start))
        }
        try await writer.write(Array(content[list.upperBound...]))
    }

    private func piece(from start: Int) async throws -> [UInt8] {
        try await LongComputation.answer { [self] in
            let symbols = try await store.symbols(of: job)
            guard symbols.count == total else { throw JobError.notFound(job) }
            let page = symbols[start...].prefix(LongSymbols.pieceSymbols)
            let list = JSONCoding.encode(JSONValue.texts(Array(page)))
            return (start > 0 ? [UInt8(ascii: ",")] : []) + list.dropFirst().dropLast()
        }
    }
}
