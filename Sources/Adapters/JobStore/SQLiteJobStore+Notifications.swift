// The reading end of the outbox: the next news, and what became of it. It must not know a channel.

import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    package func nextNotification() async throws -> JobNotification? {
        try read { database in
            try database.first(
                """
                SELECT id, kind, attempts, not_before, queued_at, job_id, \(JobTable.detailColumns)
                FROM notifications WHERE delivered_at IS NULL AND refused_at IS NULL
                ORDER BY id LIMIT 1
                """
            ) { row in
                guard let kind = JobNotification.Kind(rawValue: row.text(1)) else {
                    throw StoreFailure.damage("notification \(row.integer(0)) cannot be read")
                }
                return JobNotification(
                    id: row.integer(0), kind: kind, job: try JobTable.job(in: row, from: 5),
                    at: JobTable.moment(row.text(4)) ?? Timestamp(microseconds: 0),
                    attempts: JobTable.count(row.integer(2)),
                    notBefore: row.integerIfAny(3).map(Timestamp.init(microseconds:)))
            }
        }
    }

    /// Does nothing where the notification has been delivered or given up already.
    package func record(_ outcome: DeliveryRecord, of notification: Int64) async throws {
        let (change, values): (String, [SQLValue]) =
            switch outcome {
            case .delivered(let moment):
                ("delivered_at = ?, not_before = NULL", [.text(moment.databaseText)])
            case .retry(let moment, let reason):
                ("not_before = ?, last_error = ?", [.integer(moment.microseconds), .text(reason)])
            case .refused(let moment, let reason):
                (
                    "refused_at = ?, last_error = ?, not_before = NULL",
                    [.text(moment.databaseText), .text(reason)]
                )
            }
        try await write { database in
            try database.run(
                """
                UPDATE notifications SET attempts = attempts + 1, \(change)
                WHERE id = ? AND delivered_at IS NULL AND refused_at IS NULL
                """, values + [.integer(notification)])
        }
    }
}
