// What `GET /health` sees of the surroundings: the disk, Tardis, Telegram. It must not hold a
// secret.

import API
import Dispatch
import Jobs
import Posix
import Synchronization
import Tardis

/// Looks at the data root's disk and at Tardis, and remembers how the last message to the team
/// went.
final class HealthMonitor: HealthChecking, Notifying, RoomChecking {
    /// Below it the next file may not fit: the largest usual ones have some hundred megabytes.
    private static let freeMinBytes: Int64 = 256 << 20
    /// Below it the database may soon be unable to take another job: a job of 100,000 files needs
    /// some 20 MB.
    private static let databaseFreeMinBytes: Int64 = 32 << 20

    private let root: ConfinedFolder
    private let databaseFolder: ConfinedFolder
    private let diskReserveBytes: Int64
    private let diskQueue: DispatchQueue
    private let catalogue: TardisCatalogue
    /// The channel whose fate is watched, `nil` where none is configured.
    private let channel: (any Notifying)?
    private let lastRefusal = Mutex<String?>(nil)

    /// - Parameters:
    ///   - diskReserveBytes: below it downloads pause.
    ///   - diskQueue: where to wait for the disk: one that hangs must not take along a thread of
    ///     the pool with each question.
    init(
        root: ConfinedFolder, databaseFolder: ConfinedFolder, diskReserveBytes: Int64,
        diskQueue: DispatchQueue, catalogue: TardisCatalogue, channel: (any Notifying)?
    ) {
        self.root = root
        self.databaseFolder = databaseFolder
        self.diskReserveBytes = diskReserveBytes
        self.diskQueue = diskQueue
        self.catalogue = catalogue
        self.channel = channel
    }

    /// Tardis being away is no reason to restart this service, so that does not make it unhealthy;
    /// nor does Telegram.
    func upstream() async -> HealthFinding {
        HealthFinding(await catalogue.probe() ? "reachable" : "unreachable")
    }

    /// Passes a notification on and remembers what became of it.
    func deliver(_ notification: JobNotification) async -> DeliveryOutcome {
        guard let channel else { return .refused(reason: "Telegram is not configured") }
        return noted(await channel.deliver(notification))
    }

    func deliver(_ alert: ServiceAlert) async -> DeliveryOutcome {
        guard let channel else { return .refused(reason: "Telegram is not configured") }
        return noted(await channel.deliver(alert))
    }

    private func noted(_ outcome: DeliveryOutcome) -> DeliveryOutcome {
        lastRefusal.withLock { last in
            switch outcome {
            case .delivered: last = nil
            case .retry(_, let reason), .refused(let reason): last = reason
            }
        }
        return outcome
    }

    func telegram() async -> HealthFinding {
        guard channel != nil else { return HealthFinding("not configured") }
        guard let reason = lastRefusal.withLock({ $0 }) else { return HealthFinding("configured") }
        return HealthFinding("configured, but the last message was not delivered: \(reason)")
    }

    func disk() async -> (finding: HealthFinding, freeBytes: Int64?) {
        await diskQueue.run { self.lookAtDisk() }
    }

    func freeBytes() async -> Int64? {
        await diskQueue.run { [root] in try? root.space.freeBytes }
    }

    /// Blocks while the file systems answer.
    private func lookAtDisk() -> (finding: HealthFinding, freeBytes: Int64?) {
        do {
            let free = try root.space.freeBytes
            do {
                try root.checkAccess()
            } catch {
                let words = "data_root_not_writable: \(error.reason)"
                return (HealthFinding(words, isHealthy: false), free)
            }
            guard free >= HealthMonitor.freeMinBytes else {
                return (HealthFinding("almost full", isHealthy: false), free)
            }
            guard try databaseFolder.space.freeBytes >= HealthMonitor.databaseFreeMinBytes else {
                return (HealthFinding("almost full for the database", isHealthy: false), free)
            }
            // Nothing that a restart would help with: the service waits for room by itself.
            guard free >= diskReserveBytes else {
                return (HealthFinding("disk_low: downloads pause"), free)
            }
            return (HealthFinding("ok"), free)
        } catch {
            return (HealthFinding("cannot be read: \(error.reason)", isHealthy: false), nil)
        }
    }
}
