// Decides when the store is backed up, and alerts the team when a backup fails.

import Concurrency
import Datasets
package import Jobs
package import Logging

/// Makes a backup whenever the newest one is old enough, until it is stopped.
package final class BackupScheduler: Sendable {
    /// The first seconds after a start belong to waiting clients: syncing a copy delays all writes
    /// to the same disk.
    private static let startDelay = Duration.seconds(10)
    /// The time between two checks, since the wall clock may be set and machines sleep, and before
    /// a failed backup is repeated.
    private static let checkInterval = Duration.seconds(600)

    private let backups: any BackupStore
    private let outbox: NotificationOutbox
    private let interval: Duration
    private let keep: Int
    private let clock: any Timekeeping
    private let logger: Logger
    private let stopping = ShutdownSignal()

    /// - Parameters:
    ///   - outbox: sends the alerts.
    ///   - interval: between two backups (`BACKUP_INTERVAL_HOURS`); zero for never.
    ///   - keep: how many there are at most (`BACKUP_KEEP`).
    package init(
        backups: any BackupStore, outbox: NotificationOutbox, interval: Duration, keep: Int,
        clock: any Timekeeping, logger: Logger
    ) {
        precondition(keep > 0, "the newest backup is kept")
        self.backups = backups
        self.outbox = outbox
        self.interval = interval
        self.keep = keep
        self.clock = clock
        self.logger = logger
    }

    /// Works until ``stop()`` is called. A backup in progress is finished first.
    package func run() async {
        guard interval > .zero else { return }
        await stopping.pause(for: BackupScheduler.startDelay, sleep: clock.sleep)
        var own: Timestamp?
        while !stopping.isFired {
            let wait = await step(&own)
            await stopping.pause(for: min(wait, BackupScheduler.checkInterval), sleep: clock.sleep)
        }
    }

    /// Makes ``run()`` return.
    package func stop() {
        stopping.fire()
    }

    /// Makes a backup if one is due.
    ///
    /// - Parameter own: when this process made its last one. It takes precedence over the folder,
    ///   whose newest backup may be dated in the future if the clock was set back.
    /// - Returns: how long until the next check.
    private func step(_ own: inout Timestamp?) async -> Duration {
        do {
            let newest = if let own { own } else { try await backups.newest(at: clock.now) }
            if let newest {
                let age = clock.now - newest
                if age >= .zero, age < interval { return interval - age }
            }
            let now = clock.now
            let name = try await backups.backUp(at: now, keeping: keep)
            own = now
            logger.info("backed up", metadata: ["backup": "\(name)"])
            await outbox.settle(.backupFailed)
            return interval
        } catch {
            logger.error("the backup failed", metadata: ["error": "\(error)"])
            await outbox.raise(
                ServiceAlert(
                    .backupFailed,
                    "The database was not backed up. \(error) It is tried again every ten minutes.")
            )
            return BackupScheduler.checkInterval
        }
    }
}
