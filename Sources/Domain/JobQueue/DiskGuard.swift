// Decides from the room on the disk when downloads pause and when they go on. Pure: who measures,
// when, and what is done about it is somebody else's.

/// Keeps a reserve free.
struct DiskGuard {
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

    let reserveBytes: Int64
    private var state = State.ample

    init(reserveBytes: Int64) {
        self.reserveBytes = reserveBytes
    }

    var isLow: Bool {
        if case .ample = state { false } else { true }
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
