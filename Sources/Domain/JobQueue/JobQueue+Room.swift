// How the queue keeps room on the disk: it looks before it claims anything and while transfers are
// under way, pauses below the reserve, and goes on by itself.

import Datasets
import Jobs
import Logging

extension JobQueue {
    /// How often the disk is looked at while there is a reason to. A transfer of 100 MB/s fills
    /// half the default reserve meanwhile.
    private static let lookInterval = Duration.seconds(5)
    /// Before a claim a look as recent as this will do: small files are claimed by the hundred.
    private static let lookAge = Duration.seconds(1)

    /// Looks at the disk until the queue stops.
    func watchRoom() async {
        while !stopping.isGiven {
            if diskGuard.isLow || dispatcher.hasJobs { await lookAtRoom() }
            await stopping.pause(for: JobQueue.lookInterval, on: clock)
        }
    }

    /// Whether there is room to begin anything.
    func hasRoom() async -> Bool {
        let isRecent = lastLook.map { clock.now - $0 < JobQueue.lookAge } ?? false
        if !diskGuard.isLow, !isRecent { await lookAtRoom() }
        return !diskGuard.isLow
    }

    private func lookAtRoom() async {
        guard let room, let free = await room.freeBytes() else { return }
        let isFirst = lastLook == nil
        lastLook = clock.now
        switch diskGuard.look(freeBytes: free, transfers: dispatcher.transfers) {
        case .pause:
            await pause(
                free,
                "The data folder's disk has \(Wording.bytes(free)) left, less than the reserve of "
                    + "\(Wording.bytes(diskGuard.reserveBytes)) (DISK_RESERVE). Make room; "
                    + "downloads go on by themselves.")
        case .resume: await resume(free)
        // What the last process was told about may be over since.
        case nil where isFirst && !diskGuard.isLow: await outbox.settle(.diskLow)
        case nil: return
        }
    }

    /// Puts a file off for which there is no room; everything, where the disk is full.
    func wait(for lack: Worker.Lack, of id: JobID) async {
        if lack.reason.code == FileFailure.diskFullCode { dispatcher.lacksRoom(id) }
        logger.warning(
            "a file is put off", metadata: ["job": "\(id)", "reason": "\(lack.reason.detail)"])
        guard let needed = lack.neededBytes, let room, diskGuard.ranOut(neededBytes: needed) else {
            return
        }
        await pause(
            await room.freeBytes() ?? 0,
            "\(lack.reason.detail) Downloads go on by themselves when "
                + "\(Wording.bytes(needed)) are free, and are tried again every now and then.")
    }

    private func pause(_ freeBytes: Int64, _ detail: String) async {
        dispatcher.hold()
        holding.give()
        logger.warning(
            "downloads pause",
            metadata: [
                "reason": "\(ServiceAlert.Kind.diskLow.rawValue)", "free_bytes": "\(freeBytes)",
                "reserve_bytes": "\(diskGuard.reserveBytes)",
            ])
        await outbox.raise(ServiceAlert(.diskLow, detail))
        let (jobs, now) = (lanesGoingOn, wallClock.now)
        guard !jobs.isEmpty else { return }
        _ = await store.insist(on: "note that jobs are held up") { store in
            try await store.note(
                .parked, of: jobs, detail: "Until there is room: the disk is low.",
                remembering: [:], at: now)
        }
    }

    private func resume(_ freeBytes: Int64) async {
        holding = StopSignal()
        dispatcher.letGo()
        logger.notice("downloads go on", metadata: ["free_bytes": "\(freeBytes)"])
        bell.ring()
        await outbox.settle(.diskLow)
    }
}
