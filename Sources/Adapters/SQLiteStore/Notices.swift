// The outbox: notifications, queued in the transaction of their cause and read for delivery.

import Datasets
package import Jobs
import SQLite

extension SQLiteJobStore {
    /// Rows that one transaction ends: some 10 ms of the writer's time.
    private static let endedAtOnce = 500

    package func nextNotification(after user: String?) async throws -> JobNotification? {
        try read { database in
            try database.snapshot {
                guard let id = try WaitingNews.next(after: user, in: database) else { return nil }
                var news = try WaitingNews.notification(id, in: database)
                news.merged = try WaitingNews.merged(with: news, in: database)
                return news
            }
        }
    }

    /// Does nothing where the notification has been delivered or given up already. What stands for
    /// many is ended a few at a time: after a crash in between the rest is told again.
    package func record(
        _ outcome: DeliveryRecord, of notification: Int64, through last: Int64
    ) async throws {
        var end = last
        let change: String
        let values: [SQLValue]
        switch outcome {
        case .delivered(let moment):
            (change, values) = (
                "delivered_at = ?, not_before = NULL", [.text(moment.databaseText)]
            )
        case .retry(let moment, let reason):
            end = notification
            (change, values) = (
                "not_before = ?, last_error = ?", [.integer(moment.microseconds), .text(reason)]
            )
        case .refused(let moment, let reason):
            (change, values) = (
                "refused_at = ?, last_error = ?, not_before = NULL",
                [.text(moment.databaseText), .text(reason)]
            )
        }
        let range = [
            SQLValue.integer(notification), .integer(end), SQLValue(SQLiteJobStore.endedAtOnce),
        ]
        while true {
            let count = try await write { database in
                try database.run(WaitingNews.change(change), values + range)
                return database.changes
            }
            guard end > notification, count == SQLiteJobStore.endedAtOnce else { return }
        }
    }
}

/// The statements about news that waits.
private enum WaitingNews {
    private static let isWaiting = "delivered_at IS NULL AND refused_at IS NULL"
    /// See ``JobNotification/isAboutVerification``.
    private static let isVerification = "(verified_at IS queued_at)"

    /// See ``NotificationStore/nextNotification(after:)``.
    static func next(after user: String?, in database: Database) throws -> Int64? {
        let again = try database.first(
            """
            SELECT id FROM notifications INDEXED BY notifications_retried
            WHERE not_before IS NOT NULL AND \(isWaiting) ORDER BY id LIMIT 1
            """
        ) { $0.integer(0) }
        if let again { return again }
        guard
            let user = try firstUser(after: user ?? "", in: database)
                ?? firstUser(after: "", in: database)
        else { return nil }
        // The first of each kind is at hand, however many there are.
        return try database.number(
            """
            SELECT min(first) FROM (
                SELECT (SELECT id FROM notifications INDEXED BY notifications_waiting
                    WHERE \(isWaiting) AND created_by = ? AND kind = kinds.column1
                        AND \(isVerification) = verifications.column1
                    ORDER BY id LIMIT 1) AS first
                FROM (VALUES ('started'), ('completed'), ('failed'), ('cancelled')) AS kinds,
                    (VALUES (0), (1)) AS verifications)
            """, [.text(user)])
    }

    private static func firstUser(after user: String, in database: Database) throws -> String? {
        try database.first(
            """
            SELECT created_by FROM notifications INDEXED BY notifications_waiting
            WHERE \(isWaiting) AND created_by > ? ORDER BY created_by LIMIT 1
            """, [.text(user)]
        ) { $0.text(0) }
    }

    static func notification(_ id: Int64, in database: Database) throws -> JobNotification {
        let found = try database.first(
            """
            SELECT id, kind, attempts, not_before, queued_at, job_id, \(JobTable.detailColumns)
            FROM notifications WHERE id = ?
            """, [.integer(id)]
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
        guard let found else { throw StoreFailure.damage("notification \(id) cannot be read") }
        return found
    }

    /// What is told with it; `nil` where so few wait that each is told alone.
    static func merged(
        with news: JobNotification, in database: Database
    ) throws -> MergedNotifications? {
        let isAlike = """
            FROM notifications INDEXED BY notifications_waiting
            WHERE \(isWaiting) AND created_by = ? AND kind = ? AND \(isVerification) = ?
            """
        let values: [SQLValue] = [
            .text(news.job.createdBy), .text(news.kind.rawValue),
            .integer(news.isAboutVerification ? 1 : 0),
        ]
        let few = try database.number(
            "SELECT count(*) FROM (SELECT 1 \(isAlike) LIMIT ?)",
            values + [SQLValue(MergedNotifications.unmergedMax + 1)])
        guard few > MergedNotifications.unmergedMax else { return nil }
        let jobs = try database.rows(
            "SELECT job_id \(isAlike) GROUP BY job_id ORDER BY min(id) LIMIT ?",
            values + [SQLValue(MergedNotifications.jobsNamed)]
        ) { JobID($0.integer(0)) }
        return try database.first(
            "SELECT count(*), count(DISTINCT job_id), max(id) \(isAlike)", values
        ) { row in
            MergedNotifications(
                count: Int(row.integer(0)), jobs: Int(row.integer(1)), firstJobs: jobs,
                last: row.integer(2))
        }
    }

    /// A change of a notification and of those like it up to another: some of them at a time.
    static func change(_ change: String) -> String {
        """
        UPDATE notifications SET attempts = attempts + 1, \(change)
        WHERE id IN (
            SELECT other.id FROM notifications AS first JOIN notifications AS other
                ON other.created_by = first.created_by AND other.kind = first.kind
                AND (other.verified_at IS other.queued_at)
                    = (first.verified_at IS first.queued_at)
                AND other.id >= first.id
            WHERE first.id = ? AND other.id <= ?
                AND other.delivered_at IS NULL AND other.refused_at IS NULL
            ORDER BY other.id LIMIT ?)
        """
    }
}

/// The writing end of the outbox.
enum Outbox {
    /// Queues news about a job, as the job is now.
    static func queue(
        _ kind: JobNotification.Kind, about id: JobID, at now: Timestamp, in database: Database
    ) throws {
        try database.run(
            """
            INSERT INTO notifications (kind, queued_at, job_id, \(JobTable.detailColumns))
            SELECT ?, ?, id, \(JobTable.detailColumns) FROM download_jobs WHERE id = ?
            """, [.text(kind.rawValue), .text(now.databaseText), .integer(id.rawValue)])
    }
}
