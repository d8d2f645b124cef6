// How much memory the requests and answers of one event loop hold, and whether that is too much.

import HTTP

/// What one connection, or all of a loop, hold in memory, in bytes.
struct HeldBytes: Hashable {
    /// Of requests that have not arrived as a whole: their clients may never send the rest.
    var arriving = 0
    /// Of requests that a handler is at work on, and of what has arrived behind them.
    var atWork = 0
    /// Of answers that their clients have not taken.
    var unsent = 0
}

/// One loop's account of ``ServerSettings/unfinishedBytesMax`` and
/// ``ServerSettings/unsentBytesMax``.
struct LoopMemory {
    private let unfinishedMax: Int
    private let unsentMax: Int
    private var held = HeldBytes()
    /// What each network has not taken of its answers, where that is anything.
    private var unsentByNetwork: [UInt64?: Int] = [:]

    /// An answer up to this size is always sent: all connections with one each take no more than
    /// ``ServerSettings/unsentBytesMax`` as well.
    private static let smallAnswerBytes = 16 * 1024

    init(_ settings: ServerSettings) {
        let loopCount = max(1, settings.loopCount)
        unfinishedMax = max(
            settings.limits.requestBytesMax, settings.unfinishedBytesMax / loopCount)
        unsentMax = settings.unsentBytesMax / loopCount
    }

    /// One connection of a network holds more or less than it did.
    mutating func change(from old: HeldBytes, to new: HeldBytes, of network: UInt64?) {
        held.arriving += new.arriving - old.arriving
        held.atWork += new.atWork - old.atWork
        guard new.unsent != old.unsent else { return }
        held.unsent += new.unsent - old.unsent
        let own = unsentByNetwork[network, default: 0] + new.unsent - old.unsent
        unsentByNetwork[network] = own > 0 ? own : nil
    }

    /// Whether a request has to be refused: there is too much, and not all of it is at work.
    var isUnfinishedExceeded: Bool {
        held.arriving + held.atWork > unfinishedMax && held.arriving > 0
    }

    /// Whether answers that wait for their clients take as much memory as they may, all together
    /// or those of one network: a half, so that a client that reads nothing leaves room for others.
    func isUnsentExceeded(by network: UInt64?) -> Bool {
        held.unsent > unsentMax || unsentByNetwork[network, default: 0] > unsentMax / 2
    }

    /// Whether an answer of this size to a network may be begun. A single one that is larger than
    /// all may be is let through where little else waits: it would never be otherwise.
    func hasFreeSpace(forAnswer bytes: Int, to network: UInt64?) -> Bool {
        bytes <= LoopMemory.smallAnswerBytes
            || held.unsent + min(bytes, unsentMax / 2) <= unsentMax
                && unsentByNetwork[network, default: 0] + min(bytes, unsentMax / 4) <= unsentMax / 2
    }
}
