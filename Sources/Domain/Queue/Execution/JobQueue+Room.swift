// How the queue looks after the folder that files go to: it looks before it claims anything and
// while transfers are under way, pauses where nothing should be written, and goes on by itself.

import Concurrency
import Datasets
package import Jobs
import Logging

extension JobQueue {
    /// How often the data root is looked at while there is a reason to. A transfer of 100 MB/s
    /// fills half the default reserve meanwhile.
    private static let lookInterval = Duration.seconds(5)
    /// Before more files of a job are claimed, a look as recent as this will do: small files are
    /// claimed by the hundred.
    private static let lookAge = Duration.seconds(1)

    /// Looks at the data root until the queue stops.
    func watchRoom() async {
        while !stopping.isFired {
            if storageProblem != nil || dispatcher.hasJobs { await lookAtRoom() }
            // A database that is gone is noticed though nothing is written: the store tells of it.
            try? await store.store.probe()
            await stopping.pause(for: JobQueue.lookInterval, sleep: clock.sleep)
        }
    }

    /// Whether there is room to begin a job. Always looks: a disk may have gone since the last one
    /// ended, and its files would be written to what is left in its place.
    func hasRoomForJob() async -> Bool {
        if storageProblem == nil { await lookAtRoom() }
        return storageProblem == nil
    }

    /// Whether there is room for more files of a job.
    func hasFreeSpace() async -> Bool {
        let isRecent = lastLook.map { clock.now - $0 < JobQueue.lookAge } ?? false
        if storageProblem == nil, !isRecent { await lookAtRoom() }
        return storageProblem == nil
    }

    /// Marks the data root before the first file is written to it, and remembers the mark. Where it
    /// cannot be marked, such as where only folders below it may be written, another one will not
    /// be told from it.
    func recordDataRoot() async {
        guard let room, knownMarker == nil, !isUnmarkable else { return }
        do {
            let marker = try await room.mark()
            try await store.store.set(
                DataRootRecord(marker, at: room.location).text, for: DataRootRecord.fact)
            knownMarker = marker
        } catch let refusal as StorageRefusal {
            isUnmarkable = true
            logger.warning(
                "the data root cannot be marked, so another one in its place is not noticed",
                metadata: ["reason": "\(refusal.reason)"])
        } catch {
            logger.debug("the data root was not recorded", metadata: ["error": "\(error)"])
        }
    }

    package func confirmDataRoot(by principal: Principal) async throws -> StorageReading? {
        await lookAtRoom()
        if case .unusable(let reason) = storageProblem { throw StorageRefusal(reason) }
        guard let room, storageProblem == .changed else { return nil }
        let marker = try await room.mark()
        try await store.store.note(
            .dataRootConfirmed, by: principal, detail: room.location,
            setting: [DataRootRecord.fact: DataRootRecord(marker, at: room.location).text],
            at: wallClock.now)
        await lookAtRoom()
        return try await room.look() ?? StorageReading(freeBytes: 0)
    }

    /// Puts off a job whose folder could not take a file; everything, where that is due to the data
    /// root.
    func wait(for lack: Worker.Lack, of id: JobID) async {
        dispatcher.putOff(
            id, because: StorageProblem(puttingOff: lack.reason),
            until: clock.now + Worker.roomWait)
        logger.warning(
            "a file is put off", metadata: ["job": "\(id)", "reason": "\(lack.reason.detail)"])
        // Not the job's folder alone may be at fault, but the data root: then everything waits.
        if lack.reason.code != FileFailure.diskFullCode { _ = await hasFreeSpace() }
        guard storageProblem == nil, let needed = lack.neededBytes, let room else { return }
        // A folder below the data root may be on another disk, which concerns no other job.
        guard let free = (try? await room.look())?.freeBytes, free < needed,
            storageProblem == nil, diskGuard.ranOut(neededBytes: needed)
        else { return }
        let problem = StorageProblem.lowSpace(
            freeBytes: free, reserveBytes: diskGuard.reserveBytes)
        storageProblem = problem
        await pause(problem)
    }

    // MARK: Looking

    private func lookAtRoom() async {
        guard let room else { return }
        let isFirst = lastLook == nil
        let found = await problem(of: room)
        lastLook = clock.now
        let former = storageProblem
        storageProblem = found
        switch (former, found) {
        case (nil, let problem?): await pause(problem)
        case (let problem?, nil): await resume(after: problem)
        case (let former?, let problem?):
            guard former.code != problem.code else { return }
            logPause(problem)
            await outbox.settle(former.alert)
            await outbox.raise(ServiceAlert(problem.alert, problem.sentences))
        case (nil, nil):
            guard isFirst else { return }
            // What the last process told the team may be over since.
            for kind in StorageProblem.alerts { await outbox.settle(kind) }
        }
    }

    private func problem(of room: any FreeSpaceProviding) async -> StorageProblem? {
        let reading: StorageReading?
        do {
            reading = try await room.look()
        } catch {
            return .unusable(error.reason)
        }
        if await isAnother(reading, than: room) { return .changed }
        // A folder that is not there yet is made by the first file.
        guard let reading else { return storageProblem }
        return diskGuard.problem(in: reading, transfers: dispatcher.transfers)
    }

    private func isAnother(
        _ reading: StorageReading?, than room: any FreeSpaceProviding
    ) async -> Bool {
        // While it is in question it may be confirmed by another process.
        if knownMarker == nil || storageProblem == .changed,
            let text = try? await store.store.value(for: DataRootRecord.fact)
        {
            // Another folder in the configuration is meant to be another one.
            let record = DataRootRecord(text)
            knownMarker = record?.location == room.location ? record?.marker : nil
        }
        return knownMarker.map { $0 != reading?.marker } ?? false
    }

    // MARK: Pausing

    private func pause(_ problem: StorageProblem) async {
        dispatcher.hold()
        holding.fire()
        heldSince = clock.now
        logPause(problem)
        await outbox.raise(ServiceAlert(problem.alert, problem.sentences))
        let (jobs, now) = (lanesGoingOn, wallClock.now)
        guard !jobs.isEmpty else { return }
        _ = await store.retrying("note that jobs are held up") { store in
            try await store.note(
                .parked, of: jobs, detail: "\(problem.summary).", setting: [:], at: now)
        }
    }

    private func logPause(_ problem: StorageProblem) {
        logger.warning(
            "downloads pause",
            metadata: ["reason": "\(problem.code)", "detail": "\(problem.sentences)"])
    }

    private func resume(after problem: StorageProblem) async {
        holding = ShutdownSignal()
        dispatcher.letGo()
        logger.notice("downloads go on", metadata: ["reason": "\(problem.code) is over"])
        bell.signal()
        await outbox.settle(problem.alert, after: heldSince.map { clock.now - $0 })
        heldSince = nil
    }
}

/// How the data root is remembered that files were written to.
package struct DataRootRecord: Hashable, Sendable {
    /// The name of the fact.
    package static let fact = "data_root"

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

    /// The fact's value.
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
