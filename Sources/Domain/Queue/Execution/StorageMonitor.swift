// Watches the folder that files are written to: its free space, and whether it is still the same
// folder.

import Concurrency
import Datasets
import Jobs
import Logging

/// Decides when downloads pause for the data root. Confined to the queue's actor.
final class StorageMonitor {
    /// A change that the queue reacts to.
    enum Change {
        case paused(StorageProblem)
        /// Downloads stay paused, for another reason.
        case replaced(former: StorageProblem, StorageProblem)
        case resumed(after: StorageProblem)
        /// The first check after the start found no problem.
        case firstSuccess
    }

    /// What a check found.
    enum Finding {
        case unusable(String)
        case anotherFolder
        /// The folder is created by the first file.
        case noFolder
        case folder(StorageReading)
    }

    /// How often the data root is checked while there is a reason to. A transfer of 100 MB/s
    /// fills half the default reserve in that time.
    static let interval = Duration.seconds(5)
    /// A check as recent as this is reused before more files of a job are claimed: small files are
    /// claimed by the hundred.
    private static let reuseAge = Duration.seconds(1)

    /// Why no file can be written at this moment.
    private(set) var problem: StorageProblem?
    /// Fired while downloads pause, and then replaced.
    private(set) var pausing = ShutdownSignal()
    /// Where files go; `nil` where it is not checked.
    private let freeSpace: (any FreeSpaceProviding)?
    private let store: RetryingStore<any QueueStore>
    private let outbox: NotificationOutbox
    private let clock: SteadyClock
    private var diskGuard: DiskGuard
    /// The marker of the data root that the last files were written to, once that is known.
    private var knownMarker: String?
    private var isUnmarkable = false
    private var pausedSince: Timestamp?
    private var lastCheck: Timestamp?

    init(
        freeSpace: (any FreeSpaceProviding)?, reserveBytes: Int64,
        store: RetryingStore<any QueueStore>,
        outbox: NotificationOutbox, clock: SteadyClock
    ) {
        self.freeSpace = freeSpace
        self.store = store
        self.outbox = outbox
        self.clock = clock
        diskGuard = DiskGuard(reserveBytes: reserveBytes)
    }

    var isEnabled: Bool { freeSpace != nil }

    /// Whether the last check is recent enough for claiming more files.
    var isRecent: Bool {
        lastCheck.map { clock.now - $0 < StorageMonitor.reuseAge } ?? false
    }

    // MARK: Checking

    /// Reads the state of the data root; `nil` where it is not checked.
    func check() async -> Finding? {
        guard let freeSpace else { return nil }
        let reading: StorageReading?
        do {
            reading = try await freeSpace.look()
        } catch {
            return .unusable(error.reason)
        }
        if await isAnother(reading, at: freeSpace.location) { return .anotherFolder }
        guard let reading else { return .noFolder }
        return .folder(reading)
    }

    /// Evaluates what a check has found.
    func evaluate(_ finding: Finding, transfers: Int) -> Change? {
        let isFirst = lastCheck == nil
        lastCheck = clock.now
        let former = problem
        problem =
            switch finding {
            case .unusable(let reason): .unusable(reason)
            case .anotherFolder: .changed
            case .noFolder: former
            case .folder(let reading): diskGuard.problem(in: reading, transfers: transfers)
            }
        switch (former, problem) {
        case (nil, let problem?): return pause(for: problem)
        case (let former?, nil):
            pausing = ShutdownSignal()
            return .resumed(after: former)
        case (let former?, let problem?):
            return former.code == problem.code ? nil : .replaced(former: former, problem)
        case (nil, nil): return isFirst ? .firstSuccess : nil
        }
    }

    /// Logs a change and alerts the team.
    func announce(_ change: Change) async {
        switch change {
        case .paused(let problem):
            log(problem)
            await outbox.raise(ServiceAlert(problem.alert, problem.sentences))
        case .replaced(let former, let problem):
            log(problem)
            await outbox.settle(former.alert)
            await outbox.raise(ServiceAlert(problem.alert, problem.sentences))
        case .resumed(let problem):
            store.logger.notice(
                "downloads go on", metadata: ["reason": "\(problem.code) is over"])
            await outbox.settle(problem.alert, after: pausedSince.map { clock.now - $0 })
            pausedSince = nil
        case .firstSuccess:
            // Alerts of the last process may be over.
            for kind in StorageProblem.alerts { await outbox.settle(kind) }
        }
    }

    private func pause(for problem: StorageProblem) -> Change {
        pausing.fire()
        pausedSince = clock.now
        return .paused(problem)
    }

    private func log(_ problem: StorageProblem) {
        store.logger.warning(
            "downloads pause",
            metadata: ["reason": "\(problem.code)", "detail": "\(problem.sentences)"])
    }

    // MARK: The marker

    /// Marks the data root before the first file is written to it, and stores the marker. Where it
    /// cannot be marked, such as where only folders below it are writable, another folder in its
    /// place is not noticed.
    func recordDataRoot() async {
        guard let freeSpace, knownMarker == nil, !isUnmarkable else { return }
        do {
            let marker = try await freeSpace.mark()
            try await store.store.set(
                DataRootRecord(marker, at: freeSpace.location).text, for: DataRootRecord.key)
            knownMarker = marker
        } catch let refusal as StorageRefusal {
            isUnmarkable = true
            store.logger.warning(
                "the data root cannot be marked, so another one in its place is not noticed",
                metadata: ["reason": "\(refusal.reason)"])
        } catch {
            store.logger.debug("the data root was not recorded", metadata: ["error": "\(error)"])
        }
    }

    /// Accepts the folder that is there now as the data root.
    ///
    /// - Returns: `false` where it was not in question.
    func confirm(by principal: Principal, at now: Timestamp) async throws -> Bool {
        if case .unusable(let reason) = problem { throw StorageRefusal(reason) }
        guard let freeSpace, problem == .changed else { return false }
        let marker = try await freeSpace.mark()
        let record = DataRootRecord(marker, at: freeSpace.location)
        try await store.store.note(
            .dataRootConfirmed, about: .service, by: principal, detail: freeSpace.location,
            setting: [DataRootRecord.key: record.text], at: now)
        return true
    }

    /// The free space at this moment.
    func reading() async throws -> StorageReading {
        try await freeSpace?.look() ?? StorageReading(freeBytes: 0)
    }

    private func isAnother(_ reading: StorageReading?, at location: String) async -> Bool {
        // While it is in question, another process may confirm it.
        if knownMarker == nil || problem == .changed,
            let text = try? await store.store.value(for: DataRootRecord.key)
        {
            // Another folder in the configuration is another one on purpose.
            let record = DataRootRecord(text)
            knownMarker = record?.location == location ? record?.marker : nil
        }
        return knownMarker.map { $0 != reading?.marker } ?? false
    }
}

/// The data root that files were written to, as the store keeps it.
package struct DataRootRecord: Hashable, Sendable {
    /// The key under which the store keeps it.
    package static let key = "data_root"

    let marker: String
    let location: String

    package init(_ marker: String, at location: String) {
        self.marker = marker
        self.location = location
    }

    init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        (marker, location) = (parts[0], parts[1])
    }

    /// The value that the store keeps.
    package var text: String { "\(marker) \(location)" }
}

extension StorageProblem {
    fileprivate static let alerts: [ServiceAlert.Kind] = [
        .diskLow, .inodesLow, .dataRootChanged, .notWritable,
    ]

    fileprivate var alert: ServiceAlert.Kind {
        switch self {
        case .lowSpace: .diskLow
        case .lowInodes: .inodesLow
        case .changed: .dataRootChanged
        case .unusable, .folder: .notWritable
        }
    }
}
