// Keeps a reserve of disk space free. Checked before every write of every transfer, because one
// endless file would fill the disk between two checks of the queue.

import Glibc
import Posix
import Synchronization

/// Why there is no space for a transfer, which is therefore postponed.
struct SpaceShortage: Error, Hashable, Sendable {
    /// Bytes that must be free before a transfer may begin; `nil` if waiting is enough: other
    /// transfers are running, or only this file is too large.
    var neededBytes: Int64?
    var freeBytes: Int64
}

/// Keeps a reserve free on each file system that transfers write to.
final class DiskReserve: Sendable {
    private struct Disk {
        /// Bytes that may be written before free space is measured again.
        var grantedBytes: Int64 = 0
        /// Granted bytes that the disk may not count as used yet.
        var beingWrittenBytes: Int64 = 0
        /// Bytes that running transfers have announced and not written yet.
        var promisedBytes: Int64 = 0
        var transfers = 0
    }

    /// As much as is written back to the disk at once. Other processes' writes are noticed after
    /// this many bytes.
    private static let grantBytesMax: Int64 = 8 << 20
    /// Space that is too small for one file may be enough for others.
    private static let waitSpan = Duration.seconds(600)
    /// Disks with a wait; one more replaces all of them.
    private static let waitsMax = 64
    /// A file system allocates whole blocks.
    private static let blockBytes: Int64 = 4096
    /// Larger announcements are ignored, so that sums cannot overflow.
    private static let promiseBytesMax: Int64 = 1 << 40

    private let reserveBytes: Int64
    private let freeBytes: @Sendable (ConfinedFolder) -> Int64?
    private let disks = Mutex<[UInt64: Disk]>([:])
    /// The space that a disk must have before a transfer begins, and the end of that wait.
    private let waits = Mutex<[UInt64: (bytes: Int64, end: ContinuousClock.Instant)]>([:])

    /// - Parameters:
    ///   - reserveBytes: 0 for no reserve.
    ///   - freeBytes: measures the disk of a folder; `nil` if that is not possible.
    init(
        reserveBytes: Int64,
        freeBytes: @escaping @Sendable (ConfinedFolder) -> Int64? = { folder in
            guard let space = try? folder.space, space.totalBytes > 0 else { return nil }
            return space.freeBytes
        }
    ) {
        self.reserveBytes = reserveBytes
        self.freeBytes = freeBytes
    }

    /// A reservation for one transfer on the disk of a folder.
    func reservation(in folder: ConfinedFolder) -> SpaceReservation {
        SpaceReservation(in: self, folder, disk: (try? folder.identity)?.device ?? 0)
    }

    /// Why no transfer should begin now: the disk is read-only, or running transfers need all of
    /// its space.
    func obstacle(in folder: ConfinedFolder) -> WriteProblem? {
        if let space = try? folder.space, space.isReadOnly {
            return .disk(SystemError(call: "statvfs", code: EROFS))
        }
        return shortage(in: folder).map { .noSpace($0, nil) }
    }

    /// The part of ``obstacle(in:)`` that is about space.
    func shortage(in folder: ConfinedFolder) -> SpaceShortage? {
        guard let disk = (try? folder.identity)?.device else { return nil }
        if let needed = neededBytes(on: disk), let free = freeBytes(folder), free < needed {
            return SpaceShortage(neededBytes: nil, freeBytes: free)
        }
        return disks.withLock { disks in
            shortage(of: 0, on: disks[disk] ?? Disk(), in: folder, sparing: 0)
        }
    }

    /// Begins no transfer on a disk before so much of it is free, for ten minutes. Otherwise a file
    /// that filled the disk would be removed and downloaded again and again.
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

    // MARK: For reservations

    fileprivate func begin(
        _ disk: UInt64, _ folder: ConfinedFolder, promising bytes: Int64
    ) throws(SpaceShortage) {
        let shortage = disks.withLock { disks -> SpaceShortage? in
            let present = disks[disk] ?? Disk()
            let shortage = self.shortage(of: bytes, on: present, in: folder, sparing: 0)
            guard shortage == nil else { return shortage }
            disks[disk, default: Disk()].transfers += 1
            disks[disk, default: Disk()].promisedBytes += bytes
            return nil
        }
        if let shortage { throw shortage }
    }

    fileprivate func end(_ disk: UInt64, promised bytes: Int64) {
        change(disk) { disk in
            disk.transfers -= 1
            disk.promisedBytes -= bytes
        }
    }

    /// - Parameter promised: bytes that the transfer itself has announced and not written yet.
    fileprivate func claim(
        _ bytes: Int64, on disk: UInt64, _ folder: ConfinedFolder, promised: Int64
    ) throws(SpaceShortage) {
        let shortage = disks.withLock { disks -> SpaceShortage? in
            var present = disks[disk] ?? Disk()
            if present.grantedBytes < bytes {
                // Announced bytes have their space reserved, unless other processes used it.
                let spared = promised >= bytes ? present.promisedBytes : 0
                let shortage = self.shortage(
                    of: bytes, on: present, in: folder, sparing: spared)
                guard shortage == nil else { return shortage }
                let free = spare(on: present, in: folder) ?? .max
                present.grantedBytes = max(bytes, min(free, DiskReserve.grantBytesMax))
            }
            present.grantedBytes -= bytes
            present.beingWrittenBytes += bytes
            disks[disk] = present
            return nil
        }
        if let shortage { throw shortage }
    }

    fileprivate func recordWrite(_ bytes: Int64, on disk: UInt64, promised: Int64) {
        change(disk) { disk in
            disk.beingWrittenBytes -= bytes
            disk.promisedBytes -= promised
        }
    }

    /// Why a transfer that has written so many bytes must be postponed.
    fileprivate func shortage(
        after bytes: Int64, on disk: UInt64, in folder: ConfinedFolder
    ) -> SpaceShortage {
        let free = freeBytes(folder) ?? 0
        let hasOthers = disks.withLock { ($0[disk]?.transfers ?? 0) > 1 }
        // Its whole size is unknown. The space that it returns is not enough, or it would fill the
        // disk again for ever: so as much again must be free.
        let needed = max(reserveBytes, free.clampedAdding(bytes).clampedAdding(bytes))
        return SpaceShortage(neededBytes: hasOthers ? nil : needed, freeBytes: free)
    }

    /// Bytes rounded up to whole blocks.
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

    /// Bytes that could be written now; `nil` for no limit.
    private func spare(on disk: Disk, in folder: ConfinedFolder) -> Int64? {
        guard reserveBytes > 0, let free = freeBytes(folder) else { return nil }
        return free - reserveBytes - disk.beingWrittenBytes
    }

    private func shortage(
        of bytes: Int64, on disk: Disk, in folder: ConfinedFolder, sparing spared: Int64
    ) -> SpaceShortage? {
        guard let spare = spare(on: disk, in: folder),
            spare - (disk.promisedBytes - spared) < bytes
        else { return nil }
        let isEmpty = disk.transfers == 0 && spare < 0
        return SpaceShortage(
            neededBytes: isEmpty ? reserveBytes : nil,
            freeBytes: spare + reserveBytes + disk.beingWrittenBytes)
    }
}

/// The space that one transfer has announced and written. Confined to its writer's queue.
final class SpaceReservation {
    private let reserve: DiskReserve
    private let folder: ConfinedFolder
    private let disk: UInt64
    private var isActive = false
    /// Announced and not written yet.
    private var promisedBytes: Int64 = 0
    private var writtenBytes: Int64 = 0

    fileprivate init(in reserve: DiskReserve, _ folder: ConfinedFolder, disk: UInt64) {
        self.reserve = reserve
        self.folder = folder
        self.disk = disk
    }

    deinit { end() }

    /// Reserves the space of a response.
    ///
    /// - Parameter bytes: how many it announces; `nil` if it does not say.
    func begin(announcing bytes: Int64?) throws(SpaceShortage) {
        end()
        let promised = DiskReserve.believed(bytes)
        try reserve.begin(disk, folder, promising: promised)
        (isActive, promisedBytes) = (true, promised)
    }

    /// Returns the reserved space: no more bytes arrive for now.
    func end() {
        guard isActive else { return }
        reserve.end(disk, promised: promisedBytes)
        (isActive, promisedBytes) = (false, 0)
    }

    /// Writes if there is space.
    ///
    /// - Parameter body: writes that many bytes.
    func write(
        _ count: Int, _ body: () throws(SystemError) -> Void
    ) throws(WriteProblem) {
        let bytes = DiskReserve.inBlocks(count)
        do throws(SpaceShortage) {
            try reserve.claim(bytes, on: disk, folder, promised: promisedBytes)
        } catch {
            throw .noSpace(shortage(), nil)
        }
        let redeemed = min(promisedBytes, Int64(count))
        defer { reserve.recordWrite(bytes, on: disk, promised: isActive ? redeemed : 0) }
        promisedBytes -= redeemed
        do throws(SystemError) {
            try body()
        } catch {
            throw problem(error)
        }
        writtenBytes = writtenBytes.clampedAdding(bytes)
    }

    /// The problem that an error of the disk is.
    func problem(_ error: SystemError) -> WriteProblem {
        error.isLackOfSpace ? .noSpace(shortage(), error) : .disk(error)
    }

    private func shortage() -> SpaceShortage {
        reserve.shortage(after: writtenBytes, on: disk, in: folder)
    }
}

extension Int64 {
    /// The sum, or the number nearest to it.
    fileprivate func clampedAdding(_ other: Int64) -> Int64 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? (other < 0 ? .min : .max) : sum
    }
}
