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
        case low(neededBytes: Int64)
    }

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
    /// has to be as much more room as they had filled.
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
            state = .low(neededBytes: needed)
            return resume(freeBytes, needed)
        case .low(let needed):
            return resume(freeBytes, needed)
        }
    }

    private mutating func resume(_ freeBytes: Int64, _ neededBytes: Int64) -> Change? {
        guard freeBytes >= neededBytes else { return nil }
        state = .ample
        return .resume
    }
}
