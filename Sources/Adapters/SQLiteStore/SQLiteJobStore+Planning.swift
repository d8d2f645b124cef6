// A job's plan: kept piece by piece when the job starts. It must not know how plans are made.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func plannedFiles(of id: JobID) async throws -> Set<DatasetFile> {
        try read { database in
            let files = try database.rows(
                "SELECT \(FileTable.columns) FROM job_files WHERE job_id = ?",
                [.integer(id.rawValue)]
            ) { try FileTable.record(in: $0).file }
            return Set(files)
        }
    }

    package func keep(
        _ piece: PlanBatch, of id: JobID, at now: Timestamp
    ) async throws -> Bool {
        for planned in piece.files where planned.state.isFinal {
            precondition(planned.failure != nil, "what ends before it begins has a reason")
        }
        return try await write { database in
            let job = try database.first(
                "SELECT planned, notes FROM download_jobs WHERE id = ? AND status = 'running'",
                [.integer(id.rawValue)]
            ) { (isPlanned: $0.integer(0) != 0, notes: StringList.elements(of: $0.text(1))) }
            guard let job else { return false }
            if job.isPlanned { return true }
            let notes = job.notes + piece.notes.filter { !job.notes.contains($0) }
            let kept = try Int(
                database.number(
                    "SELECT coalesce(max(position) + 1, 0) FROM job_files WHERE job_id = ?",
                    [.integer(id.rawValue)]))
            let files = piece.files.dropFirst(max(0, kept - piece.position))
            try database.run(
                """
                UPDATE download_jobs SET planned = ?, notes = ?, files_total = ?,
                    \(FileCounts.changes)
                WHERE id = ?
                """,
                [
                    SQLValue(piece.isLast ? 1 : 0), .text(StringList.text(of: notes)),
                    SQLValue(piece.filesTotal),
                ] + FileCounts(files.map(\.state)).values() + [.integer(id.rawValue)])
            try add(files, to: id, from: max(piece.position, kept), in: database)
            if piece.isLast {
                try EventTable.add(
                    .planned, to: id, by: .service, at: now,
                    detail: TextFormat.counted(piece.filesTotal, "file"), in: database)
            }
            return true
        }
    }
}

private func add(
    _ files: ArraySlice<PlannedFile>, to id: JobID, from position: Int, in database: Database
) throws {
    try database.withStatement(
        """
        INSERT INTO job_files (job_id, position, exchange, data_type, day, symbol, state, code,
            detail, http_status)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ) { statement in
        for (offset, planned) in files.enumerated() {
            try statement.run([
                .integer(id.rawValue), SQLValue(position + offset), .text(planned.file.exchange),
                .text(planned.file.dataType.name), .text(planned.file.day.description),
                .text(planned.file.symbol), .text(planned.state.rawValue),
                SQLValue(planned.failure?.code), SQLValue(planned.failure?.detail),
                SQLValue(planned.failure?.httpStatus),
            ])
        }
    }
}
