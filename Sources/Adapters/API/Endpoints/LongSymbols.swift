// Answers that name all symbols of a job, which may be a megabyte: they are made as the client
// takes them, so that one that does not read costs no more than the first piece.

import APITypes
import HTTP
import JSON
import Jobs

/// Writes JSON objects with a long list of symbols.
struct LongSymbols: Sendable {
    /// Some hundred kilobytes: each piece reads the whole list again, in a millisecond or two.
    private static let pieceSymbols = 8_000

    let job: JobID
    /// How many symbols the job has.
    let total: Int
    let store: any JobStoring

    /// Writes an object in pieces.
    ///
    /// - Parameter content: the object, as JSON, with an empty list `symbols`.
    /// - Throws: what the store and the writer throw; ``JobError/notFound(_:)`` where the job has
    ///   gone meanwhile.
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
