// Decides from the room on the disk when downloads pause and when they go on. Pure: who measures,
// when, and what is done about it is somebody else's.

package import Jobs

/// Keeps a reserve free.
package struct DiskGuard {
    /// What a look at the disk means.
    enum Change: Equatable {
        case pause
        case resume
    }

    private enum State {
        case ample
        /// Transfers are being put back.
        case emptying(freeBytesAtPause: Int64, hadTransfers: Bool)
        /// With how many further looks the reserve itself will be enough.
        case low(neededBytes: Int64, looks: Int)
    }

    /// For how many looks more room is asked for than the reserve.
    static let looksForMore = 120

    /// Files that there must be room for, however small: those under way, and their parts. A file
    /// system for few files has a tenth of them.
    static let inodesMin: Int64 = 256

    let reserveBytes: Int64
    private var state = State.ample
    private var lacksInodes = false

    init(reserveBytes: Int64) {
        self.reserveBytes = reserveBytes
    }

    var isLow: Bool {
        if case .ample = state { false } else { true }
    }

    /// Whether there is room for too few files.
    package static func lacksInodes(_ count: InodeCount) -> Bool {
        count.free < inodesNeeded(count)
    }

    private static func inodesNeeded(_ count: InodeCount) -> Int64 {
        min(inodesMin, count.total / 10)
    }

    /// Looks at the disk; what is wrong with it, `nil` where nothing is, or nothing is to be kept
    /// free.
    mutating func problem(in reading: StorageReading, transfers: Int) -> StorageProblem? {
        _ = look(freeBytes: reading.freeBytes, transfers: transfers)
        if isLow { return .lowSpace(freeBytes: reading.freeBytes, reserveBytes: reserveBytes) }
        guard reserveBytes > 0, let inodes = reading.inodes else { return nil }
        let needed = DiskGuard.inodesNeeded(inodes)
        // What transfers give back that are put back is not enough to begin again.
        lacksInodes = inodes.free < (lacksInodes ? 2 * needed : needed)
        return lacksInodes ? .lowInodes(free: inodes.free) : nil
    }

    /// Looks at the disk.
    ///
    /// Transfers that are put back give up what they had written, and with it perhaps enough for
    /// the reserve. If they simply began again, they would fill the disk again, for ever: so there
    /// has to be as much more room as they had filled. Whether it was they who gave it, or somebody
    /// who made room at that moment, nobody can tell: so that is asked for a while only, and
    /// whoever fills the disk in vain does so seldom.
    mutating func look(freeBytes: Int64, transfers: Int) -> Change? {
        switch state {
        case .ample:
            guard freeBytes < reserveBytes else { return nil }
            state = .emptying(freeBytesAtPause: freeBytes, hadTransfers: transfers > 0)
            return .pause
        case .emptying(let before, let hadTransfers):
            guard transfers == 0 else { return nil }
            let given = hadTransfers ? max(0, freeBytes - before) : 0
            let needed = max(reserveBytes, given > 0 ? freeBytes + given : 0)
            return resume(freeBytes, needed, looks: DiskGuard.looksForMore)
        case .low(let needed, let looks):
            return resume(freeBytes, looks > 0 ? needed : reserveBytes, looks: max(0, looks - 1))
        }
    }

    /// A transfer came to the reserve between two looks, or the disk refused its bytes, and it
    /// gives up what it had written.
    ///
    /// - Parameter neededBytes: what is to be free before anything begins; asked for a while only.
    /// - Returns: whether that is news.
    mutating func ranOut(neededBytes: Int64) -> Bool {
        guard case .ample = state else { return false }
        state = .low(
            neededBytes: max(reserveBytes, neededBytes), looks: DiskGuard.looksForMore)
        return true
    }

    private mutating func resume(
        _ freeBytes: Int64, _ neededBytes: Int64, looks: Int
    ) -> Change? {
        guard freeBytes >= neededBytes else {
            state = .low(neededBytes: neededBytes, looks: looks)
            return nil
        }
        state = .ample
        return .resume
    }
}
