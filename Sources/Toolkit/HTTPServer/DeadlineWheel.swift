// Many deadlines, cheaply: a wheel of coarse slots.

/// Finds the connections that may be due. A deadline that moves later costs nothing: the wheel
/// still reports the old one, and the owner asks for the new one then.
struct DeadlineWheel {
    /// What the owner finds a connection by.
    typealias Entry = UInt64

    /// The slots' width: how late a deadline may be noticed. A tenth of a second is nothing to
    /// time-outs of seconds, and 1024 slots reach beyond the longest, 75 s.
    static let tick = Duration.milliseconds(100)
    private static let tickNanoseconds: Int64 = 100_000_000
    private static let slotCount: Int64 = 1024

    private var slots = [[Entry]](repeating: [], count: Int(slotCount))
    /// All ticks before this one have been told.
    private var position: Int64
    /// No slot before this tick holds anything; `nil` when the wheel may be empty.
    private var earliest: Int64?

    /// - Parameter now: nanoseconds of the monotonic clock.
    init(now: Int64) {
        position = now / Self.tickNanoseconds
    }

    /// The tick in which a deadline is told: the first one that begins after it.
    static func tick(of deadline: Int64) -> Int64 { deadline / tickNanoseconds + 1 }

    /// Tells of the entry at the tick, or at the last slot's when that is too far away.
    ///
    /// - Returns: the tick at which the entry will be told.
    mutating func insert(_ entry: Entry, at tick: Int64) -> Int64 {
        let tick = min(max(tick, position), position + Self.slotCount - 1)
        slots[Int(tick % Self.slotCount)].append(entry)
        earliest = min(earliest ?? tick, tick)
        return tick
    }

    /// How long until something may be due, in nanoseconds; `nil` when nothing is waiting.
    func wait(from now: Int64) -> Int64? {
        earliest.map { max(0, $0 * Self.tickNanoseconds - now) }
    }

    /// Takes out the entries whose tick has begun, with their ticks.
    mutating func advance(to now: Int64) -> [(entry: Entry, tick: Int64)] {
        let current = now / Self.tickNanoseconds
        guard let first = earliest, first <= current else {
            position = max(position, current)
            return []
        }
        var due: [(entry: Entry, tick: Int64)] = []
        for tick in first...min(current, first + Self.slotCount - 1) {
            let slot = Int(tick % Self.slotCount)
            for entry in slots[slot] { due.append((entry, tick)) }
            slots[slot] = []
        }
        position = max(position, current + 1)
        earliest = (position..<position + Self.slotCount).first { tick in
            !slots[Int(tick % Self.slotCount)].isEmpty
        }
        return due
    }
}
