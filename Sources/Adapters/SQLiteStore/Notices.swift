// The outbox: notifications, queued in the transaction of their cause and read for delivery.

import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    /// Rows that one transaction updates: about 10 ms of the writer's time.
    private static let updatedAtOnce = 500

    package func nextNotification(after user: String?) async throws -> JobNotification? {
        try readSnapshot { database in
            guard let id = try Outbox.next(after: user, in: database) else { return nil }
            var notification = try Outbox.notification(id, in: database)
            notification.merged = try Outbox.merged(with: notification, in: database)
            return notification
        }
    }

    /// Skips notifications that have been delivered or refused. A merged notification is recorded
    /// in steps; after a crash between two steps, the remaining ones are delivered again.
    package func record(
        _ outcome: DeliveryRecord, of notification: Int64, through last: Int64
    ) async throws {
        var end = last
        let change: String
        let values: [SQLValue]
        switch outcome {
        case .delivered(let moment):
            change = "delivered_at = ?, not_before = NULL"
            values = [.text(moment.databaseText)]
        case .retry(let moment, let reason):
            end = notification
            change = "not_before = ?, last_error = ?"
            values = [.integer(moment.microseconds), .text(reason)]
        case .refused(let moment, let reason):
            change = "refused_at = ?, last_error = ?, not_before = NULL"
            values = [.text(moment.databaseText), .text(reason)]
        }
        let range: [SQLValue] = [
            .integer(notification), .integer(end), SQLValue(SQLiteJobStore.updatedAtOnce),
        ]
        while true {
            let count = try await write { database in
                try database.run(Outbox.update(change), values + range)
                return database.changes
            }
            guard end > notification, count == SQLiteJobStore.updatedAtOnce else { return }
        }
    }
}

/// The columns of `notifications` that make a ``JobNotification`` of a job.
private enum NotificationTable: Int32, ResultColumn {
    case id, kind, queued_at, attempts, not_before

    /// - Returns: `nil` for an unknown kind.
    static func notification(about job: Job, in row: borrowing Row) -> JobNotification? {
        guard let known = JobNotification.Kind(rawValue: row.text(kind)) else { return nil }
        return JobNotification(
            id: row.integer(id), kind: known, job: job, at: row.moment(queued_at) ?? .epoch,
            attempts: row.count(attempts), notBefore: row.microseconds(not_before))
    }
}

/// Reads and writes `notifications`. A row holds the job as it was, as a JSON object whose members
/// are the columns of ``JobTable``.
enum Outbox {
    /// Notifications that have been neither delivered nor refused.
    static let isWaiting = "delivered_at IS NULL AND refused_at IS NULL"
    /// JSON holds no BLOB, which other programs may have put where text belongs.
    private static let jobAsObject: String = {
        let members = JobTable.columnNames.map { name in
            "'\(name)', iif(typeof(\(name)) = 'blob', CAST(\(name) AS TEXT), \(name))"
        }
        return "json_object(\(members.joined(separator: ", ")))"
    }()
    private static let jobColumns =
        JobTable.columnNames.map { "job ->> '\($0)'" }.joined(separator: ", ")
    private static let waitingByUser = "INDEXED BY notifications_waiting WHERE \(isWaiting)"

    /// Queues a notification about a job, as the job is now.
    static func queue(
        _ kind: JobNotification.Kind, about id: JobID, at now: Timestamp, in database: Database
    ) throws {
        try database.run(
            """
            INSERT INTO notifications
                (kind, queued_at, job_id, status, created_by, verification, job)
            SELECT ?1, ?2, id, status, created_by, verified_at IS ?2, \(jobAsObject)
            FROM download_jobs WHERE id = ?3
            """, [.text(kind.rawValue), .text(now.databaseText), SQLValue(id)])
    }

    /// The id for ``NotificationStore/nextNotification(after:)``.
    static func next(after user: String?, in database: Database) throws -> Int64? {
        let retried = try database.first(
            """
            SELECT id FROM notifications INDEXED BY notifications_retried
            WHERE not_before IS NOT NULL AND \(isWaiting) ORDER BY id LIMIT 1
            """
        ) { $0.integer(0) }
        if let retried { return retried }
        guard
            let user = try firstUser(after: user ?? "", in: database)
                ?? firstUser(after: "", in: database)
        else { return nil }
        // The index finds the first of each kind, however many there are.
        return try database.number(
            """
            SELECT min(first) FROM (
                SELECT (SELECT id FROM notifications \(waitingByUser)
                        AND created_by = ? AND kind = kinds.column1
                        AND verification = verifications.column1
                    ORDER BY id LIMIT 1) AS first
                FROM (VALUES ('started'), ('completed'), ('failed'), ('cancelled')) AS kinds,
                    (VALUES (0), (1)) AS verifications)
            """, [.text(user)])
    }

    private static func firstUser(after user: String, in database: Database) throws -> String? {
        try database.first(
            """
            SELECT created_by FROM notifications \(waitingByUser) AND created_by > ?
            ORDER BY created_by LIMIT 1
            """, [.text(user)]
        ) { $0.text(0) }
    }

    static func notification(_ id: Int64, in database: Database) throws -> JobNotification {
        let job = try database.first(
            "SELECT \(jobColumns) FROM notifications WHERE id = ?", [.integer(id)]
        ) { try JobTable.job(in: $0) }
        let columns = NotificationTable.columnNames.joined(separator: ", ")
        let notification = try job.flatMap { job in
            try database.first(
                "SELECT \(columns) FROM notifications WHERE id = ?", [.integer(id)]
            ) { NotificationTable.notification(about: job, in: $0) }
        }
        guard let notification = notification ?? nil else {
            throw StoreFailure.damage("notification \(id) cannot be read")
        }
        return notification
    }

    /// The notifications that are delivered with this one; `nil` if so few wait that each has a
    /// message of its own.
    static func merged(
        with first: JobNotification, in database: Database
    ) throws -> MergedNotifications? {
        let alike = """
            FROM notifications \(waitingByUser)
                AND created_by = ? AND kind = ? AND verification = ?
            """
        let values: [SQLValue] = [
            .text(first.job.createdBy), .text(first.kind.rawValue),
            SQLValue(first.isAboutVerification),
        ]
        let few = try database.number(
            "SELECT count(*) FROM (SELECT 1 \(alike) LIMIT ?)",
            values + [SQLValue(MergedNotifications.unmergedMax + 1)])
        guard few > MergedNotifications.unmergedMax else { return nil }
        let jobs = try database.rows(
            "SELECT job_id \(alike) GROUP BY job_id ORDER BY min(id) LIMIT ?",
            values + [SQLValue(MergedNotifications.jobsNamed)]
        ) { JobID($0.integer(0)) }
        return try database.first(
            "SELECT count(*), count(DISTINCT job_id), max(id) \(alike)", values
        ) { row in
            MergedNotifications(
                count: Int(row.integer(0)), jobs: Int(row.integer(1)), firstJobs: jobs,
                last: row.integer(2))
        }
    }

    /// Updates a notification and those like it up to another, at most a number of rows. The last
    /// three values are the two ids and that number.
    static func update(_ change: String) -> String {
        """
        UPDATE notifications SET attempts = attempts + 1, \(change)
        WHERE id IN (
            SELECT other.id FROM notifications AS first JOIN notifications AS other
                ON other.created_by = first.created_by AND other.kind = first.kind
                AND other.verification = first.verification AND other.id >= first.id
            WHERE first.id = ? AND other.id <= ?
                AND other.delivered_at IS NULL AND other.refused_at IS NULL
            ORDER BY other.id LIMIT ?)
        """
    }
}
