// Delivers news about jobs, by users in turn, however long the channel needs. It can neither delay
// nor fail a job.

import Concurrency
import Datasets
package import Jobs
package import Logging

/// Sends the store's notifications until it is told to stop.
package final class NotificationOutbox: Sendable {
    /// The wait after a failed delivery, where the channel named none: 2 seconds, doubling to 5
    /// minutes. It never gives up by itself; only the channel can refuse.
    private static let waits = RetryPolicy(
        base: .seconds(2), ceiling: .seconds(300), attemptsMax: .max, jitterShare: 0)

    /// How long a delivery under way may go on after the word to stop: cut off, it may have arrived
    /// all the same, and would be made again after the next start. The whole service has 10 s.
    private static let grace = Duration.seconds(3)

    private let store: RetryingStore<any NotificationStore>
    private let channel: (any Notifying)?
    private let clock: any Timekeeping
    private let logger: Logger
    private let alerts: AlertTracker
    private let bell = AsyncSignal()
    private let stopping = ShutdownSignal()

    /// - Parameter channel: `nil` where none is configured: notifications are then put aside
    ///   quietly, so that they do not pour out on the day somebody configures one.
    package init(
        store: any NotificationStore, channel: (any Notifying)?, clock: any Timekeeping,
        logger: Logger
    ) {
        let patient = RetryingStore<any NotificationStore>(
            store: store, clock: clock, stopping: stopping, logger: logger)
        self.store = patient
        alerts = AlertTracker(store: patient)
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
                // Alerts first: somebody may have to act on them.
                if let alert = await alerts.next() {
                    if alertWait.until.map({ $0 <= clock.now }) ?? true {
                        await deliver(alert, &alertWait)
                        continue
                    }
                } else {
                    alertWait = AlertWait()
                }
                let next = await store.retrying("look into the outbox") { [lastUser] store in
                    try await store.nextNotification(after: lastUser)
                }
                guard let notification = next.flatMap({ $0 }) else {
                    await bell.wait(until: alertWait.until, on: clock)
                    continue
                }
                if let moment = notification.notBefore, moment > clock.now {
                    let until = min(moment, alertWait.until ?? moment)
                    await bell.wait(until: until, on: clock)
                    continue
                }
                lastUser = notification.job.createdBy
                await deliver(notification, &lastRefusal)
            }
        } onCancel: {
            stop()
        }
    }

    /// When the present alert may be tried again, and how often it has been.
    private struct AlertWait {
        var until: Timestamp?
        var attempts = 0
    }

    /// Tells the team about the service itself, once until it is settled, also across restarts.
    func raise(_ alert: ServiceAlert) async {
        if await alerts.raise(alert) { bell.signal() }
    }

    /// How often an announcement is tried.
    private static let announcementsMax = 8

    /// Tells the team at once, past the store, which may be what the alert is about: what it says
    /// is not remembered.
    package func announce(_ alert: ServiceAlert) async {
        guard let channel else { return }
        for attempt in 1...NotificationOutbox.announcementsMax where !stopping.isFired {
            guard case .retry(let after, _) = await channel.deliver(alert) else { return }
            let wait = after ?? NotificationOutbox.waits.backOff(after: attempt)
            await stopping.pause(for: wait, sleep: clock.sleep)
        }
    }

    /// From so long a pause on the team is told of its end too.
    private static let longPause = Duration.seconds(600)

    /// Says that what an alert was about is over.
    ///
    /// - Parameter pause: how long downloads paused for it; the end of a long pause is told.
    func settle(_ kind: ServiceAlert.Kind, after pause: Duration? = nil) async {
        let isLong = pause.map { $0 >= NotificationOutbox.longPause } ?? false
        let end = isLong ? "What held downloads up is over; they go on." : nil
        if await alerts.settle(kind, saying: end) { bell.signal() }
    }

    /// Says that there is something to deliver. Never waits.
    package func wake() {
        bell.signal()
    }

    /// Makes ``run()`` return soon: a delivery under way has some seconds to end, then it is
    /// cancelled and made again after the next start.
    package func stop() {
        stopping.fire()
        bell.signal()
    }

    private func deliver(_ alert: ServiceAlert, _ wait: inout AlertWait) async {
        guard let channel else { return await alerts.told(alert.kind) }
        let outcome = await ShutdownSignal.run(
            cancelledBy: stopping, after: NotificationOutbox.grace, sleep: clock.sleep
        ) {
            await channel.deliver(alert)
        }
        switch outcome {
        case .delivered:
            await alerts.told(alert.kind)
        case .refused(let reason):
            logger.error(
                "an alert was refused",
                metadata: ["alert": "\(alert.kind.rawValue)", "reason": "\(reason)"])
            await alerts.told(alert.kind)
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
        let outcome = await ShutdownSignal.run(
            cancelledBy: stopping, after: NotificationOutbox.grace, sleep: clock.sleep
        ) {
            await channel.deliver(notification)
        }
        switch outcome {
        case .delivered:
            lastRefusal = nil
            await record(.delivered(at: clock.now), of: notification)
        case .refused(let reason):
            // A revoked token refuses everything: one line in the log is enough.
            logger.log(
                level: reason == lastRefusal ? .debug : .error, "a notification was refused",
                metadata: ["job": "\(notification.job.id)", "reason": "\(reason)"])
            lastRefusal = reason
            await record(.refused(at: clock.now, reason: reason), of: notification)
        case .retry(let after, let reason):
            // It was cut short, perhaps: that is no failure of the channel.
            if stopping.isFired { return }
            let wait = after ?? NotificationOutbox.waits.backOff(after: notification.attempts + 1)
            logger.debug(
                "a notification has to wait",
                metadata: ["job": "\(notification.job.id)", "reason": "\(reason)"])
            await record(.retry(at: clock.now + wait, reason: reason), of: notification)
        }
    }

    private func record(_ record: DeliveryRecord, of notification: JobNotification) async {
        _ = await store.retrying("record a delivery") { store in
            try await store.record(
                record, of: notification.id, through: notification.merged?.last ?? notification.id)
        }
    }
}
