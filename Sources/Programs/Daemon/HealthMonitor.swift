// The checks behind `GET /health`: the disk, Tardis, Telegram.

import API
import Concurrency
import Dispatch
import Jobs
import Posix
import Queue
import Synchronization
import Tardis

/// Looks at the data root's disk and at Tardis, and remembers how the last message to the team
/// went.
final class HealthMonitor: HealthChecking, Notifying {
    /// Below it the next file may not fit: the largest usual ones have some hundred megabytes.
    private static let freeMinBytes: Int64 = 256 << 20
    /// Below it the database may soon be unable to take another job: a job of 100,000 files needs
    /// some 20 MB.
    private static let databaseFreeMinBytes: Int64 = 32 << 20

    private let root: DataRootMonitor
    private let databaseFolder: String
    private let diskReserveBytes: Int64
    private let diskQueue: DispatchQueue
    private let catalogue: TardisCatalogue
    /// The channel whose fate is watched, `nil` where none is configured.
    private let channel: (any Notifying)?
    private let lastRefusal = Mutex<String?>(nil)

    /// - Parameters:
    ///   - databaseFolder: its path.
    ///   - diskReserveBytes: below it downloads pause.
    ///   - diskQueue: where to wait for the disk: one that hangs must not take along a thread of
    ///     the pool with each question.
    init(
        root: DataRootMonitor, databaseFolder: String, diskReserveBytes: Int64,
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
    func upstream() async -> ComponentHealth {
        if await catalogue.probe() { return ComponentHealth("reachable") }
        return ComponentHealth(
            "unreachable",
            .init(
                .degraded, "upstream_unreachable",
                "Tardis does not answer. Look whether the service's machine resolves names and "
                    + "reaches the network, also through its proxy; downloads go on by themselves.")
        )
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

    func telegram() async -> ComponentHealth {
        guard channel != nil else { return ComponentHealth("not configured") }
        guard let reason = lastRefusal.withLock({ $0 }) else {
            return ComponentHealth("configured")
        }
        return ComponentHealth("configured, but the last message was not delivered: \(reason)")
    }

    func disk() async -> (finding: ComponentHealth, freeBytes: Int64?) {
        await diskQueue.run { self.lookAtDisk() }
    }

    /// Blocks while the file systems answer. What the queue remembers of the data root, such as
    /// that it is another one than before, is reported by the queue.
    private func lookAtDisk() -> (finding: ComponentHealth, freeBytes: Int64?) {
        guard let databaseFree, databaseFree >= HealthMonitor.databaseFreeMinBytes else {
            return (
                ComponentHealth(
                    "almost full for the database",
                    .init(
                        .unhealthy, "database_disk_low",
                        "The database's disk is almost full, or cannot be read: make room, or no "
                            + "further job can be taken.")), nil
            )
        }
        let reading: StorageReading?
        switch root.lookNow() {
        case .success(let found): reading = found
        case .failure(let refusal):
            return (problem("cannot be written", .unusable(refusal.reason)), nil)
        }
        guard let reading else {
            return (problem("missing", .unusable("there is no such folder")), nil)
        }
        let free = reading.freeBytes
        let isAlmostFull = free < HealthMonitor.freeMinBytes
        if free < diskReserveBytes {
            let words = isAlmostFull ? "almost full" : "disk_low: downloads pause"
            let low = StorageProblem.lowSpace(freeBytes: free, reserveBytes: diskReserveBytes)
            return (problem(words, low), free)
        }
        if isAlmostFull {
            let detail = "The data folder's disk is almost full: the next file may not fit."
            return (
                ComponentHealth("almost full", .init(.degraded, "disk_low", detail)), free
            )
        }
        if let inodes = reading.inodes, diskReserveBytes > 0,
            DiskGuard.lacksInodes(inodes)
        {
            return (problem("no room for further files", .lowInodes(free: inodes.free)), free)
        }
        guard root.isWritable else {
            return (problem("not writable", .unusable("Permission denied")), free)
        }
        return (ComponentHealth("ok"), free)
    }

    private var databaseFree: Int64? {
        (try? ConfinedFolder(root: databaseFolder, creating: false))
            .flatMap { try? $0.space.freeBytes }
    }

    private func problem(_ words: String, _ problem: StorageProblem) -> ComponentHealth {
        ComponentHealth(words, .init(.degraded, problem.code, problem.sentences))
    }
}
