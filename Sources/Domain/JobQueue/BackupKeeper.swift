// Decides when the store is backed up, and tells the team when it cannot be. It must not know where
// copies go.

import Datasets
package import Jobs
package import Logging

/// Has a backup made whenever the newest one is old enough, until it is told to stop.
package final class BackupKeeper: Sendable {
    /// The first moments after a start are for those who wait for it.
    private static let startDelay = Duration.seconds(2)
    /// After a failure: long enough not to be a nuisance, short against any interval.
    private static let retryDelay = Duration.seconds(1800)
    /// The wall clock is looked at so often: it may be set, and machines sleep.
    private static let lookInterval = Duration.seconds(600)

    private let backups: any BackupMaking
    private let outbox: NotificationOutbox
    private let interval: Duration
    private let keep: Int
    private let clock: any Timekeeping
    private let logger: Logger
    private let stopping = StopSignal()

    /// - Parameters:
    ///   - outbox: tells the team.
    ///   - interval: between two backups (`BACKUP_INTERVAL_HOURS`); zero for never.
    ///   - keep: how many there are at most (`BACKUP_KEEP`).
    package init(
        backups: any BackupMaking, outbox: NotificationOutbox, interval: Duration, keep: Int,
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

    /// Works until ``stop()`` is called. A backup under way is finished first.
    package func run() async {
        guard interval > .zero else { return }
        await stopping.pause(for: BackupKeeper.startDelay, on: clock)
        var hasMadeOne = false
        while !stopping.isGiven {
            let wait = await step(&hasMadeOne)
            await stopping.pause(for: min(wait, BackupKeeper.lookInterval), on: clock)
        }
    }

    /// Makes ``run()`` return.
    package func stop() {
        stopping.give()
    }

    /// Makes a backup if one is due.
    ///
    /// - Parameter hasMadeOne: whether this process has made any.
    /// - Returns: how long until it is worth another look.
    private func step(_ hasMadeOne: inout Bool) async -> Duration {
        do {
            if let newest = try await backups.newest() {
                let age = clock.now - newest
                if age >= .zero, age < interval { return interval - age }
                // One of tomorrow was made before the clock was set back: it counts as of now where
                // it is our own.
                if age < .zero, hasMadeOne { return interval }
            }
            let name = try await backups.backUp(at: clock.now, keeping: keep)
            hasMadeOne = true
            logger.info("backed up", metadata: ["backup": "\(name)"])
            await outbox.settle(.backupFailed)
            return interval
        } catch {
            logger.error("the backup failed", metadata: ["error": "\(error)"])
            await outbox.raise(
                ServiceAlert(
                    .backupFailed,
                    "The database was not backed up. \(error) It is tried again every half hour."))
            return BackupKeeper.retryDelay
        }
    }
}
