// How much may still be written before a disk's reserve is touched: asked before every write of
// every transfer, since one file without end fills the disk between two looks of the queue. It must
// not know what is written.

import Glibc
import Posix
import Synchronization

/// Why there is no room for a transfer, which is therefore put back.
struct RoomLack: Error, Hashable, Sendable {
    /// What has to be free before anything is worth beginning; `nil` where it is enough to wait:
    /// other transfers are under way, or the file alone is too large.
    var neededBytes: Int64?
    var freeBytes: Int64
}

/// Keeps a reserve free on each file system that transfers write to.
final class WritingRoom: Sendable {
    private struct Disk {
        /// What may be written before the disk is looked at again.
        var grantedBytes: Int64 = 0
        /// Granted, and perhaps not yet part of what is used.
        var beingWrittenBytes: Int64 = 0
        /// What transfers under way have announced and not brought yet.
        var promisedBytes: Int64 = 0
        var transfers = 0
    }

    /// As much as the disk is asked to write back at once. What others write meanwhile counts no
    /// later.
    private static let grantBytesMax: Int64 = 8 << 20
    /// Room that is too little for one file may be enough for others.
    private static let waitSpan = Duration.seconds(600)
    /// Disks remembered at most; beyond it all are forgotten.
    private static let waitsMax = 64
    /// A file system fills whole blocks.
    private static let blockBytes: Int64 = 4096
    /// Larger announcements than the largest file are not believed, and sums stay far from the
    /// largest number.
    private static let promiseBytesMax: Int64 = 1 << 40

    private let reserveBytes: Int64
    private let look: @Sendable (ConfinedFolder) -> Int64?
    private let disks = Mutex<[UInt64: Disk]>([:])
    /// For how much room to wait on a disk, and until when at most.
    private let waits = Mutex<[UInt64: (bytes: Int64, end: ContinuousClock.Instant)]>([:])

    /// - Parameters:
    ///   - reserveBytes: nothing is kept free where it is 0.
    ///   - look: the free bytes of a folder's disk; `nil` where that cannot be known.
    init(
        reserveBytes: Int64,
        look: @escaping @Sendable (ConfinedFolder) -> Int64? = { folder in
            guard let space = try? folder.space, space.totalBytes > 0 else { return nil }
            return space.freeBytes
        }
    ) {
        self.reserveBytes = reserveBytes
        self.look = look
    }

    /// A transfer's part in the room of the disk that its folder is on.
    func share(of folder: ConfinedFolder) -> RoomShare {
        RoomShare(in: self, folder, disk: (try? folder.identity)?.device ?? 0)
    }

    /// Why nothing should be asked for at this moment: the disk can only be read, or what is under
    /// way needs all there is.
    func obstacle(in folder: ConfinedFolder) -> WriteProblem? {
        if let space = try? folder.space, space.isReadOnly {
            return .disk(SystemError(call: "statvfs", code: EROFS))
        }
        return lackToBegin(in: folder).map { .noRoom($0, nil) }
    }

    /// The part of ``obstacle(in:)`` that is about room.
    func lackToBegin(in folder: ConfinedFolder) -> RoomLack? {
        guard let disk = (try? folder.identity)?.device else { return nil }
        if let needed = neededBytes(on: disk), let free = look(folder), free < needed {
            return RoomLack(neededBytes: nil, freeBytes: free)
        }
        return disks.withLock { disks in
            shortage(of: 0, on: disks[disk] ?? Disk(), in: folder, sparing: 0)
        }
    }

    /// Begins nothing on a disk before so much of it is free, for a while: what a transfer gives
    /// back that has filled the disk is no room for it, and it would be fetched again and again.
    func wait(for bytes: Int64, on disk: UInt64) {
        waits.withLock { waits in
            if waits.count >= Self.waitsMax { waits.removeAll() }
            waits[disk] = (bytes, ContinuousClock.now + Self.waitSpan)
        }
    }

    private func neededBytes(on disk: UInt64) -> Int64? {
        waits.withLock { waits in
            guard let wait = waits[disk] else { return nil }
            if wait.end > .now { return wait.bytes }
            waits[disk] = nil
            return nil
        }
    }

    // MARK: For shares

    fileprivate func enter(
        _ disk: UInt64, _ folder: ConfinedFolder, promising bytes: Int64
    ) throws(RoomLack) {
        let lack = disks.withLock { disks -> RoomLack? in
            let present = disks[disk] ?? Disk()
            let lack = shortage(of: bytes, on: present, in: folder, sparing: 0)
            guard lack == nil else { return lack }
            disks[disk, default: Disk()].transfers += 1
            disks[disk, default: Disk()].promisedBytes += bytes
            return nil
        }
        if let lack { throw lack }
    }

    fileprivate func leave(_ disk: UInt64, promised bytes: Int64) {
        change(disk) { disk in
            disk.transfers -= 1
            disk.promisedBytes -= bytes
        }
    }

    /// - Parameter promised: what the transfer itself has announced of it.
    fileprivate func claim(
        _ bytes: Int64, on disk: UInt64, _ folder: ConfinedFolder, promised: Int64
    ) throws(RoomLack) {
        let lack = disks.withLock { disks -> RoomLack? in
            var present = disks[disk] ?? Disk()
            if present.grantedBytes < bytes {
                // What was announced has its room, but for what others have written.
                let spared = promised >= bytes ? present.promisedBytes : 0
                let lack = shortage(of: bytes, on: present, in: folder, sparing: spared)
                guard lack == nil else { return lack }
                let free = spare(on: present, in: folder) ?? .max
                present.grantedBytes = max(bytes, min(free, WritingRoom.grantBytesMax))
            }
            present.grantedBytes -= bytes
            present.beingWrittenBytes += bytes
            disks[disk] = present
            return nil
        }
        if let lack { throw lack }
    }

    fileprivate func wrote(_ bytes: Int64, on disk: UInt64, promised: Int64) {
        change(disk) { disk in
            disk.beingWrittenBytes -= bytes
            disk.promisedBytes -= promised
        }
    }

    /// Why a transfer that has written so much has to be put back.
    fileprivate func lack(
        after bytes: Int64, on disk: UInt64, in folder: ConfinedFolder
    ) -> RoomLack {
        let free = look(folder) ?? 0
        let hasOthers = disks.withLock { ($0[disk]?.transfers ?? 0) > 1 }
        // Its whole size is unknown. What it gives back is no room for it, or it would fill the
        // disk again, for ever: so there has to be as much more.
        let needed = max(reserveBytes, free.clampedAdding(bytes).clampedAdding(bytes))
        return RoomLack(neededBytes: hasOthers ? nil : needed, freeBytes: free)
    }

    /// Bytes as a file system counts them.
    fileprivate static func inBlocks(_ bytes: Int) -> Int64 {
        (Int64(clamping: bytes).clampedAdding(blockBytes - 1)) / blockBytes * blockBytes
    }

    fileprivate static func believed(_ announced: Int64?) -> Int64 {
        guard let announced, (0...promiseBytesMax).contains(announced) else { return 0 }
        return announced
    }

    private func change(_ disk: UInt64, _ body: (inout Disk) -> Void) {
        disks.withLock { disks in
            guard var present = disks[disk] else { return }
            body(&present)
            let isIdle = present.transfers == 0 && present.beingWrittenBytes == 0
            disks[disk] = isIdle ? nil : present
        }
    }

    /// What could be written at once; `nil` where there is no limit.
    private func spare(on disk: Disk, in folder: ConfinedFolder) -> Int64? {
        guard reserveBytes > 0, let free = look(folder) else { return nil }
        return free - reserveBytes - disk.beingWrittenBytes
    }

    private func shortage(
        of bytes: Int64, on disk: Disk, in folder: ConfinedFolder, sparing spared: Int64
    ) -> RoomLack? {
        guard let spare = spare(on: disk, in: folder),
            spare - (disk.promisedBytes - spared) < bytes
        else { return nil }
        let isEmpty = disk.transfers == 0 && spare < 0
        return RoomLack(
            neededBytes: isEmpty ? reserveBytes : nil,
            freeBytes: spare + reserveBytes + disk.beingWrittenBytes)
    }
}

/// What one transfer has announced and written. Confined to the queue of its writer.
final class RoomShare {
    private let room: WritingRoom
    private let folder: ConfinedFolder
    private let disk: UInt64
    private var isUnderWay = false
    /// Announced, and not written yet.
    private var promisedBytes: Int64 = 0
    private var writtenBytes: Int64 = 0

    fileprivate init(in room: WritingRoom, _ folder: ConfinedFolder, disk: UInt64) {
        self.room = room
        self.folder = folder
        self.disk = disk
    }

    deinit { rest() }

    /// An answer begins to come.
    ///
    /// - Parameter bytes: how many it announces; `nil` where it does not say.
    func begin(announcing bytes: Int64?) throws(RoomLack) {
        rest()
        let promised = WritingRoom.believed(bytes)
        try room.enter(disk, folder, promising: promised)
        (isUnderWay, promisedBytes) = (true, promised)
    }

    /// Nothing more comes for now.
    func rest() {
        guard isUnderWay else { return }
        room.leave(disk, promised: promisedBytes)
        (isUnderWay, promisedBytes) = (false, 0)
    }

    /// Writes, where there is room.
    ///
    /// - Parameter body: writes that many bytes.
    func write(
        _ count: Int, _ body: () throws(SystemError) -> Void
    ) throws(WriteProblem) {
        let bytes = WritingRoom.inBlocks(count)
        do throws(RoomLack) {
            try room.claim(bytes, on: disk, folder, promised: promisedBytes)
        } catch {
            throw .noRoom(lack(), nil)
        }
        let kept = min(promisedBytes, Int64(count))
        defer { room.wrote(bytes, on: disk, promised: isUnderWay ? kept : 0) }
        promisedBytes -= kept
        do throws(SystemError) {
            try body()
        } catch {
            throw problem(error)
        }
        writtenBytes = writtenBytes.clampedAdding(bytes)
    }

    /// What it means that the disk refused something.
    func problem(_ error: SystemError) -> WriteProblem {
        error.isLackOfRoom ? .noRoom(lack(), error) : .disk(error)
    }

    private func lack() -> RoomLack { room.lack(after: writtenBytes, on: disk, in: folder) }
}

extension Int64 {
    /// The sum, or the number nearest to it.
    fileprivate func clampedAdding(_ other: Int64) -> Int64 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? (other < 0 ? .min : .max) : sum
    }
}
