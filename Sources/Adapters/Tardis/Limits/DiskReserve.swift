// Keeps a reserve of disk space free. Checked before every write of every transfer, because one
// endless file would fill the disk between two checks of the queue.

import Glibc
import Posix
import Synchronization

/// Why there is no space for a transfer, which is therefore postponed.
struct SpaceShortage: Error, Hashable, Sendable {
    /// Bytes that must be free before the file is begun again, since the disk had no room for it;
    /// `nil` where only the reserve was in its way before it wrote anything.
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
    /// How long a file that filled the disk waits for as much space at most.
    private static let holdSpan = Duration.seconds(600)
    /// A file system allocates whole blocks.
    private static let blockBytes: Int64 = 4096
    /// Larger announcements are ignored, so that sums cannot overflow.
    private static let promiseBytesMax: Int64 = 1 << 40

    private let reserveBytes: Int64
    private let freeBytes: @Sendable (ConfinedFolder) -> Int64?
    private let disks = Mutex<[UInt64: Disk]>([:])
    /// The space that must be free before a file is begun, and the end of that wait.
    private let holds = BoundedCache<TargetFile, (bytes: Int64, end: ContinuousClock.Instant)>()

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

    /// Why the transfer of a file should not begin now: the disk is read-only, running transfers
    /// need all of its space, or the file has filled it before.
    func obstacle(to file: TargetFile, in folder: ConfinedFolder) -> WriteProblem? {
        if let space = try? folder.space, space.isReadOnly {
            return .disk(SystemError(call: "statvfs", code: EROFS))
        }
        return shortage(of: file, in: folder).map { .noSpace($0, nil) }
    }

    /// The part of ``obstacle(to:in:)`` that is about space.
    func shortage(of file: TargetFile, in folder: ConfinedFolder) -> SpaceShortage? {
        let disk = file.folder.device
        if let needed = neededBytes(for: file), let free = freeBytes(folder), free < needed {
            return SpaceShortage(neededBytes: needed, freeBytes: free)
        }
        return disks.withLock { disks in
            shortage(of: 0, on: disks[disk] ?? Disk(), in: folder, sparing: 0)
        }
    }

    /// Does not begin a file before so much of its disk is free, for ten minutes. Otherwise it
    /// would fill the disk, be removed and be downloaded again and again. Other files are begun.
    func hold(_ file: TargetFile, until bytes: Int64) {
        holds.set((bytes, ContinuousClock.now + Self.holdSpan), for: file)
    }

    private func neededBytes(for file: TargetFile) -> Int64? {
        guard let hold = holds[file] else { return nil }
        if hold.end > .now { return hold.bytes }
        holds.remove(file)
        return nil
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
    ///
    /// - Parameter refused: bytes of the write that the disk itself had no room for.
    fileprivate func shortage(
        after bytes: Int64, refused: Int64, in folder: ConfinedFolder
    ) -> SpaceShortage {
        let free = freeBytes(folder) ?? 0
        let least = bytes.clampedAdding(refused)
        guard bytes > 0 else {
            return SpaceShortage(neededBytes: least > 0 ? least : nil, freeBytes: free)
        }
        // Its whole size is unknown. The space that it returns is not enough, or it would fill the
        // disk again for ever: so as much again must be free.
        let twice = free.clampedAdding(bytes).clampedAdding(bytes)
        return SpaceShortage(neededBytes: max(reserveBytes, least, twice), freeBytes: free)
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
        return SpaceShortage(freeBytes: spare + reserveBytes + disk.beingWrittenBytes)
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
            throw problem(error, writing: bytes)
        }
        writtenBytes = writtenBytes.clampedAdding(bytes)
    }

    /// The problem that an error of the disk is.
    ///
    /// - Parameter bytes: of the write that it refused.
    func problem(_ error: SystemError, writing bytes: Int64 = 0) -> WriteProblem {
        error.isLackOfSpace ? .noSpace(shortage(refused: bytes), error) : .disk(error)
    }

    private func shortage(refused: Int64 = 0) -> SpaceShortage {
        reserve.shortage(after: writtenBytes, refused: refused, in: folder)
    }
}

extension Int64 {
    /// The sum, or the number nearest to it.
    fileprivate func clampedAdding(_ other: Int64) -> Int64 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? (other < 0 ? .min : .max) : sum
    }
}
