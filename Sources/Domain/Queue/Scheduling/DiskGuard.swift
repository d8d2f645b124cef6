// Decides from the free space of a disk when downloads pause and when they go on: a pure machine.

package import Jobs

/// Keeps a reserve free.
package struct DiskGuard {
    private enum Level {
        case ample
        /// Transfers are being cancelled and give their space back.
        case emptying(freeBytesAtPause: Int64, hadTransfers: Bool)
        /// After so many further checks the reserve alone is enough.
        case low(neededBytes: Int64, checks: Int)
    }

    /// The number of checks for which more space is required than the reserve.
    static let extraSpaceChecks = 120

    /// Free inodes that are required: for files in transfer and their parts. A file system for few
    /// files needs a tenth of its inodes.
    private static let inodesMin: Int64 = 256

    let reserveBytes: Int64
    private var level = Level.ample
    private var lacksInodes = false

    init(reserveBytes: Int64) {
        self.reserveBytes = reserveBytes
    }

    /// Whether a file system has room for too few files.
    package static func lacksInodes(_ count: InodeCount) -> Bool {
        count.free < inodesNeeded(count)
    }

    private static func inodesNeeded(_ count: InodeCount) -> Int64 {
        min(inodesMin, count.total / 10)
    }

    /// Evaluates a reading: why downloads pause; `nil` where they do not, or no reserve is set.
    mutating func problem(in reading: StorageReading, transfers: Int) -> StorageProblem? {
        if evaluate(freeBytes: reading.freeBytes, transfers: transfers) {
            return .lowSpace(freeBytes: reading.freeBytes, reserveBytes: reserveBytes)
        }
        guard reserveBytes > 0, let inodes = reading.inodes else { return nil }
        let needed = DiskGuard.inodesNeeded(inodes)
        // The inodes that cancelled transfers give back are not enough to start them again.
        lacksInodes = inodes.free < (lacksInodes ? 2 * needed : needed)
        return lacksInodes ? .lowInodes(free: inodes.free) : nil
    }

    /// Evaluates the free space.
    ///
    /// Cancelled transfers delete what they had written, which alone may restore the reserve. If
    /// they simply started again, they would fill the disk again, without end: so as much space as
    /// they had filled is required in addition. An administrator may have freed that space at the
    /// same moment, so it is required for ``extraSpaceChecks`` only: a disk is filled in vain
    /// seldom, and never blocked for good.
    ///
    /// - Returns: whether downloads pause.
    mutating func evaluate(freeBytes: Int64, transfers: Int) -> Bool {
        switch level {
        case .ample:
            if freeBytes < reserveBytes {
                level = .emptying(freeBytesAtPause: freeBytes, hadTransfers: transfers > 0)
            }
        case .emptying(let before, let hadTransfers):
            guard transfers == 0 else { break }
            let released = hadTransfers ? max(0, freeBytes - before) : 0
            let needed = max(reserveBytes, released > 0 ? freeBytes + released : 0)
            settle(freeBytes, needed, checks: DiskGuard.extraSpaceChecks)
        case .low(let needed, let checks):
            settle(freeBytes, checks > 0 ? needed : reserveBytes, checks: max(0, checks - 1))
        }
        return if case .ample = level { false } else { true }
    }

    private mutating func settle(_ freeBytes: Int64, _ neededBytes: Int64, checks: Int) {
        level =
            freeBytes >= neededBytes ? .ample : .low(neededBytes: neededBytes, checks: checks)
    }
}
