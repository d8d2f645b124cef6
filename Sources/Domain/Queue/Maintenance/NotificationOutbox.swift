// Delivers notifications about jobs and alerts about the service, independently of the jobs.

import Concurrency
import Datasets
package import Jobs
package import Logging

/// Sends the store's notifications, by users in turn, until it is stopped.
package final class NotificationOutbox: Sendable {
    /// The wait after a failed delivery, where the channel names none: 2 seconds, doubling to 5
    /// minutes. There is no last attempt; only the channel can refuse.
    private static let waits = RetryPolicy(
        base: .seconds(2), ceiling: .seconds(300), attemptsMax: .max, jitterShare: 0)

    /// How long a delivery in progress may go on after the request to stop: a cancelled one may
    /// have arrived all the same, and is repeated after the next start. The whole service has 10 s.
    private static let grace = Duration.seconds(3)

    /// How often an announcement is tried.
    private static let announcementsMax = 8

    /// The shortest pause of downloads whose end is announced.
    private static let longPause = Duration.seconds(600)

    private let store: RetryingStore<any NotificationStore>
    private let channel: (any Notifying)?
    private let clock: any Timekeeping
    private let logger: Logger
    private let alerts: AlertTracker
    private let changed = AsyncSignal()
    private let stopping = ShutdownSignal()

    /// - Parameter channel: `nil` where none is configured: notifications are then dropped without
    ///   a log line, so that a channel that is configured later does not send old ones.
    package init(
        store: any NotificationStore, channel: (any Notifying)?, clock: any Timekeeping,
        logger: Logger
    ) {
        let retrying = RetryingStore<any NotificationStore>(
            store: store, clock: clock, stopping: stopping, logger: logger)
        self.store = retrying
        alerts = AlertTracker(store: retrying)
        self.channel = channel
        self.clock = clock
        self.logger = logger
    }

    /// Delivers until ``stop()`` is called or the task is cancelled. To be called once.
    package func run() async {
        var lastRefusal: String?
        var lastUser: String?
        var alertWait = AlertWait()
        await withTaskCancellationHandler {
            while !stopping.isFired {
                // Alerts first: an administrator may have to act on them.
                if let alert = await alerts.next() {
                    if alertWait.until.map({ $0 <= clock.now }) ?? true {
                        await deliver(alert, &alertWait)
                        continue
                    }
                } else {
                    alertWait = AlertWait()
                }
                let next = await store.retrying("read the outbox") { [lastUser] store in
                    try await store.nextNotification(after: lastUser)
                }
                guard let notification = next.flatMap({ $0 }) else {
                    await changed.wait(until: alertWait.until, on: clock)
                    continue
                }
                if let moment = notification.notBefore, moment > clock.now {
                    let until = min(moment, alertWait.until ?? moment)
                    await changed.wait(until: until, on: clock)
                    continue
                }
                lastUser = notification.job.createdBy
                await deliver(notification, &lastRefusal)
            }
        } onCancel: {
            stop()
        }
    }

    /// Alerts the team, once until the alert is settled, also across restarts.
    func raise(_ alert: ServiceAlert) async {
        if await alerts.raise(alert) { changed.signal() }
    }

    /// Sends an alert at once, without the store, which may be what the alert is about.
    package func announce(_ alert: ServiceAlert) async {
        guard let channel else { return }
        for attempt in 1...NotificationOutbox.announcementsMax where !stopping.isFired {
            guard case .retry(let after, _) = await channel.deliver(alert) else { return }
            let wait = after ?? NotificationOutbox.waits.backOff(after: attempt)
            await stopping.pause(for: wait, sleep: clock.sleep)
        }
    }

    /// Ends an alert.
    ///
    /// - Parameter pause: how long downloads paused; the end of a long pause is announced.
    func settle(_ kind: ServiceAlert.Kind, after pause: Duration? = nil) async {
        let isLong = pause.map { $0 >= NotificationOutbox.longPause } ?? false
        let end = isLong ? "What held downloads up is over; they go on." : nil
        if await alerts.settle(kind, saying: end) { changed.signal() }
    }

    /// Call when notifications were queued. Never waits.
    package func wake() {
        changed.signal()
    }

    /// Makes ``run()`` return soon: a delivery in progress has 3 seconds to end, then it is
    /// cancelled and repeated after the next start.
    package func stop() {
        stopping.fire()
        changed.signal()
    }

    private func deliver(_ alert: ServiceAlert, _ wait: inout AlertWait) async {
        guard let channel else { return await alerts.markSent(alert.kind) }
        switch await withGrace({ await channel.deliver(alert) }) {
        case .delivered:
            await alerts.markSent(alert.kind)
        case .refused(let reason):
            logger.error(
                "an alert was refused",
                metadata: ["alert": "\(alert.kind.rawValue)", "reason": "\(reason)"])
            await alerts.markSent(alert.kind)
        case .retry(let after, let reason):
            if stopping.isFired { return }
            wait.attempts += 1
            let span = after ?? NotificationOutbox.waits.backOff(after: wait.attempts)
            wait.until = clock.now + span
            logger.debug(
                "an alert has to wait",
                metadata: ["alert": "\(alert.kind.rawValue)", "reason": "\(reason)"])
            return
        }
        wait = AlertWait()
    }

    private func deliver(_ notification: JobNotification, _ lastRefusal: inout String?) async {
        guard let channel else {
            return await record(
                .refused(at: clock.now, reason: "no channel is configured"), of: notification)
        }
        switch await withGrace({ await channel.deliver(notification) }) {
        case .delivered:
            lastRefusal = nil
            await record(.delivered(at: clock.now), of: notification)
        case .refused(let reason):
            // A revoked token refuses every notification: one log line is enough.
            logger.log(
                level: reason == lastRefusal ? .debug : .error, "a notification was refused",
                metadata: ["job": "\(notification.job.id)", "reason": "\(reason)"])
            lastRefusal = reason
            await record(.refused(at: clock.now, reason: reason), of: notification)
        case .retry(let after, let reason):
            // Perhaps it was cancelled, which is no failure of the channel.
            if stopping.isFired { return }
            let wait = after ?? NotificationOutbox.waits.backOff(after: notification.attempts + 1)
            logger.debug(
                "a notification has to wait",
                metadata: ["job": "\(notification.job.id)", "reason": "\(reason)"])
            await record(.retry(at: clock.now + wait, reason: reason), of: notification)
        }
    }

    /// Runs a delivery, which is cancelled ``grace`` after the request to stop.
    private func withGrace(
        _ deliver: @escaping @Sendable () async -> DeliveryOutcome
    ) async -> DeliveryOutcome {
        await ShutdownSignal.run(
            cancelledBy: stopping, after: NotificationOutbox.grace, sleep: clock.sleep, deliver)
    }

    private func record(_ record: DeliveryRecord, of notification: JobNotification) async {
        _ = await store.retrying("record a delivery") { store in
            try await store.record(
                record, of: notification.id, through: notification.merged?.last ?? notification.id)
        }
    }

    /// When the current alert is tried again, and how often it has been.
    private struct AlertWait {
        var until: Timestamp?
        var attempts = 0
    }
}
