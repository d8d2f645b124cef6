// How jobs end. The change and its notification are one transaction.

package import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) async throws -> Job? {
        guard let kind = JobNotification.Kind(ending: state) else {
            preconditionFailure("a job ends in a final state")
        }
        // Names of states, not values of anybody's: they may stand in the text.
        let origins = JobState.allCases.filter { $0.mayBecome(state) }
            .map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try await write { database in
            let digest =
                state == .completed
                ? DatasetDigest.digest(of: try FileTable.sums(of: id, in: database)) : nil
            let job = try database.first(
                """
                UPDATE download_jobs SET status = ?1, completed_at = ?2, error_message = ?3,
                    dataset_digest = ?4, verified_at = iif(verifying, ?2, verified_at),
                    verifying = 0, announced = 0
                WHERE id = ?5 AND status IN (\(origins)) AND paused = 0
                RETURNING \(JobTable.columns)
                """,
                [
                    .text(state.rawValue), .text(now.databaseText), SQLValue(errorMessage),
                    SQLValue(digest), .integer(id.rawValue),
                ]
            ) { try JobTable.job(in: $0) }
            guard let job else { return nil }
            try Outbox.queue(kind, about: job.id, at: now, in: database)
            try EventTable.add(
                JobEvent.Kind(telling: kind), to: job.id, by: .service, at: now,
                detail: errorMessage, in: database)
            return job
        }
    }
}

extension JobEvent.Kind {
    /// The event that a notification tells of.
    fileprivate init(telling news: JobNotification.Kind) {
        switch news {
        case .started: self = .started
        case .completed: self = .completed
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        }
    }
}

extension JobNotification.Kind {
    /// The news that a job has ended this way, `nil` where that is no end.
    fileprivate init?(ending state: JobState) {
        switch state {
        case .completed: self = .completed
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        case .pending, .running: return nil
        }
    }
}
