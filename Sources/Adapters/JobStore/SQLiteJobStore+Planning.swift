// A job's plan: kept once, when the job starts. It must not know how plans are made.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func expand(
        _ id: JobID, into plan: [PlannedFile], notes: [String], at now: Timestamp
    ) async throws {
        for planned in plan where planned.state.isFinal {
            precondition(planned.failure != nil, "what ends before it begins has a reason")
        }
        let done = plan.count { $0.state.isGood }
        let failed = plan.count { $0.state.isFinal && !$0.state.isGood }
        try await write { database in
            let former = try database.first(
                """
                SELECT notes FROM download_jobs
                WHERE id = ? AND status = 'running' AND planned = 0
                """, [.integer(id.rawValue)]
            ) { StringList.elements(of: $0.text(0)) }
            guard let former else { return }
            let merged = former + notes.filter { !former.contains($0) }
            try database.run(
                """
                UPDATE download_jobs SET planned = 1, notes = ?, files_total = ?, files_done = ?,
                    files_failed = ?
                WHERE id = ?
                """,
                [
                    .text(StringList.text(of: merged)), SQLValue(plan.count), SQLValue(done),
                    SQLValue(failed), .integer(id.rawValue),
                ])
            try keep(plan, of: id, in: database)
            try EventTable.add(
                .planned, to: id, by: .service, at: now,
                detail: Wording.counted(plan.count, "file"), in: database)
        }
    }
}

private func keep(_ plan: [PlannedFile], of id: JobID, in database: Database) throws {
    try database.withStatement(
        """
        INSERT INTO job_files (job_id, position, exchange, data_type, day, symbol, state, code,
            detail, http_status)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ) { statement in
        for (position, planned) in plan.enumerated() {
            try statement.run([
                .integer(id.rawValue), SQLValue(position), .text(planned.file.exchange),
                .text(planned.file.dataType.name), .text(planned.file.day.description),
                .text(planned.file.symbol), .text(planned.state.rawValue),
                SQLValue(planned.failure?.code), SQLValue(planned.failure?.detail),
                SQLValue(planned.failure?.httpStatus),
            ])
        }
    }
}
